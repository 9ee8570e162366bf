package console

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

func TestOtherOriginsChangeNothing(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Admin)
	for name, value := range map[string]string{
		"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site",
	} {
		got := r.request("POST", "/console/sign-out", cookie, url.Values{}, func(q *http.Request) { q.Header.Set(name, value) })
		if got.Code != http.StatusForbidden || !r.isIn(cookie) {
			t.Errorf("%s: %s: got %d", name, value, got.Code)
		}
	}
	got := r.request("POST", "/console/sign-out", cookie, url.Values{}, func(q *http.Request) { q.Header.Set("Origin", "http://localhost") })
	if got.Code != http.StatusSeeOther || r.isIn(cookie) {
		t.Errorf("our own origin: got %d", got.Code)
	}
}

func TestOtherNamesAreRefused(t *testing.T) {
	r := start(t)
	hosts := map[string]int{
		"localhost": http.StatusOK, "localhost:9000": http.StatusOK, "evil.example": http.StatusMisdirectedRequest,
		"localhost.evil.example": http.StatusMisdirectedRequest, "127.0.0.1:8081": http.StatusSeeOther, "[::1]:8081": http.StatusSeeOther,
		"192.0.2.1:8081": http.StatusMisdirectedRequest,
	}
	for host, want := range hosts {
		got := r.request("GET", "/console/sign-in", "", nil, func(q *http.Request) { q.Host = host })
		if got.Code != want {
			t.Errorf("%s: got %d, want %d", host, got.Code, want)
		}
	}
	r.URL = "https://admin.example.com"
	for host, want := range map[string]int{"admin.example.com": http.StatusOK, "localhost": http.StatusMisdirectedRequest} {
		got := r.request("GET", "/console/sign-in", "", nil, func(q *http.Request) { q.Host = host })
		if got.Code != want {
			t.Errorf("with console_url, %s: got %d, want %d", host, got.Code, want)
		}
	}
}

func TestBehindTLSTheCookieIsOfThisHostAlone(t *testing.T) {
	o := origin{"https://admin.example.com", "admin.example.com", true}
	c := o.cookie(o.cookieName(), "x", time.Hour)
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("got %v", c)
	}
}

func TestNextIsAPageOfOurs(t *testing.T) {
	for _, asked := range []string{
		"", "https://evil.example/console/", "//evil.example/console/", "/\\evil.example", "/console/\\evil", "javascript:alert(1)",
		"/console", "/metrics", "/console/sign-in?next=x", "http:/console/keys", "\x00",
	} {
		if got := next(asked); got != "/console/" {
			t.Errorf("%q: got %q", asked, got)
		}
	}
	if got := next("/console/keys?search=a"); got != "/console/keys?search=a" {
		t.Errorf("got %q", got)
	}
}

