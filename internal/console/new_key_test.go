package console

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

const walletScope, walletField = "/accounts/{accountID}/wallets.read", "value./accounts/{accountID}/wallets.read.accountID"

// newest returns the key that a page has just made.
func (r *running) newest(got answer) admin.Key {
	r.t.Helper()
	found := regexp.MustCompile(`/console/keys/([\w-]{16})"`).FindStringSubmatch(got.body)
	if got.Code != http.StatusOK || found == nil {
		r.t.Fatalf("got %d and no key: %s", got.Code, got.body)
	}
	return r.shown(found[1])
}

func TestValuesOfParametersArePicked(t *testing.T) {
	tests := []struct{ name, typed, want, wrong string }{
		{"one value", "a1", "/accounts/a1/wallets.read", ""},
		{"several with spaces and bars", " a2|a1\ta3 a1 ", "/accounts/{accountID=a1|a2|a3}/wallets.read", ""},
		{"any", "any", walletScope, ""},
		{"nothing is not any", " ", "", "or the word any for every one."},
		{"a slash", "a/b", "", "A value has none of"},
		{"a parameter of its own", "{x}", "", "A value has none of"},
		{"a dot segment", "..", "", "A value has none of"},
		{"what is no slug", "a,b", "", "Scope /accounts/a,b/wallets.read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := start(t)
			r.withKey()
			got := r.request("POST", "/console/keys/new", r.signedIn("ada", store.Developer), url.Values{
				"name": {"picked"}, "mode": {"live"}, "scope": {walletScope}, walletField: {test.typed},
			})
			if test.wrong != "" {
				_, after, _ := strings.Cut(got.body, `name="`+walletField)
				beside, _, _ := strings.Cut(after, "</div>")
				if got.Code != http.StatusUnprocessableEntity || !strings.Contains(beside, test.wrong) {
					t.Errorf("got %d, want %q beside the field: %s", got.Code, test.wrong, beside)
				}
				return
			}
			if key := r.newest(got); strings.Join(key.Scopes, " ") != test.want {
				t.Errorf("got %v, want %s", key.Scopes, test.want)
			}
		})
	}
}

func TestErrorsStandBesideTheirFields(t *testing.T) {
	tests := []struct{ field, typed, want string }{
		{"name", " ", "The name is missing"},
		{"owner", " acme", "begins or ends with a space"},
		{"more", "/unknown", "/unknown"},
		{"origins", "https://a.example\nexample", "has no scheme"},
		{"networks", "192.0.2.1", "is an address"},
		{"valid_from", "tomorrow", "Write a time in UTC"},
		{"valid_until", "2000-01-01T00:00", ""},
		{"requests_per_second", "many", "Write a whole number"},
		{"burst", "5", "there is no requests_per_second"},
		{"tokens_per_hour", "-1", "Write a whole number"},
		{"tokens_per_day", "99999999999", "is not between"},
		{"access_token_lifetime", "2y", "Write how long"},
		{"access_token_lifetime", "48h", "out of range"},
		{"claims", `{"a":1,"a":2}`, "is there twice"},
		{"claims", `{"sub":"x"}`, "sub"},
		{"claims", `[]`, ""},
		{"secret_expires_in", "1.5s", "Write how long"},
		{"jwks", "x", "JSON"},
		{"auth_methods", "none", "Auth_methods cannot be"},
		{"assertion_audience", "me", ""},
		{"assertion_algorithms", "none", ""},
	}
	r := start(t)
	r.withKey()
	cookie := r.signedIn("ada", store.Developer)
	_, public := pair(t)
	for _, test := range tests {
		form := url.Values{"name": {"k"}, "mode": {"live"}, "scope": {"/accounts.read"}}
		if test.field == "valid_until" {
			form.Set("valid_from", "2001-01-01T00:00")
		}
		if test.field == "jwks" || strings.HasPrefix(test.field, "assertion") {
			form.Set("auth_methods", string(oauth.PrivateKeyJWT))
			form.Set("jwks", public)
		}
		form.Set(test.field, test.typed)
		got := r.request("POST", "/console/keys/new", cookie, form)
		_, after, found := strings.Cut(got.body, `name="`+test.field+`"`)
		_, beside, _ := strings.Cut(after, `<p class="wrong" role="alert">`)
		beside, _, _ = strings.Cut(beside, "</p>")
		if got.Code != http.StatusUnprocessableEntity || !found || beside == "" || !strings.Contains(beside, test.want) {
			t.Errorf("%s %q: got %d, and beside it %q, want %q", test.field, test.typed, got.Code, beside, test.want)
		}
	}
}

