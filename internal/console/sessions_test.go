package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/grantd/grantd/internal/store"
)

const password = "correct horse battery"

// withPassword makes an operator who signs in with a password, and returns the secret of
// the codes.
func (r *running) withPassword(name string, role store.Role) string {
	r.t.Helper()
	secret := "JBSWY3DPEHPK3PXP"
	_, err := r.db.Write(r.t.Context(), store.Origin{Actor: "test", At: r.now}, store.CreateOperator{Operator: store.Operator{
		ID: name, Name: name, Role: role, CreatedAt: r.now, UpdatedAt: r.now,
		Credentials: []store.OperatorCredential{
			{ID: "password", Kind: store.Password, Data: hashPassword(password), CreatedAt: r.now},
			{ID: "totp", Kind: store.TOTP, Data: r.Sealer.Seal("code of "+name, []byte(secret)), CreatedAt: r.now},
		},
	}})
	if err != nil {
		r.t.Fatal(err)
	}
	return secret
}

func (r *running) code(secret string) string {
	r.t.Helper()
	code, err := totp.GenerateCode(secret, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	return code
}

func credentials(name, password, code string) url.Values {
	return url.Values{"name": {name}, "password": {password}, "code": {code}}
}

func TestSignInWithPasswordAndCode(t *testing.T) {
	r := start(t)
	r.now = r.now.Add(time.Hour) // beyond what the store may have forgotten at its start
	secret := r.withPassword("ada", store.Admin)
	code := r.code(secret)
	got := r.request("POST", "/console/sign-in", "planted", credentials("ada", password, code))
	if got.Code != http.StatusSeeOther || got.session() == "" || got.session() == "planted" || !r.isIn(got.session()) || r.isIn("planted") {
		t.Fatalf("got %d and session %q, want a new session and not the planted one", got.Code, got.session())
	}
	again := r.request("POST", "/console/sign-in", "", credentials("ada", password, code))
	if again.Code != http.StatusUnauthorized || again.session() != "" {
		t.Errorf("a code for the second time: got %d", again.Code)
	}
	if strings.Contains(r.log.String(), password) || strings.Contains(r.log.String(), code) || strings.Contains(r.log.String(), got.session()) {
		t.Error("the log has a password, a code or a session")
	}
}

func TestWrongSignInsAreAllAlike(t *testing.T) {
	r := start(t)
	r.now = r.now.Add(time.Hour)
	secret := r.withPassword("ada", store.Admin)
	wrong := []url.Values{
		credentials("ada", "wrong horse battery", r.code(secret)), credentials("ada", password, "000000"),
		credentials("bob", password, r.code(secret)), credentials("ada", "", ""), credentials("ada", strings.Repeat("x", 5000), "1"),
	}
	first := ""
	for _, form := range wrong {
		got := r.request("POST", "/console/sign-in", "", form)
		shown := strings.ReplaceAll(got.body, form.Get("name"), "NAME")
		if first == "" {
			first = shown
		}
		if got.Code != http.StatusUnauthorized || got.session() != "" || shown != first {
			t.Errorf("%v: got %d, or another page than for a wrong password", form, got.Code)
		}
	}
	got := r.request("POST", "/console/sign-in", "", credentials("ada", password, r.code(secret)))
	if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") == "" {
		t.Errorf("after %d wrong ones: got %d, want 429", len(wrong), got.Code)
	}
	r.now = r.now.Add(triesPer)
	got = r.request("POST", "/console/sign-in", "", credentials("ada", password, r.code(secret)))
	if got.Code != http.StatusSeeOther {
		t.Errorf("after the wait: got %d, want a session", got.Code)
	}
}