func TestTheFirstLinkWorksOnceAndSoon(t *testing.T) {
	r := start(t)
	link, err := r.FirstLink(t.Context())
	if err != nil || link == "" {
		t.Fatalf("got %q, %v", link, err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	see := func(path string) int { return r.request("GET", path, "", nil).Code }
	if got := see(u.RequestURI()); got != http.StatusOK {
		t.Errorf("got %d", got)
	}
	for _, wrong := range []string{"", "first", "first.", "first.X", ".", u.Query().Get("link") + "x"} {
		if got := see("/console/welcome?link=" + url.QueryEscape(wrong)); got != http.StatusNotFound {
			t.Errorf("%q: got %d, want 404", wrong, got)
		}
	}
	r.now = r.now.Add(firstLinkLifetime)
	if got := see(u.RequestURI()); got != http.StatusNotFound {
		t.Errorf("after 15 minutes: got %d", got)
	}
	r.signedIn("ada", store.Admin)
	link, err = r.FirstLink(t.Context())
	if err != nil || link != "" {
		t.Errorf("with an operator: got %q, %v", link, err)
	}
}

func TestAnInvitationIsForOneAndOnce(t *testing.T) {
	r := start(t)
	r.now = r.now.Add(time.Hour)
	invited, err := r.UseCases.InviteOperator(t.Context(), "test", admin.NewOperator{Name: "bob", Role: store.Developer})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(invited.Link)
	if err != nil {
		t.Fatal(err)
	}
	link := u.Query().Get("link")
	setup, err := r.shownSetup("JBSWY3DPEHPK3PXP", "operator", r.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"link": {link}, "name": {"root"}, "password": {password}, "setup": {setup.Sealed}, "code": {r.code("JBSWY3DPEHPK3PXP")}}
	got := r.request("POST", "/console/welcome", "", form)
	if got.Code != http.StatusSeeOther || !r.isIn(got.session()) {
		t.Fatalf("got %d: %s", got.Code, got.body)
	}
	bob, err := r.db.OperatorNamed(t.Context(), "bob")
	if err != nil || bob.Role != store.Developer || len(bob.Credentials) != 2 {
		t.Errorf("got %+v, %v, want bob as a developer, whatever name the form has", bob, err)
	}
	got = r.request("POST", "/console/welcome", "", form)
	if got.Code != http.StatusNotFound {
		t.Errorf("the second time: got %d", got.Code)
	}
	if strings.Contains(r.log.String(), strings.Split(link, ".")[1]) {
		t.Error("the log has the link")
	}
}

func TestTheLastAdminStays(t *testing.T) {
	r := start(t)
	r.withPassword("ada", store.Admin)
	ctx := t.Context()
	err := r.UseCases.RemoveOperator(ctx, "test", "ada")
	if refusal(err) == nil {
		t.Errorf("remove: got %v", err)
	}
	_, err = r.UseCases.SetOperatorRole(ctx, "test", "ada", store.Viewer)
	if refusal(err) == nil {
		t.Errorf("role: got %v", err)
	}
	r.withPassword("bob", store.Admin)
	err = r.UseCases.RemoveOperator(ctx, "test", "ada")
	if err != nil {
		t.Error(err)
	}
}

func TestAnExportIsNoFormula(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Viewer)
	_, err := r.db.Write(t.Context(), store.Origin{Actor: "=HYPERLINK(1)", At: r.now}, store.SignInOperator{ID: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	got := r.request("GET", "/console/audit/export?format=csv", cookie, nil)
	if got.Code != http.StatusOK || !strings.HasPrefix(got.body, "seq,at,") || !strings.Contains(got.body, ",'=HYPERLINK(1),") || strings.Count(got.body, "\n") != 3 {
		t.Errorf("got %d:\n%s", got.Code, got.body)
	}
	got = r.request("GET", "/console/audit/export?format=jsonl&event=operator.signed_in", cookie, nil)
	if got.Code != http.StatusOK || strings.Count(got.body, "\n") != 1 || !strings.Contains(got.body, `"actor":"=HYPERLINK(1)"`) {
		t.Errorf("got %d:\n%s", got.Code, got.body)
	}
}

// TestAnActorIsText: names of operators cannot be hostile, but what the Unix socket and
// the Admin API say of a caller is kept as it is.
func TestAnActorIsText(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Admin)
	for _, actor := range []string{
		`key:<script>alert(1)</script>`, `key:"><img src=x onerror=alert(1)>`, `key:'onfocus=alert(1) x='`, `key:</td></table><svg onload=alert(1)>`,
	} {
		_, err := r.db.Write(t.Context(), store.Origin{Actor: actor, At: r.now}, store.SignInOperator{ID: "ada"})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/console/audit", "/console/", "/console/audit?actor=" + url.QueryEscape(actor)} {
			got := r.request("GET", path, cookie, nil)
			if got.Code != http.StatusOK || strings.Contains(got.body, actor) {
				t.Errorf("%s has %s as it stands", path, actor)
			}
		}
		if got := r.request("GET", "/console/audit", cookie, nil); !strings.Contains(got.body, html.EscapeString(actor)) && !strings.Contains(html.UnescapeString(got.body), actor) {
			t.Errorf("the page does not show %s at all", actor)
		}
	}
}

// TestNoRouteTakesAFormOfAnotherSite sends one to each of them, of every kind that a page
// elsewhere can send without asking.
func TestNoRouteTakesAFormOfAnotherSite(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Admin)
	wildcard := regexp.MustCompile(`\{\w+\}`)
	for _, one := range r.routes() {
		if one.method != http.MethodPost {
			continue
		}
		path := wildcard.ReplaceAllString(one.path, "x")
		for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"} {
			for header, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "same-site"} {
				got := r.request("POST", path, cookie, url.Values{}, func(q *http.Request) {
					q.Header.Set("Content-Type", kind)
					q.Header.Set(header, value)
				})
				if got.Code != http.StatusForbidden || !strings.Contains(got.body, "cross-origin") {
					t.Errorf("%s as %s with %s: got %d", path, kind, header, got.Code)
				}
			}
		}
	}
	if !r.isIn(cookie) {
		t.Error("the session has ended")
	}
}
