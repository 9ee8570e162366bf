package admin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// publicKey makes a public key, and its private half.
func publicKey(t *testing.T, kid string) (public, private jsontext.Value) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err = json.Marshal(jose.JSONWebKey{Key: pair.Public(), KeyID: kid})
	if err == nil {
		private, err = json.Marshal(jose.JSONWebKey{Key: pair, KeyID: kid})
	}
	if err != nil {
		t.Fatal(err)
	}
	return public, private
}

func signingKeyOf(jwks jsontext.Value) admin.NewKey {
	return admin.NewKey{Name: "signs", Scopes: []string{"/a.read"}, AuthMethods: []oauth.AuthMethod{oauth.PrivateKeyJWT}, JWKS: jwks}
}

// startWithAPI has one API with the scope /a.read.
func startWithAPI(t *testing.T) *running {
	t.Helper()
	s := start(t, t.TempDir())
	_, err := s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://a.example", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAKeyThatSigns(t *testing.T) {
	s := startWithAPI(t)
	first, _ := publicKey(t, "first")
	second, _ := publicKey(t, "second")
	made, err := s.CreateKey(t.Context(), signingKeyOf(first))
	if err != nil {
		t.Fatal(err)
	}
	if made.ClientSecret != "" || len(made.Secrets) != 0 || made.AssertionAudience != store.IssuerAudience || !strings.Contains(string(made.JWKS), `"kid":"first"`) {
		t.Errorf("created %+v", made)
	}
	both := jsontext.Value(`{"keys":[` + string(first) + `,` + string(second) + `]}`)
	lax := store.IssuerOrEndpointAudience
	changed, err := s.UpdateKey(t.Context(), made.ClientID, admin.KeyChange{JWKS: &both, AssertionAudience: &lax, AssertionAlgorithms: &[]string{"ES256"}})
	if err != nil || changed.AssertionAudience != lax || !strings.Contains(string(changed.JWKS), `"kid":"second"`) {
		t.Errorf("rotated: %+v, %v", changed, err)
	}
	shown, err := s.ShowKey(t.Context(), made.ClientID)
	if diff := cmp.Diff(changed.JWKS, shown.JWKS); err != nil || diff != "" {
		t.Errorf("%v (-changed +shown):\n%s", err, diff)
	}
	_, err = s.AddSecret(t.Context(), made.ClientID, admin.NewSecret{Name: "s"})
	if err == nil || !strings.Contains(err.Error(), "takes no secret") {
		t.Errorf("a secret: %v", err)
	}

	exported, err := s.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(*exported.Keys, func(k admin.ManifestKey) bool { return k.ClientID == made.ClientID })
	k := (*exported.Keys)[at]
	if k.AuthMethods != nil || len(k.JWKS) == 0 || k.AssertionAudience != lax {
		t.Errorf("exported %+v", k)
	}
	other := startWithAPI(t)
	plan, err := other.Apply(t.Context(), admin.Apply{Manifest: exported})
	if err != nil || len(plan.Changes) != 1 || plan.Changes[0].WithoutSecret {
		t.Errorf("applied elsewhere: %+v, %v", plan, err)
	}
	(*exported.Keys)[at].JWKS = second
	plan, err = other.Apply(t.Context(), admin.Apply{Manifest: exported, DryRun: true})
	if err != nil || len(plan.Changes) != 1 || plan.Changes[0].Differences[0].Field != "jwks" || !strings.Contains(plan.Changes[0].Differences[0].From, "(kid first)") {
		t.Errorf("a key taken away: %+v, %v", plan, err)
	}

	secret := []oauth.AuthMethod{oauth.ClientSecretBasic}
	none := jsontext.Value(`{}`)
	back, err := s.UpdateKey(t.Context(), made.ClientID, admin.KeyChange{AuthMethods: &secret, JWKS: &none})
	if err != nil || back.JWKS != nil || back.AssertionAudience != "" {
		t.Errorf("back to secrets: %+v, %v", back, err)
	}
	_, err = s.AddSecret(t.Context(), made.ClientID, admin.NewSecret{Name: "s"})
	if err != nil {
		t.Errorf("a secret then: %v", err)
	}
}

func TestAKeyThatSignsUnderAnIDOfItsOwn(t *testing.T) {
	s := startWithAPI(t)
	in := signingKeyOf(first(publicKey(t, "")))
	in.ClientID = "moved"
	made, err := s.CreateKey(t.Context(), in)
	if err != nil || made.ClientID != "moved" || len(made.Secrets) != 0 {
		t.Errorf("got %+v, %v", made, err)
	}
}

func first(public, _ jsontext.Value) jsontext.Value { return public }

func TestWhatAKeyThatSignsCannotBe(t *testing.T) {
	s := startWithAPI(t)
	public, private := publicKey(t, "k")
	for _, tt := range []struct {
		name   string
		change func(k *admin.NewKey)
		field  string
		detail string
	}{
		{"a private key", func(k *admin.NewKey) { k.JWKS = private }, "jwks.keys[0]", `the member "d"`},
		{"no keys", func(k *admin.NewKey) { k.JWKS = nil }, "jwks", "no public key"},
		{"an empty object", func(k *admin.NewKey) { k.JWKS = jsontext.Value("{ }") }, "jwks", "no public key"},
		{"a text", func(k *admin.NewKey) { k.JWKS = jsontext.Value(`"x"`) }, "jwks", "not a JSON object"},
		{"another method beside it", func(k *admin.NewKey) { k.AuthMethods = append(k.AuthMethods, oauth.ClientSecretPost) }, "auth_methods", "beside another"},
		{"keys for a secret", func(k *admin.NewKey) { k.AuthMethods = []oauth.AuthMethod{oauth.ClientSecretPost} }, "auth_methods", "not allowed"},
		{"an unknown method", func(k *admin.NewKey) { k.AuthMethods = []oauth.AuthMethod{"tls_client_auth"} }, "auth_methods", ""},
		{"a secret", func(k *admin.NewKey) { k.ClientID, k.ClientSecret = "id", "0123456789abcdef" }, "client_secret", "beside the public keys"},
		{"an end of a secret", func(k *admin.NewKey) { k.SecretExpiresIn = 60 }, "secret_expires_at", "no secret"},
		{"an algorithm that its keys do not have", func(k *admin.NewKey) { k.AssertionAlgorithms = []string{"RS256"} }, "assertion_algorithms[0]", "none of the keys"},
		{"an unknown audience", func(k *admin.NewKey) { k.AssertionAudience = "all" }, "assertion_audience", "none of"},
		{"an audience without keys", func(k *admin.NewKey) { k.JWKS, k.AuthMethods, k.AssertionAudience = nil, nil, store.IssuerAudience }, "jwks", "no key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := signingKeyOf(public)
			tt.change(&in)
			_, err := s.CreateKey(t.Context(), in)
			problem, ok := errors.AsType[*web.Problem](err)
			if !ok || problem.Field != tt.field || !strings.Contains(problem.Detail, tt.detail) || problem.Hint == "" {
				t.Errorf("got %+v, want %s: …%s…", err, tt.field, tt.detail)
			}
			if ok && strings.Contains(problem.Detail+problem.Hint, string(private)) {
				t.Error("the answer has the private key in it")
			}
		})
	}
}
