package server_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// The life of tokens: whatever is done in whatever order, every token that was
// ever issued is good exactly as long as the model says, on every engine.
func TestTheLifeOfTokensFollowsTheModel(t *testing.T) {
	fewerChecks(t)
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				l := newLife(rt, e)
				// Those that come first are drawn a little more often.
				rt.Repeat(map[string]func(*rapid.T){
					"":                  l.check,
					"01 refresh":        l.refresh,
					"02 retry":          l.retry,
					"03 issue":          l.issue,
					"04 refresh":        l.refresh,
					"05 retry":          l.retry,
					"06 wait":           l.wait,
					"07 revoke":         l.revoke,
					"08 refresh":        l.refresh,
					"09 issue":          l.issue,
					"10 end all before": l.endAllBefore,
					"11 key":            l.changeKey,
					"12 signing key":    l.changeSigningKey,
					"13 secret":         l.changeSecret,
					"14 restart":        l.restart,
				})
				l.checkAll(rt)
			})
		})
	}
}

// fewerChecks takes fewer runs than rapid does by itself, since each starts a
// server, unless the command line says how many; with -short fewer still.
func fewerChecks(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return
	}
	set := func(value string) {
		err := flag.Set(checks.Name, value)
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { set(checks.DefValue) })
	if testing.Short() {
		set("10")
		return
	}
	set("40")
}

// standing is a clock that only the test moves. It is ahead of the real one, by
// which net/http measures how long a request may take.
type standing struct {
	mu sync.Mutex
	at time.Time
}

func newStanding() *standing {
	return &standing{at: time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)}
}

func (s *standing) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *standing) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

// life does the same to a server and to the model.
type life struct {
	model
	clock   *standing
	options options
	i       *instance
	// judge is a resource server of every API; its key is never touched.
	judge admin.CreatedKey
	// retried is the last refresh token that was presented, and how.
	retried *modelRefresh
	scope   string
	secrets int
	// turn is which of the dead are looked at in the next check.
	turn int
}

// tick is how far apart in time two things are done. A revocation of "all until
// now" reaches one millisecond into the future.
const tick = 2 * time.Millisecond

func newLife(t *rapid.T, e engine) *life {
	l := &life{clock: newStanding()}
	// The issuer outlives the port.
	l.options = options{now: l.clock.Now, engine: e, flags: map[string]string{"issuer": "https://issuer.example"}}
	l.start(t)
	l.options.dir = l.i.dir
	l.apis = []*modelAPI{
		{audience: "https://jwt.example", scopes: []string{"/jwt.read", "/jwt.write"}, lifetime: 10 * time.Minute, refreshLifetime: 2 * time.Hour},
		{audience: "https://beside.example", scopes: []string{"/beside.read"}, lifetime: 25 * time.Minute, refreshLifetime: time.Hour, idle: 7 * time.Minute},
		{audience: "https://opaque.example", scopes: []string{"/opaque.read", "/opaque.write"}, opaque: true, lifetime: 10 * time.Minute, refreshLifetime: 90 * time.Minute, idle: 5 * time.Minute},
	}
	l.now = l.clock.Now()
	for _, api := range l.apis {
		in := admin.NewAPI{
			Audience: api.audience, Scopes: api.scopes,
			AccessTokenLifetime:      admin.Seconds(api.lifetime / time.Second),
			RefreshTokenLifetime:     admin.Seconds(api.refreshLifetime / time.Second),
			RefreshTokenIdleLifetime: admin.Seconds(api.idle / time.Second),
		}
		if api.opaque {
			in.TokenFormat = store.Opaque
		}
		_, err := l.i.admin.CreateAPI(t.Context(), in)
		must(t, err)
	}
	for _, k := range []*modelKey{{id: "rotates", refreshes: true}, {id: "keeps", refreshes: true, keeps: true}, {id: "plain"}} {
		l.keys = append(l.keys, k)
		l.create(t, k)
	}
	var err error
	l.judge, err = l.i.admin.CreateKey(t.Context(), admin.NewKey{Name: "judge", Scopes: []string{"/jwt.read"}})
	must(t, err)
	for _, api := range l.apis {
		_, err = l.i.admin.AddResourceServer(t.Context(), api.audience, l.judge.ClientID)
		must(t, err)
	}
	have, err := l.i.admin.ListSigningKeys(t.Context())
	must(t, err)
	for _, s := range have.Items {
		l.signing = append(l.signing, &modelSigningKey{kid: s.ID, activates: s.ActivatesAt})
	}
	l.pass(tick)
	return l
}

func (l *life) start(t tb) {
	t.Helper()
	l.i = launch(t, l.options)
	l.i.Issuer = "http://" + l.i.PublicAddr
}