func TestSessionsEnd(t *testing.T) {
	tests := []struct {
		name string
		end  func(r *running, cookie string)
	}{
		{"by signing out", func(r *running, cookie string) { r.request("POST", "/console/sign-out", cookie, url.Values{}) }},
		{"by signing out everywhere", func(r *running, _ string) {
			other := r.signedInAgain("ada")
			r.request("POST", "/console/sign-out-everywhere", other, url.Values{})
		}},
		{"after half an hour without a request", func(r *running, _ string) { r.now = r.now.Add(idleLimit) }},
		{"after twelve hours of requests", func(r *running, cookie string) {
			for range 25 {
				r.now = r.now.Add(29 * time.Minute)
				r.isIn(cookie)
			}
		}},
		{"when the operator is removed", func(r *running, _ string) {
			_, err := r.db.Write(r.t.Context(), store.Origin{Actor: "test", At: r.now}, store.DeleteOperator{ID: "ada"})
			if err != nil {
				r.t.Fatal(err)
			}
		}},
		{"when the operator is reset", func(r *running, _ string) {
			_, err := r.UseCases.ResetOperator(r.t.Context(), "test", "ada")
			if err != nil {
				r.t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := start(t)
			cookie := r.signedIn("ada", store.Viewer)
			r.now = r.now.Add(20 * time.Minute)
			if !r.isIn(cookie) {
				t.Fatal("the session was none to begin with")
			}
			test.end(r, cookie)
			if r.isIn(cookie) {
				t.Error("the session goes on")
			}
		})
	}
}

func (r *running) signedInAgain(name string) string {
	r.t.Helper()
	err := r.db.CreateSession(r.t.Context(), store.OperatorSession{
		Hash: hashOf("again"), OperatorID: name, Role: store.Viewer, CreatedAt: r.now, SeenAt: r.now, ConfirmedAt: r.now,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return "again"
}

func TestARoleChangeHoldsAtOnceAndGivesANewSession(t *testing.T) {
	r := start(t)
	admin := r.signedIn("root", store.Admin)
	_, err := r.UseCases.SetOperatorRole(t.Context(), "test", "root", store.Admin)
	if err != nil {
		t.Fatal(err)
	}
	cookie := r.signedIn("ada", store.Developer)
	got := r.request("POST", "/console/operators/ada/role", admin, url.Values{"role": {"viewer"}})
	if got.Code != http.StatusSeeOther {
		t.Fatalf("got %d: %s", got.Code, got.body)
	}
	got = r.request("GET", "/console/keys/new", cookie, nil)
	next := got.session()
	if got.Code != http.StatusForbidden || next == "" || next == cookie {
		t.Errorf("got %d and session %q, want 403 and a new one", got.Code, next)
	}
	if r.isIn(cookie) || !r.isIn(next) {
		t.Errorf("the old session is good: %v, the new one: %v", r.isIn(cookie), r.isIn(next))
	}
}

func TestWhatIsGuardedAsksAgainAndLosesNothing(t *testing.T) {
	r := start(t)
	r.now = r.now.Add(time.Hour)
	secret := r.withPassword("ada", store.Admin)
	cookie := r.signedInAgain("ada")
	r.now = r.now.Add(confirmLimit)
	form := url.Values{"name": {"bob"}, "role": {"viewer"}}
	asked := r.request("POST", "/console/operators", cookie, form)
	cookie = asked.session() // the role of the session was another one
	if asked.Code != http.StatusOK || !strings.Contains(asked.body, `name="name" value="bob"`) || strings.Contains(asked.body, "welcome?link") {
		t.Fatalf("got %d, want a page that asks and keeps the form: %s", asked.Code, asked.body)
	}
	form.Set(confirmPassword, "wrong horse battery")
	form.Set(confirmCode, r.code(secret))
	wrong := r.request("POST", "/console/operators", cookie, form)
	if wrong.Code != http.StatusUnauthorized || strings.Contains(wrong.body, "wrong horse") {
		t.Errorf("a wrong password: got %d", wrong.Code)
	}
	form.Set(confirmPassword, password)
	right := r.request("POST", "/console/operators", cookie, form)
	if right.Code != http.StatusOK || !strings.Contains(right.body, "/console/welcome?link=") || right.session() == "" || r.isIn(cookie) {
		t.Errorf("got %d, want a link and a new session", right.Code)
	}
}