// pair returns a private and a public key in PEM.
func pair(t *testing.T) (private, public string) {
	t.Helper()
	made, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(made)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return block("PRIVATE KEY", privateDER), block("PUBLIC KEY", publicDER)
}

func TestAKeyThatSignsHasNoSecret(t *testing.T) {
	r := start(t)
	r.withKey()
	cookie := r.signedIn("ada", store.Developer)
	private, public := pair(t)
	form := url.Values{
		"name": {"signer"}, "mode": {"live"}, "scope": {"/accounts.read"}, "auth_methods": {"private_key_jwt"}, "secret_expires_in": {"90d"},
		"assertion_audience": {"issuer"}, "jwks": {private},
	}
	got := r.request("POST", "/console/keys/new", cookie, form)
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.body, "It is a private key") {
		t.Errorf("a private key: got %d", got.Code)
	}
	form.Set("jwks", public)
	got = r.request("POST", "/console/keys/new", cookie, form)
	key := r.newest(got)
	if len(key.Secrets) != 0 || len(key.JWKS) == 0 || strings.Contains(got.body, `id="secret"`) || !strings.Contains(got.body, "snippet-node") {
		t.Errorf("got %+v: %s", key, got.body)
	}
	got = r.request("POST", "/console/keys/"+key.ClientID+"/edit", cookie, r.typed(key.ClientID))
	if got.Code != http.StatusSeeOther || r.shown(key.ClientID).Version != key.Version {
		t.Errorf("an untouched form: got %d: %s", got.Code, got.body)
	}
	back := r.typed(key.ClientID)
	back.Set("auth_methods", bothSecrets)
	got = r.request("POST", "/console/keys/"+key.ClientID+"/edit", cookie, back)
	if now := r.shown(key.ClientID); got.Code != http.StatusSeeOther || len(now.JWKS) != 0 || len(now.AuthMethods) != 2 {
		t.Errorf("back to a secret: got %d, %+v", got.Code, now)
	}
	got = r.request("GET", "/console/keys/"+key.ClientID, cookie, nil)
	if !strings.Contains(got.body, "Rotate: add a secret") {
		t.Error("the page has no way to give it its first secret")
	}
}

// TestADeveloperCannotReachTheAdminAPI: with such a key, who may not change APIs here
// could do so there.
func TestADeveloperCannotReachTheAdminAPI(t *testing.T) {
	r := start(t)
	r.withKey()
	r.UseCases.AdminAudience = "https://auth.example.com/admin"
	made, err := r.UseCases.CreateAdminKey(t.Context(), "test", admin.NewKey{Name: "provider", Scopes: []string{admin.ScopeAPIsWrite}})
	if err != nil {
		t.Fatal(err)
	}
	developer, root := r.signedIn("ada", store.Developer), r.signedIn("root", store.Admin)
	path := "/console/keys/" + made.ClientID
	asked := url.Values{"name": {"k"}, "mode": {"live"}, "scope": {admin.ScopeAPIsWrite}}
	other := r.request("POST", "/console/keys/new", developer, url.Values{"name": {"own"}, "mode": {"live"}, "scope": {"/accounts.read"}})
	widened := r.typed(r.newest(other).ClientID)
	widened.Add("scope", admin.ScopeAPIsWrite)
	narrowed := r.typed(made.ClientID)
	narrowed.Set("scope", "/accounts.read")
	tests := []struct {
		name, path string
		form       url.Values
	}{
		{"make", "/console/keys/new", asked},
		{"widen", "/console/keys/" + r.newest(other).ClientID + "/edit", widened},
		{"change", path + "/edit", r.typed(made.ClientID)},
		{"narrow", path + "/edit", narrowed},
		{"give a secret", path + "/rotate", url.Values{"name": {"second"}}},
		{"enable", path + "/enable", url.Values{}},
	}
	for _, test := range tests {
		got := r.request("POST", test.path, developer, test.form)
		if got.Code != http.StatusForbidden || !strings.Contains(got.body, "can do more than a developer") {
			t.Errorf("a developer, %s: got %d", test.name, got.Code)
		}
	}
	for _, test := range tests {
		got := r.request("POST", test.path, root, test.form)
		if got.Code >= http.StatusBadRequest {
			t.Errorf("an admin, %s: got %d: %s", test.name, got.Code, got.body)
		}
	}
}
