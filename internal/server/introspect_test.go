package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

const (
	introspectPath    = "/oauth2/introspect"
	introspectionType = "application/token-introspection+jwt"
)

// introspect asks about a token with the credentials of the key.
func (i *instance) introspect(t tb, key admin.CreatedKey, token any) answer {
	t.Helper()
	return i.introspectAs(t, key, token, "")
}

func (i *instance) introspectAs(t tb, key admin.CreatedKey, token any, accept string) answer {
	t.Helper()
	return i.do(t, request{
		path: introspectPath, contentType: formType, body: fmt.Sprintf("token=%v", token),
		user: key.ClientID, password: key.ClientSecret, accept: accept,
	})
}

func (a answer) active(t tb) {
	t.Helper()
	if a.status != http.StatusOK || a.fields["active"] != true {
		t.Errorf("got %d %s, want it to be active", a.status, a.body)
	}
}

func (a answer) inactive(t tb) {
	t.Helper()
	if a.status != http.StatusOK || a.body != `{"active":false}` {
		t.Errorf("got %d %s, want it to be inactive", a.status, a.body)
	}
}

// api finds an API by its audience.
func (i *instance) api(t *testing.T, audience string) admin.API {
	t.Helper()
	var page admin.Page[admin.API]
	i.operate(t, http.MethodGet, "/admin/v1/apis", nil, &page)
	for _, api := range page.Items {
		if api.Audience == audience {
			return api
		}
	}
	t.Fatalf("there is no API %s", audience)
	return admin.API{}
}

// resourceServer makes a key that may introspect the tokens of the API.
func (i *instance) resourceServer(t *testing.T, audience string) admin.CreatedKey {
	t.Helper()
	key := i.create(t, admin.NewKey{Scopes: []string{"/accounts.write"}})
	i.operate(t, http.MethodPut, "/admin/v1/apis/"+i.api(t, audience).ID+"/resource-servers/"+key.ClientID, nil, nil)
	return key
}

// audit returns the whole audit trail.
func (i *instance) audit(t *testing.T) []admin.AuditRow {
	t.Helper()
	var page admin.Page[admin.AuditRow]
	i.operate(t, http.MethodGet, "/admin/v1/audit?limit=1000", nil, &page)
	return page.Items
}

