package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// answering explains whatever it is asked in the same way, and remembers the question.
type answering struct {
	admin.Explainer
	asked admin.ExplainQuestion
}

func (a *answering) ExplainRequest(clientID string, q admin.ExplainQuestion) (admin.Explanation, bool) {
	a.asked = q
	return admin.Explanation{Granted: true, Sentence: "granted " + scripted, Scopes: []string{scripted}}, clientID != "nobody"
}

func (a *answering) ExplainAccess(token, method, path, audience string) admin.Explanation {
	a.asked = admin.ExplainQuestion{Token: token, Method: method, Path: path, Audience: audience}
	return admin.Explanation{Sentence: "refused", Steps: []admin.ExplainedStep{{Rule: "route" + scripted, Sentence: "no route " + scripted}}}
}

func TestExplainAsksAboutBothRequestsOfAKey(t *testing.T) {
	r := start(t)
	cookie, explainer := r.signedIn("ada", store.Viewer), &answering{}
	r.UseCases.Explainer = explainer
	query := url.Values{"key": {" k "}, "scope": {"/a"}, "method": {"get "}, "path": {" /a/" + scripted}, "api": {"https://a.example"}}
	got := r.request("GET", "/console/explain?"+query.Encode(), cookie, nil)
	want := admin.ExplainQuestion{ClientID: "k", Scope: "/a", Method: "GET", Path: "/a/" + scripted, Audience: "https://a.example"}
	explainer.asked.GrantType, explainer.asked.At = "", want.At
	if diff := cmp.Diff(want, explainer.asked); diff != "" {
		t.Errorf("it asked (-want +got):\n%s", diff)
	}
	if got.Code != http.StatusOK || strings.Contains(got.body, "<script>alert") || strings.Count(got.body, `value="GET"`) != 1 {
		t.Errorf("got %d: %s", got.Code, got.body)
	}
	for name, wrong := range map[string]url.Values{
		"method": {"key": {"k"}, "path": {"/a"}}, "path": {"key": {"k"}, "method": {"GET"}, "path": {"a"}},
		"address": {"key": {"k"}, "address": {scripted}}, "client id": {"key": {"nobody"}},
	} {
		got = r.request("GET", "/console/explain?"+wrong.Encode(), cookie, nil)
		if got.Code < 400 || got.Code >= 500 || strings.Count(got.body, `class="wrong"`) != 1 || strings.Contains(got.body, "<script>alert") {
			t.Errorf("a wrong %s: got %d, %s", name, got.Code, textOf(got.body))
		}
	}
}

func TestAPastedTokenIsExplainedAndNotKept(t *testing.T) {
	r := start(t)
	cookie, explainer := r.signedIn("ada", store.Viewer), &answering{}
	r.UseCases.Explainer = explainer
	const token = "eyJhbGciOiJub25lIn0.secret-part"
	got := r.request("POST", "/console/explain", cookie, url.Values{"token": {token + "\n"}, "method": {"GET"}, "path": {"/a"}})
	if explainer.asked.Token != token || got.Code != http.StatusOK || !strings.Contains(textOf(got.body), "No route") {
		t.Errorf("asked %+v, got %d: %s", explainer.asked, got.Code, textOf(got.body))
	}
	for _, form := range []url.Values{
		{"token": {" "}, "method": {"GET"}, "path": {"/a"}}, {"token": {token}}, {"token": {strings.Repeat(token, 1000)}, "method": {"GET"}, "path": {"/a"}},
	} {
		refused := r.request("POST", "/console/explain", cookie, form)
		got.body += refused.body
		if refused.Code != http.StatusUnprocessableEntity || !strings.Contains(refused.body, `class="wrong"`) {
			t.Errorf("got %d: %s", refused.Code, textOf(refused.body))
		}
	}
	if strings.Contains(got.body, "secret-part") || strings.Contains(r.log.String(), "secret-part") || strings.Contains(got.body, "<script>alert") {
		t.Errorf("the token or a script is in a page or in the log: %s", got.body)
	}
}