func must(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pass moves the clock on.
func (l *life) pass(d time.Duration) {
	l.clock.advance(d)
	l.now = l.clock.Now()
}

// sleep moves the clock on by much. Any change has the server look at its store,
// which by its clock it may not have done for long.
func (l *life) sleep(t tb, d time.Duration) {
	t.Helper()
	l.pass(d)
	_, err := l.i.admin.SetKeyDisabled(t.Context(), l.judge.ClientID, false)
	must(t, err)
}

// create makes the key, or another one with the same id.
func (l *life) create(t tb, k *modelKey) {
	t.Helper()
	l.secrets++
	secret := fmt.Sprintf("the secret with number %d", l.secrets)
	in := admin.NewKey{
		Name: k.id, ClientID: k.id, ClientSecret: secret, RefreshRotation: admin.RotationOn,
		Scopes: []string{"/jwt.read", "/jwt.write", "/beside.read", "/opaque.read", "/opaque.write"},
	}
	if k.refreshes {
		in.GrantTypes = refreshing
	}
	if k.keeps {
		in.RefreshRotation = admin.RotationOff
	}
	made, err := l.i.admin.CreateKey(t.Context(), in)
	must(t, err)
	*k = modelKey{
		id: k.id, refreshes: k.refreshes, keeps: k.keeps, created: l.now,
		secrets: []modelSecret{{name: made.Secrets[0].Name, text: secret}},
	}
}

// send posts a form with the credentials of a key.
func (l *life) send(t tb, path, id, secret string, form url.Values) answer {
	t.Helper()
	return l.i.do(t, request{path: path, contentType: formType, body: form.Encode(), user: id, password: secret})
}

// credentials draws a secret of the key, which nearly always works.
func (l *life) credentials(t *rapid.T, k *modelKey) string {
	text, works := l.secret(k)
	switch {
	case works && rapid.IntRange(0, 7).Draw(t, "any secret") != 0:
		return text
	case len(k.secrets) == 0:
		return "a secret that is gone"
	}
	return rapid.SampledFrom(k.secrets).Draw(t, "secret").text
}

func (l *life) issue(t *rapid.T) {
	defer l.pass(tick)
	k := rapid.SampledFrom(l.keys).Draw(t, "key")
	scopes := rapid.SampledFrom([][]string{
		{"/jwt.read", "/jwt.write"}, {"/jwt.read", "/beside.read"}, {"/beside.read", "/jwt.write"}, {"/opaque.read", "/opaque.write"},
	}).Draw(t, "scopes")
	secret := l.credentials(t, k)
	got := l.send(t, "/oauth2/token", k.id, secret, url.Values{"grant_type": {"client_credentials"}, "scope": {strings.Join(scopes, " ")}})
	if !l.accepts(k, secret) {
		expect(t, got, http.StatusUnauthorized, "invalid_client")
		return
	}
	expect(t, got, http.StatusOK, nil)
	apis := l.owners(scopes)
	var family *modelFamily
	if k.refreshes {
		family = &modelFamily{
			key: k, scopes: scopes, apis: apis, started: l.now,
			expires: l.now.Add(shortest(apis, func(a *modelAPI) time.Duration { return a.refreshLifetime })),
			idle:    shortest(apis, func(a *modelAPI) time.Duration { return a.idle }),
		}
		l.refreshes = append(l.refreshes, newRefresh(got, family, 0, l.now))
	}
	if (got.fields["refresh_token"] != nil) != k.refreshes {
		t.Fatalf("key %s got %s", k.id, got.body)
	}
	l.took(t, got, k, family, apis)
}

// oneOf prefers the newest ones, in which there still is life.
func oneOf[T any](all []T) *rapid.Generator[T] {
	newest := all[max(0, len(all)-3):]
	return rapid.OneOf(rapid.SampledFrom(newest), rapid.SampledFrom(newest), rapid.SampledFrom(all))
}

// usable are the refresh tokens that would be renewed.
func (l *life) usable() []*modelRefresh {
	var list []*modelRefresh
	for _, r := range l.refreshes {
		if l.refreshLives(r) && r.generation == r.family.last {
			list = append(list, r)
		}
	}
	return list
}

func newRefresh(got answer, f *modelFamily, generation int, at time.Time) *modelRefresh {
	text, _ := got.fields["refresh_token"].(string)
	return &modelRefresh{text: text, family: f, generation: generation, issued: at, answers: map[string]modelAnswer{}}
}

// took notes the access token of an answer, and returns it.
func (l *life) took(t tb, got answer, k *modelKey, f *modelFamily, apis []*modelAPI) *modelAccess {
	t.Helper()
	a := &modelAccess{key: k, family: f, apis: apis, issued: l.now}
	a.text, _ = got.fields["access_token"].(string)
	lifetime := shortest(apis, func(a *modelAPI) time.Duration { return a.lifetime })
	a.expires = l.now.Add(lifetime).Truncate(time.Second)
	if !apis[0].opaque {
		parsed, err := keys.Parse(a.text)
		must(t, err)
		a.kid, _ = parsed.Header["kid"].(string)
		if a.kid != l.signs().kid {
			t.Fatalf("signed by %s, want %s", a.kid, l.signs().kid)
		}
	}
	l.accesses = append(l.accesses, a)
	return a
}

func expect(t tb, got answer, status int, code any) {
	t.Helper()
	if got.status != status || got.fields["error"] != code {
		t.Fatalf("got %d %s, want %d %v", got.status, got.body, status, code)
	}
}

func (l *life) refresh(t *rapid.T) {
	if len(l.refreshes) == 0 {
		t.Skip("there is no refresh token yet")
	}
	from := l.refreshes
	if usable := l.usable(); len(usable) > 0 && rapid.IntRange(0, 3).Draw(t, "any refresh token") != 0 {
		from = usable
	}
	l.retried = oneOf(from).Draw(t, "refresh token")
	l.scope = rapid.SampledFrom([]string{"", "first", "first", "more"}).Draw(t, "scope")
	l.presentAgain(t)
}

// retry presents the token that was presented last, in the same way or another,
// at once, at the end of the grace or just after it.
func (l *life) retry(t *rapid.T) {
	if l.retried == nil {
		t.Skip("nothing was presented yet")
	}
	after := rapid.SampledFrom([]time.Duration{grace - tick, grace - tick + time.Millisecond, 0, 0, 0}).Draw(t, "after")
	if after > 0 {
		l.sleep(t, after)
	}
	l.scope = rapid.SampledFrom([]string{l.scope, "", "first"}).Draw(t, "scope")
	l.presentAgain(t)
}

func (l *life) presentAgain(t *rapid.T) {
	defer l.pass(tick)
	r, f := l.retried, l.retried.family
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {r.text}}
	scopes := f.scopes
	switch l.scope {
	case "first":
		scopes = scopes[:1]
		form.Set("scope", scopes[0])
	case "more":
		form.Set("scope", scopes[0]+" /never.granted")
	}
	secret := l.credentials(t, f.key)
	got := l.send(t, "/oauth2/token", f.key.id, secret, form)
	switch {
	case !l.accepts(f.key, secret):
		expect(t, got, http.StatusUnauthorized, "invalid_client")
		return
	case l.scope == "more" && l.refreshLives(r):
		// What is refused for another reason uses nothing up.
		expect(t, got, http.StatusBadRequest, "invalid_scope")
		return
	}
	outcome := l.present(r)
	if outcome == refused {
		expect(t, got, http.StatusBadRequest, "invalid_grant")
		return
	}
	expect(t, got, http.StatusOK, nil)
	l.renewedBy(t, got, outcome, l.owners(scopes))
}

