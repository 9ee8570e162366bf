package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// reading is an inspector that knows one token.
type reading struct {
	token string
	says  admin.Inspection
}

func (i reading) Inspect(token string) admin.Inspection {
	if token != i.token {
		return admin.Inspection{Why: "it is no token of this server"}
	}
	return i.says
}

func TestTheInspectorShowsAllClaimsAndNeverTheToken(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Viewer)
	const token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
	r.UseCases.Tokens = reading{token, admin.Inspection{
		Kind: admin.AccessToken, Active: true, ClientID: scripted, Scope: "/a", Family: "family",
		Header:  []admin.TokenMember{{Name: "alg", Value: `"ES256"`}, {Name: "typ", Value: `"at+jwt"`}},
		Members: []admin.TokenMember{{Name: "aud", Value: `"` + scripted + `"`}, {Name: scripted, Value: "1"}},
	}}
	got := r.request("POST", "/console/inspect", cookie, url.Values{"token": {token}})
	claims, header := textOf(between(got.body, `id="claims"`, "</dl>")), textOf(between(got.body, `id="header"`, "</dl>"))
	if got.Code != http.StatusOK || !strings.HasSuffix(header, "alg &#34;ES256&#34; typ &#34;at&#43;jwt&#34;") || !strings.Contains(claims, "aud ") {
		t.Errorf("got %d, header %q, claims %q", got.Code, header, claims)
	}
	wrong := r.request("POST", "/console/inspect", cookie, url.Values{"token": {token + scripted}})
	if wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, `class="wrong"`) {
		t.Errorf("another token: got %d", wrong.Code)
	}
	for _, part := range append(strings.Split(token, "."), "<script>alert") {
		if strings.Contains(got.body, part) || strings.Contains(wrong.body, part) || strings.Contains(r.log.String(), part) {
			t.Errorf("%s is in a page or in the log", part)
		}
	}
}

func TestASealedTokenHasNoClaimsToShow(t *testing.T) {
	r := start(t)
	r.UseCases.Tokens = reading{"sealed", admin.Inspection{Kind: admin.RefreshToken, Why: "it was revoked"}}
	got := r.request("POST", "/console/inspect", r.signedIn("ada", store.Viewer), url.Values{"token": {"sealed"}})
	if said := textOf(got.body); !strings.Contains(said, "It was revoked.") || !strings.Contains(said, "it is sealed") || strings.Contains(got.body, `id="claims"`) {
		t.Errorf("got %s", said)
	}
}
