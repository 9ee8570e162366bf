package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const anotherPassword = "staple battery horse"

// withPasskey gives an operator a passkey that nobody has.
func (r *running) withPasskey(operator, id string) {
	r.t.Helper()
	_, err := r.db.Write(r.t.Context(), store.Origin{Actor: "test", At: r.now}, store.AddOperatorCredential{
		OperatorID: operator, Credential: store.OperatorCredential{ID: id, Kind: store.Passkey, Name: "Passkey " + id + scripted, Data: []byte("{}"), CreatedAt: r.now},
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// ways are the ids of what an operator signs in with.
func (r *running) ways(operator string) string {
	r.t.Helper()
	o, err := r.db.Operator(r.t.Context(), operator)
	if err != nil {
		r.t.Fatal(err)
	}
	var ids []string
	for _, c := range o.Credentials {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, " ")
}

func TestAPasskeyIsRemovedButNeverTheLastWayIn(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Viewer)
	r.withPasskey("ada", "one")
	r.withPasskey("ada", "two")
	other := r.signedInAgain("ada")
	page := r.request("GET", "/console/account", cookie, nil)
	if strings.Count(page.body, "/console/account/credentials/") != 2 || strings.Contains(page.body, "<script>alert") {
		t.Errorf("the account: %s", page.body)
	}
	got := r.request("POST", "/console/account/credentials/one/remove", cookie, url.Values{})
	next := got.session()
	if got.Code != http.StatusSeeOther || r.ways("ada") != "two" || r.isIn(cookie) || r.isIn(other) || next == "" || !r.isIn(next) {
		t.Fatalf("got %d, she has %q; old sessions %v %v, the new one %v", got.Code, r.ways("ada"), r.isIn(cookie), r.isIn(other), next != "")
	}
	page = r.request("GET", "/console/account", next, nil)
	if strings.Contains(page.body, "/console/account/credentials/") || !strings.Contains(textOf(page.body), "It is the only way in") {
		t.Errorf("the account with one passkey: %s", textOf(page.body))
	}
	got = r.request("POST", "/console/account/credentials/two/remove", next, url.Values{})
	if got.Code != http.StatusConflict || r.ways("ada") != "two" || !r.isIn(next) {
		t.Errorf("the last: got %d, she has %q", got.Code, r.ways("ada"))
	}
	for _, none := range []string{"one", "nobody", "link", "totp", "%22%3E%3Cscript%3E"} {
		got = r.request("POST", "/console/account/credentials/"+none+"/remove", next, url.Values{})
		if got.Code != http.StatusNotFound || strings.Contains(got.body, "><script>") {
			t.Errorf("%s: got %d", none, got.Code)
		}
	}
}

func TestAPasswordIsRemovedWithItsCodes(t *testing.T) {
	r := start(t)
	r.withPassword("ada", store.Viewer)
	cookie := r.signedInAgain("ada")
	got := r.request("POST", "/console/account/credentials/password/remove", cookie, url.Values{})
	if got.Code != http.StatusConflict || r.ways("ada") != "password totp" {
		t.Fatalf("without a passkey: got %d, she has %q", got.Code, r.ways("ada"))
	}
	r.withPasskey("ada", "one")
	got = r.request("POST", "/console/account/credentials/password/remove", cookie, url.Values{})
	if got.Code != http.StatusSeeOther || r.ways("ada") != "one" {
		t.Errorf("got %d, she has %q", got.Code, r.ways("ada"))
	}
}

func TestAPasswordIsChangedWithItsCodes(t *testing.T) {
	r := start(t)
	r.now = r.now.Add(time.Hour)
	old := r.withPassword("ada", store.Viewer)
	cookie := r.signedInAgain("ada")
	r.now = r.now.Add(confirmLimit)
	asked := r.request("GET", "/console/account/password", cookie, nil)
	if !strings.Contains(asked.body, "Confirm that it is you") || strings.Contains(asked.body, `name="setup"`) {
		t.Fatalf("without a confirmation: %s", textOf(asked.body))
	}
	confirmed := r.request("POST", "/console/confirm", cookie, url.Values{
		"next": {"/console/account/password"}, confirmPassword: {password}, confirmCode: {r.code(old)},
	})
	cookie = confirmed.session()
	page := r.request("GET", "/console/account/password", cookie, nil)
	secret := regexp.MustCompile(`<code class="breaks">([A-Z2-7]+)</code>`).FindStringSubmatch(page.body)
	setup := regexp.MustCompile(`name="setup" value="([^"]+)"`).FindStringSubmatch(page.body)
	if page.Code != http.StatusOK || secret == nil || setup == nil || page.Header().Get("Content-Encoding") != "" {
		t.Fatalf("got %d %s", page.Code, page.body)
	}
	form := func(password, code string) url.Values {
		return url.Values{"password": {password}, "code": {code}, "setup": {setup[1]}}
	}
	for name, wrong := range map[string]url.Values{
		"a short password": form("short", r.code(secret[1])), "a wrong code": form(anotherPassword, "000000"), "nothing": {},
		"another's set-up": {"password": {anotherPassword}, "code": {r.code(old)}, "setup": {setup[1] + "x"}},
	} {
		got := r.request("POST", "/console/account/password", cookie, wrong)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.body, `class="wrong"`) || strings.Contains(got.body, anotherPassword) {
			t.Errorf("%s: got %d", name, got.Code)
		}
	}
	got := r.request("POST", "/console/account/password", cookie, form(anotherPassword, r.code(secret[1])))
	if next := got.session(); got.Code != http.StatusSeeOther || r.isIn(cookie) || !r.isIn(next) || r.ways("ada") != "password totp" {
		t.Fatalf("got %d, she has %q: %s", got.Code, r.ways("ada"), got.body)
	}
	r.now = r.now.Add(10 * time.Minute)
	for name, test := range map[string]struct {
		form url.Values
		want int
	}{
		"the old password and codes":       {credentials("ada", password, r.code(old)), http.StatusUnauthorized},
		"the new password and old codes":   {credentials("ada", anotherPassword, r.code(old)), http.StatusUnauthorized},
		"the new password and code":        {credentials("ada", anotherPassword, r.code(secret[1])), http.StatusSeeOther},
		"the old password and a new code.": {credentials("ada", password, r.code(secret[1])), http.StatusUnauthorized},
	} {
		if got := r.request("POST", "/console/sign-in", "", test.form); got.Code != test.want {
			t.Errorf("%s: got %d, want %d", name, got.Code, test.want)
		}
	}
	for _, secret := range []string{password, anotherPassword, old, secret[1]} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
}

func TestAFirstPasswordEndsAllOtherSessions(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Viewer)
	r.withPasskey("ada", "one")
	other := r.signedInAgain("ada")
	secret := "JBSWY3DPEHPK3PXP"
	setup, err := r.shownSetup(secret, "operator", r.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	got := r.request("POST", "/console/account/password", cookie, url.Values{"password": {anotherPassword}, "code": {r.code(secret)}, "setup": {setup.Sealed}})
	if got.Code != http.StatusSeeOther || r.ways("ada") != "one password totp" || r.isIn(cookie) || r.isIn(other) || !r.isIn(got.session()) {
		t.Errorf("got %d, she has %q, the other session goes on: %v", got.Code, r.ways("ada"), r.isIn(other))
	}
}

func TestAddingAPasskeyAsksForAConfirmationFirst(t *testing.T) {
	r := start(t)
	r.now = r.now.Add(time.Hour)
	secret := r.withPassword("ada", store.Viewer)
	cookie := r.signedInAgain("ada")
	const button, form = `data-passkey="/console/account/passkey"`, "Confirm that it is you, to add a passkey"
	page := r.request("GET", "/console/account", cookie, nil)
	if !strings.Contains(page.body, button) || strings.Contains(page.body, form) {
		t.Errorf("after a sign-in: %s", page.body)
	}
	r.now = r.now.Add(confirmLimit)
	page = r.request("GET", "/console/account", cookie, nil)
	if strings.Contains(page.body, button) || !strings.Contains(page.body, form) {
		t.Errorf("later on: %s", page.body)
	}
	got := r.request("POST", "/console/confirm", cookie, url.Values{"next": {"/console/account"}, confirmPassword: {password}, confirmCode: {r.code(secret)}})
	page = r.request("GET", got.Header().Get("Location"), got.session(), nil)
	if got.Code != http.StatusSeeOther || !strings.Contains(page.body, button) {
		t.Errorf("after a confirmation: got %d, %s", got.Code, page.body)
	}
}

func TestSessionsAreListedAndEndedOneByOne(t *testing.T) {
	r := start(t)
	r.now = r.now.Add(20 * time.Minute)
	mine, bobs := r.signedIn("ada", store.Viewer), r.signedIn("bob", store.Viewer)
	r.now = r.now.Add(5 * time.Minute)
	other := r.signedInAgain("ada")
	r.now = r.now.Add(2 * time.Minute)
	page := r.request("GET", "/console/account", mine, nil)
	table := between(page.body, `id="sessions"`, "</table>")
	links := regexp.MustCompile(`/console/account/sessions/[0-9a-f]{32}/end`).FindAllString(table, -1)
	if len(links) != 2 || strings.Count(table, "this one") != 1 || !strings.Contains(textOf(table), "7 minutes ago") {
		t.Fatalf("got %s", table)
	}
	for _, link := range links {
		got := r.request("POST", link, bobs, url.Values{})
		if got.Code != http.StatusNotFound || !r.isIn(mine) || !r.isIn(other) {
			t.Errorf("of somebody else: got %d", got.Code)
		}
	}
	// The one that was seen last stands first: that is this one, for it asked for the page.
	got := r.request("POST", links[1], mine, url.Values{})
	if got.Code != http.StatusSeeOther || r.isIn(other) || !r.isIn(mine) {
		t.Errorf("the other one: got %d, it goes on: %v, this one: %v", got.Code, r.isIn(other), r.isIn(mine))
	}
	got = r.request("POST", links[0], mine, url.Values{})
	if to := got.Header().Get("Location"); to != "/console/sign-in" || r.isIn(mine) {
		t.Errorf("this one: got %d to %q", got.Code, to)
	}
}