// renewedBy takes in what a refresh gave.
func (l *life) renewedBy(t *rapid.T, got answer, outcome presented, apis []*modelAPI) {
	r, f := l.retried, l.retried.family
	before, asked := r.answers[l.scope]
	lost := slices.ContainsFunc(l.signing, func(s *modelSigningKey) bool { return s.kid == before.kid && s.revoked })
	switch outcome {
	case repeated:
		if asked && !lost {
			if got.body != before.body {
				t.Fatalf("a retry got\n%s, the first time it was\n%s", got.body, before.body)
			}
			return
		}
		// The token bears the time of the rotation, not that of the retry.
		defer func(now time.Time) { l.now = now }(l.now)
		l.now = f.renewed
		l.sameChild(t, got, r)
	case kept:
		if got.fields["refresh_token"] != r.text {
			t.Fatalf("a refresh token that is kept was replaced: %s", got.body)
		}
	case renewed:
		l.refreshes = append(l.refreshes, newRefresh(got, f, r.generation+1, l.now))
	case refused:
	}
	a := l.took(t, got, f.key, f, apis)
	r.answers[l.scope] = modelAnswer{body: got.body, kid: a.kid}
}

// sameChild sees to it that a retry does not fork the family.
func (l *life) sameChild(t *rapid.T, got answer, r *modelRefresh) {
	for _, child := range l.refreshes {
		if child.family == r.family && child.generation == r.generation+1 && child.text != got.fields["refresh_token"] {
			t.Fatalf("a retry got another refresh token than the first time")
		}
	}
}