func TestIntrospection(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	server := i.resourceServer(t, opaqueAudience)
	t.Run("RFC 7662 §2.2: an active token has these members in this order", func(t *testing.T) {
		tokens := i.token(t, key, "&scope=/opaque.read")
		shape := fmt.Sprintf(`^\{"active":true,"scope":"/opaque.read","client_id":"%s","token_type":"Bearer","exp":(\d+),"iat":(\d+),"sub":"%[1]s","aud":"%s","iss":"%s","jti":"[A-Za-z0-9_-]{43}","mode":"live"\}$`,
			key.ClientID, opaqueAudience, i.Issuer)
		for name, caller := range map[string]admin.CreatedKey{"its owner": key, "a resource server": server} {
			got := i.introspect(t, caller, tokens.fields["access_token"])
			times := regexp.MustCompile(shape).FindStringSubmatch(got.body)
			if times == nil {
				t.Fatalf("%s: got %s, want %s", name, got.body, shape)
			}
			expires, _ := strconv.ParseInt(times[1], 10, 64)
			issued, _ := strconv.ParseInt(times[2], 10, 64)
			if expires-issued != 3600 || time.Since(time.Unix(issued, 0)).Abs() > time.Minute {
				t.Errorf("iat is %d and exp %d", issued, expires)
			}
		}
	})
	t.Run("RFC 7662 §2.2: a JWT gives what it says itself", func(t *testing.T) {
		token := i.token(t, key, "&scope=/ping.read").fields["access_token"]
		got := i.introspect(t, key, token)
		for name, want := range i.verified(t, token).Claims {
			if number, ok := want.(json.Number); ok {
				want, _ = number.Float64()
			}
			if diff := cmp.Diff(want, got.fields[name]); diff != "" {
				t.Errorf("%s (-JWT +introspection):\n%s", name, diff)
			}
		}
	})
	t.Run("a token for two APIs names both", func(t *testing.T) {
		i.createAPI(t, admin.NewAPI{Audience: "https://second.example", Scopes: []string{"/second.read"}})
		both := i.create(t, admin.NewKey{Scopes: []string{"/second.read", "/ping.read"}})
		token := i.token(t, both, "").fields["access_token"]
		caller := i.resourceServer(t, "https://second.example")
		got := i.introspect(t, caller, token)
		got.active(t)
		if diff := cmp.Diff([]any{"https://second.example", "https://api.example.com"}, got.fields["aud"]); diff != "" {
			t.Errorf("aud (-want +got):\n%s", diff)
		}
		if len(got.fields["jti"].(string)) != 22 {
			t.Errorf("jti is %v", got.fields["jti"])
		}
		t.Run("RFC 9701 §5: a resource server sees the scopes of its own APIs", func(t *testing.T) {
			ofBoth := i.resourceServer(t, "https://second.example")
			i.operate(t, http.MethodPut, "/admin/v1/apis/"+i.api(t, "https://api.example.com").ID+"/resource-servers/"+ofBoth.ClientID, nil, nil)
			for _, tt := range []struct {
				name  string
				key   admin.CreatedKey
				scope string
			}{
				{"the owner", both, "/second.read /ping.read"},
				{"the resource server of one API", caller, "/second.read"},
				{"the resource server of both", ofBoth, "/second.read /ping.read"},
			} {
				if scope := i.introspect(t, tt.key, token).fields["scope"]; scope != tt.scope {
					t.Errorf("%s sees %v, want %s", tt.name, scope, tt.scope)
				}
				signed := i.verified(t, i.introspectAs(t, tt.key, token, introspectionType).body).Claims["token_introspection"].(map[string]any)
				if signed["scope"] != tt.scope {
					t.Errorf("signed: %s sees %v, want %s", tt.name, signed["scope"], tt.scope)
				}
			}
		})
	})
	t.Run("a refresh token is shown to its key only, and is no bearer token", func(t *testing.T) {
		token := i.token(t, key, "&scope=/opaque.read").granted(t)
		got := i.introspect(t, key, token)
		got.active(t)
		if _, there := got.fields["token_type"]; there || got.fields["scope"] != "/opaque.read" || got.fields["aud"] != opaqueAudience {
			t.Errorf("got %s", got.body)
		}
		i.introspect(t, server, token).inactive(t)
	})
	t.Run("the JSON dialect is answered the same", func(t *testing.T) {
		token := i.token(t, key, "&scope=/opaque.read").fields["access_token"]
		body := fmt.Sprintf(`{"token":"%v","client_id":"%s","client_secret":"%s"}`, token, server.ClientID, server.ClientSecret)
		got := i.do(t, request{path: introspectPath, contentType: "application/json", body: body})
		if got.body != i.introspect(t, server, token).body {
			t.Errorf("got %d %s", got.status, got.body)
		}
		got.active(t)
	})
	t.Run("RFC 7662 §2.1: a wrong or unknown hint changes nothing", func(t *testing.T) {
		token := i.token(t, key, "&scope=/opaque.read").fields["access_token"]
		for _, hint := range []string{"refresh_token", "access_token", "what_ever"} {
			i.introspect(t, key, fmt.Sprintf("%v&token_type_hint=%s", token, hint)).active(t)
		}
	})
}

func TestIntrospectionRequests(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	token := i.token(t, key, "&scope=/opaque.read").fields["access_token"]
	t.Run("RFC 7662 §2.1: without authentication nothing is said", func(t *testing.T) {
		for _, r := range []request{{}, {user: key.ClientID, password: "wrong"}, {header: fmt.Sprintf("Bearer %v", token)}} {
			for _, text := range []any{token, "nonsense"} {
				r.path, r.contentType, r.body = introspectPath, formType, fmt.Sprintf("token=%v", text)
				got := i.do(t, r)
				// RFC 7662 §2.3: a caller that fails to authenticate gets 401.
				if got.status != http.StatusUnauthorized || got.fields["error"] != string(oauth.InvalidClient) || got.fields["active"] != nil {
					t.Errorf("got %d %s", got.status, got.body)
				}
			}
		}
	})
	t.Run("RFC 7662 §2.1: token is required", func(t *testing.T) {
		got := i.introspect(t, key, "")
		if got.status != http.StatusBadRequest || got.fields["error"] != string(oauth.InvalidRequest) {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("RFC 7662 §4: the token is not read from the URL", func(t *testing.T) {
		got := i.do(t, request{path: introspectPath + fmt.Sprintf("?token=%v", token), contentType: formType, user: key.ClientID, password: key.ClientSecret})
		if got.status != http.StatusBadRequest {
			t.Errorf("got %d %s", got.status, got.body)
		}
		got = i.do(t, request{method: http.MethodGet, path: introspectPath, user: key.ClientID, password: key.ClientSecret})
		if got.status != http.StatusMethodNotAllowed {
			t.Errorf("GET: got %d %s", got.status, got.body)
		}
	})
	t.Run("RFC 7662 §4: the answer must not be cached", func(t *testing.T) {
		got := i.introspect(t, key, token)
		if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("got %v", got.header)
		}
	})
}

func TestWhoMayKnow(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	ofOpaque, ofDemo := i.resourceServer(t, opaqueAudience), i.resourceServer(t, "https://api.example.com")
	stranger := i.create(t, admin.NewKey{Scopes: []string{"/ping.read", "/opaque.read"}})
	for name, tt := range map[string]struct {
		scope       string
		may, mayNot admin.CreatedKey
	}{
		"opaque": {"&scope=/opaque.read", ofOpaque, ofDemo},
		"JWT":    {"&scope=/ping.read", ofDemo, ofOpaque},
	} {
		t.Run(name, func(t *testing.T) {
			token := i.token(t, key, tt.scope).fields["access_token"]
			for _, accept := range []string{"application/json", introspectionType} {
				for caller, want := range map[*admin.CreatedKey]bool{&tt.may: true, &key: true, &tt.mayNot: false, &stranger: false} {
					got := i.introspectAs(t, *caller, token, accept)
					if shown := strings.Contains(i.plain(t, got), `"active":true`); shown != want {
						t.Errorf("%s: got %s, want active %t", accept, got.body, want)
					}
				}
			}
			t.Run("RFC 7662 §2.2: whoever may not know gets the same bytes as for no token", func(t *testing.T) {
				i.introspect(t, tt.mayNot, token).inactive(t)
				i.introspect(t, tt.mayNot, "nonsense").inactive(t)
			})
		})
	}
	t.Run("RFC 7662 §4: a resource server that was removed knows nothing", func(t *testing.T) {
		token := i.token(t, key, "&scope=/opaque.read").fields["access_token"]
		i.introspect(t, ofOpaque, token).active(t)
		i.operate(t, http.MethodDelete, "/admin/v1/apis/"+i.api(t, opaqueAudience).ID+"/resource-servers/"+ofOpaque.ClientID, nil, nil)
		i.introspect(t, ofOpaque, token).inactive(t)
	})
}

// plain returns the introspection response inside an answer of either form.
func (i *instance) plain(t *testing.T, got answer) string {
	t.Helper()
	if got.header.Get("Content-Type") != introspectionType {
		return got.body
	}
	inner, err := json.Marshal(i.verified(t, got.body).Claims["token_introspection"])
	if err != nil {
		t.Fatal(err)
	}
	return string(inner)
}

func TestATokenThatIsOverIsInactive(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	server := map[string]admin.CreatedKey{}
	owner := i.twoFormats(t)
	server["opaque"], server["JWT"] = i.resourceServer(t, opaqueAudience), i.resourceServer(t, "https://api.example.com")
	for _, tt := range []struct {
		name string
		end  func(t *testing.T, key admin.CreatedKey, token any)
	}{
		{"RFC 7662 §4: it expired", func(*testing.T, admin.CreatedKey, any) { c.advance(61 * time.Minute); i.untilReady(t) }},
		{"RFC 7662 §4: it was revoked", func(t *testing.T, key admin.CreatedKey, token any) { i.revoke(t, key, token, "").revoked(t) }},
		{"an operator revoked it", func(t *testing.T, _ admin.CreatedKey, token any) {
			i.operate(t, http.MethodPost, "/admin/v1/tokens/revoke", map[string]any{"token": token}, nil)
		}},
		{"its key was disabled", func(t *testing.T, key admin.CreatedKey, _ any) {
			i.operate(t, http.MethodPost, "/admin/v1/keys/"+key.ClientID+"/disable", nil, nil)
		}},
		{"its key was deleted", func(t *testing.T, key admin.CreatedKey, _ any) {
			i.operate(t, http.MethodDelete, "/admin/v1/keys/"+key.ClientID, nil, nil)
		}},
		{"all tokens of its key were revoked", func(t *testing.T, key admin.CreatedKey, _ any) {
			i.operate(t, http.MethodPost, "/admin/v1/keys/"+key.ClientID+"/revoke-tokens", admin.TokenRevocation{}, nil)
		}},
		{"all tokens of its API were revoked", func(t *testing.T, _ admin.CreatedKey, _ any) {
			for _, audience := range []string{opaqueAudience, "https://api.example.com"} {
				i.operate(t, http.MethodPost, "/admin/v1/apis/"+i.api(t, audience).ID+"/revoke-tokens", admin.TokenRevocation{}, nil)
			}
		}},
		{"all tokens were revoked", func(t *testing.T, _ admin.CreatedKey, _ any) {
			i.operate(t, http.MethodPost, "/admin/v1/revoke-tokens", admin.TokenRevocation{}, nil)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, scope := range formats() {
				key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read", "/opaque.read"}})
				token := i.token(t, key, scope).fields["access_token"]
				i.introspect(t, server[name], token).active(t)
				tt.end(t, key, token)
				i.introspect(t, server[name], token).inactive(t)
			}
			i.introspect(t, server["JWT"], i.token(t, owner, "&scope=/ping.read").fields["access_token"]).active(t)
		})
	}
}

func TestARevokedSigningKeyEndsItsTokens(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	jwt, opaque := i.token(t, key, "&scope=/ping.read"), i.token(t, key, "&scope=/opaque.read")
	kid := i.verified(t, jwt.fields["access_token"]).KeyID
	i.introspect(t, key, jwt.fields["access_token"]).active(t)
	i.operate(t, http.MethodPost, "/admin/v1/signing-keys/"+kid+"/revoke", nil, nil)
	i.introspect(t, key, jwt.fields["access_token"]).inactive(t)
	i.introspect(t, key, opaque.fields["access_token"]).active(t)
	i.introspect(t, key, i.refresh(t, key, jwt.granted(t), "").fields["access_token"]).active(t)
}

func TestIntrospectionSaysHowOldItIs(t *testing.T) {
	c, cut := &clock{}, make(chan struct{})
	i := startOn(t, c, nil, func(s store.Store) store.Store { return unreadable{s, cut} })
	key := i.twoFormats(t)
	token := i.token(t, key, "&scope=/opaque.read").fields["access_token"]
	age := func(got answer) float64 {
		text := got.header.Get("Grantd-Data-Age")
		if !regexp.MustCompile(`^[0-9]+\.[0-9]{3}$`).MatchString(text) {
			t.Fatalf("Grantd-Data-Age is %q in %d %s", text, got.status, got.body)
		}
		seconds, _ := strconv.ParseFloat(text, 64)
		return seconds
	}
	for _, accept := range []string{"", introspectionType} {
		if got := age(i.introspectAs(t, key, token, accept)); got > 5 {
			t.Errorf("a fresh answer is %f seconds old", got)
		}
	}
	close(cut)
	c.advance(4 * time.Minute)
	got := i.introspect(t, key, token)
	got.active(t)
	if age(got) < 240 || age(got) > 260 {
		t.Errorf("after four minutes it is %f seconds old", age(got))
	}
	// To somebody with a stolen token it would say for how long a revocation goes
	// unnoticed here.
	stranger := i.introspect(t, admin.CreatedKey{}, token)
	if told := stranger.header.Get("Grantd-Data-Age"); stranger.status != http.StatusUnauthorized || told != "" {
		t.Errorf("a stranger got %d and is told that the server is %s seconds behind", stranger.status, told)
	}
	c.advance(2 * time.Minute)
	got = i.introspect(t, key, token)
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("after six minutes: got %d %s", got.status, got.body)
	}
}

func TestSignedIntrospection(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	i.createAPI(t, admin.NewAPI{Audience: "https://eddsa.example", Scopes: []string{"/eddsa"}, Algorithm: keys.EdDSA})
	ofOpaque, ofBoth := i.resourceServer(t, opaqueAudience), i.resourceServer(t, "https://eddsa.example")
	token := i.token(t, key, "&scope=/opaque.read").fields["access_token"]
	got := i.introspectAs(t, ofOpaque, token, introspectionType)
	seen := i.verified(t, got.body)
	t.Run("RFC 9701 §5: typ, content type and claims of a signed answer", func(t *testing.T) {
		if seen.Header["typ"] != "token-introspection+jwt" || got.header.Get("Content-Type") != introspectionType || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("got header %v and %v", seen.Header, got.header)
		}
		issued, _ := seen.Claims["iat"].(json.Number).Int64()
		if len(seen.Claims) != 4 || seen.Claims["iss"] != i.Issuer || seen.Claims["aud"] != ofOpaque.ClientID || time.Since(time.Unix(issued, 0)).Abs() > time.Minute {
			t.Errorf("got claims %v", seen.Claims)
		}
		if diff := cmp.Diff(i.introspect(t, ofOpaque, token).fields, plainNumbers(t, seen.Claims["token_introspection"])); diff != "" {
			t.Errorf("(-JSON +JWT):\n%s", diff)
		}
	})
	t.Run("RFC 9701 §5: a token that is not active has no other member", func(t *testing.T) {
		for _, text := range []any{"nonsense", i.token(t, key, "&scope=/ping.read").fields["access_token"]} {
			inner := i.verified(t, i.introspectAs(t, ofOpaque, text, introspectionType).body).Claims["token_introspection"]
			if diff := cmp.Diff(any(map[string]any{"active": false}), inner); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
	t.Run("the algorithm follows from the caller alone", func(t *testing.T) {
		for _, tt := range []struct {
			caller admin.CreatedKey
			want   string
		}{{ofOpaque, keys.ES256}, {ofBoth, keys.EdDSA}, {key, keys.ES256}} {
			for _, text := range []any{token, "nonsense"} {
				signed := i.verified(t, i.introspectAs(t, tt.caller, text, introspectionType).body)
				if signed.Header["alg"] != tt.want {
					t.Errorf("got %v, want %s", signed.Header, tt.want)
				}
			}
		}
	})
	t.Run("RFC 9701 §8.1: a signed answer is no access token", func(t *testing.T) {
		rows := len(i.audit(t))
		i.introspect(t, ofOpaque, got.body).inactive(t)
		i.revoke(t, ofOpaque, got.body, "").revoked(t)
		if len(i.audit(t)) != rows {
			t.Error("it was revoked as if it were one")
		}
	})
	t.Run("RFC 9701 §5: without authentication there is no signed answer", func(t *testing.T) {
		refused := i.introspectAs(t, admin.CreatedKey{}, token, introspectionType)
		if refused.status != http.StatusUnauthorized || refused.header.Get("Content-Type") != "application/json" {
			t.Errorf("got %d %s", refused.status, refused.body)
		}
	})
	t.Run("RFC 9701 §4: Accept asks for the signed form", func(t *testing.T) {
		for accept, want := range map[string]string{
			introspectionType: introspectionType, "": "application/json", "*/*": "application/json", "text/html": "application/json",
		} {
			if got := i.introspectAs(t, key, token, accept).header.Get("Content-Type"); got != want {
				t.Errorf("Accept %q: got %s, want %s", accept, got, want)
			}
		}
	})
}

func TestTheMetadataNamesTheEndpoints(t *testing.T) {
	i := start(t, nil)
	var metadata oauth.Metadata
	err := json.Unmarshal([]byte(i.do(t, get("/.well-known/oauth-authorization-server")).body), &metadata)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("RFC 9701 §7: the metadata lists the algorithms of signed answers", func(t *testing.T) {
		if diff := cmp.Diff(keys.Algorithms(), metadata.IntrospectionSigningAlgValuesSupported); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	methods := []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost, oauth.PrivateKeyJWT}
	for address, supported := range map[string][]oauth.AuthMethod{
		metadata.IntrospectionEndpoint: metadata.IntrospectionEndpointAuthMethodsSupported,
		metadata.RevocationEndpoint:    metadata.RevocationEndpointAuthMethodsSupported,
	} {
		path, found := strings.CutPrefix(address, i.Issuer)
		if diff := cmp.Diff(methods, supported); diff != "" || !found {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
		basic := request{path: path, contentType: formType, body: "token=x", user: i.Demo.Plain.ClientID, password: i.Demo.Plain.ClientSecret}
		post := request{path: path, contentType: formType, body: "token=x&client_id=" + i.Demo.Plain.ClientID + "&client_secret=" + i.Demo.Plain.ClientSecret}
		for _, r := range []request{basic, post} {
			if got := i.do(t, r); got.status != http.StatusOK {
				t.Errorf("%s: got %d %s", path, got.status, got.body)
			}
		}
	}
}

// plainNumbers turns the numbers of verified claims into those of answer.fields.
func plainNumbers(t *testing.T, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	err = json.Unmarshal(text, &plain)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// Whatever byte of whatever token is another one, the token is none.
func TestATokenThatWasAlteredAnywhereIsInactive(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	for name, scope := range formats() {
		tokens := i.token(t, key, scope)
		for _, kind := range []string{"access_token", "refresh_token"} {
			t.Run(name+", "+kind, func(t *testing.T) {
				text, _ := tokens.fields[kind].(string)
				for n := range text {
					other := byte('A')
					if text[n] == other {
						other = 'B'
					}
					i.introspect(t, key, text[:n]+string(other)+text[n+1:]).inactive(t)
				}
				i.introspect(t, key, text).active(t)
			})
		}
	}
}
