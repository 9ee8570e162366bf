package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/admin"
)

// revoke ends one token or one family, by its own key, by another one, or by an
// operator.
func (l *life) revoke(t *rapid.T) {
	if len(l.accesses) == 0 {
		t.Skip("there is no token yet")
	}
	defer l.pass(tick)
	access := oneOf(l.accesses).Draw(t, "access token")
	text, owner, end := access.text, access.key, &access.revoked
	if len(l.refreshes) > 0 && rapid.Bool().Draw(t, "a family") {
		r := oneOf(l.refreshes).Draw(t, "refresh token")
		text, owner, end = r.text, r.family.key, &r.family.revoked
	}
	by := rapid.SampledFrom([]*modelKey{nil, owner, owner, owner, l.keys[0], l.keys[2]}).Draw(t, "by")
	if by == nil {
		_, err := l.i.admin.RevokeToken(t.Context(), text)
		// A token that cannot be read any more has ended for good.
		*end = *end || err == nil
		return
	}
	secret := l.credentials(t, by)
	got := l.send(t, "/oauth2/revoke", by.id, secret, url.Values{"token": {text}})
	readable := !l.signedByRevoked(text)
	switch {
	case !l.accepts(by, secret):
		expect(t, got, http.StatusUnauthorized, "invalid_client")
	case by != owner && readable:
		expect(t, got, http.StatusBadRequest, "invalid_grant")
	default:
		expect(t, got, http.StatusOK, nil)
		*end = true
	}
}

// signedByRevoked says whether the token can be read no more.
func (l *life) signedByRevoked(text string) bool {
	return slices.ContainsFunc(l.accesses, func(a *modelAccess) bool {
		return a.text == text && slices.ContainsFunc(l.signing, func(s *modelSigningKey) bool { return s.kid == a.kid && s.revoked })
	})
}

// changeKey disables and deletes, and as a rule takes it back next time.
func (l *life) changeKey(t *rapid.T) {
	defer l.pass(tick)
	k := rapid.SampledFrom(l.keys).Draw(t, "key")
	away := slices.IndexFunc(l.keys, func(k *modelKey) bool { return !k.usable() })
	if away >= 0 && rapid.IntRange(0, 3).Draw(t, "another") != 0 {
		k = l.keys[away]
	}
	switch {
	case k.deleted:
		l.create(t, k)
	case k.disabled:
		_, err := l.i.admin.SetKeyDisabled(t.Context(), k.id, false)
		must(t, err)
		k.disabled = false
	case rapid.IntRange(0, 3).Draw(t, "delete") == 0:
		err := l.i.admin.DeleteKey(t.Context(), k.id)
		must(t, err)
		k.deleted = true
	default:
		_, err := l.i.admin.SetKeyDisabled(t.Context(), k.id, true)
		must(t, err)
		k.disabled = true
	}
}

// endAllBefore revokes by an instant: now, or one that has been.
func (l *life) endAllBefore(t *rapid.T) {
	defer l.pass(tick)
	var in admin.TokenRevocation
	before := l.now.Add(time.Millisecond)
	if rapid.Bool().Draw(t, "not all") {
		before = l.now.Add(-rapid.SampledFrom([]time.Duration{0, time.Second, 5 * time.Minute, time.Hour}).Draw(t, "ago"))
		in.Before = &before
	}
	var err error
	var limit *time.Time
	switch rapid.SampledFrom([]string{"key", "api", "api", "api", "all"}).Draw(t, "of") {
	case "key":
		k := rapid.SampledFrom(l.keys).Draw(t, "key")
		if k.deleted {
			t.Skip("there is no such key")
		}
		limit = &k.notBefore
		_, err = l.i.admin.RevokeKeyTokens(t.Context(), k.id, in)
	case "api":
		api := rapid.SampledFrom(l.apis).Draw(t, "api")
		limit = &api.notBefore
		_, err = l.i.admin.RevokeAPITokens(t.Context(), api.audience, in)
	case "all":
		limit = &l.notBefore
		_, err = l.i.admin.RevokeAllTokens(t.Context(), in)
	}
	must(t, err)
	if before.After(*limit) {
		*limit = before
	}
}

func (l *life) changeSigningKey(t *rapid.T) {
	defer l.pass(tick)
	what := rapid.SampledFrom([]string{"rotate", "rotate", "rotate now", "revoke"}).Draw(t, "what")
	if what == "revoke" {
		l.revokeSigningKey(t)
		return
	}
	waiting := slices.ContainsFunc(l.signing, func(s *modelSigningKey) bool { return !s.revoked && s.activates.After(l.now) })
	made, err := l.i.admin.RotateSigningKey(t.Context(), admin.SigningKeyRotation{Algorithm: "ES256", Now: what == "rotate now"})
	if waiting && what == "rotate" {
		if err == nil {
			t.Fatal("a second new signing key was made while the first one waits")
		}
		return
	}
	must(t, err)
	l.signing = append(l.signing, &modelSigningKey{kid: made.ID, activates: made.ActivatesAt})
}

func (l *life) revokeSigningKey(t *rapid.T) {
	s := rapid.SampledFrom(l.signing).Draw(t, "signing key")
	signed := s == l.signs()
	done, err := l.i.admin.RevokeSigningKey(t.Context(), s.kid)
	must(t, err)
	s.revoked = true
	if (done.ReplacedBy != nil) != signed {
		t.Fatalf("revoking %s, which signs: %v, was answered with %+v", s.kid, signed, done)
	}
	if signed {
		l.signing = append(l.signing, &modelSigningKey{kid: done.ReplacedBy.ID, activates: done.ReplacedBy.ActivatesAt})
	}
}

// changeSecret adds one, with or without an end, or retires one, now or later.
func (l *life) changeSecret(t *rapid.T) {
	defer l.pass(tick)
	k := rapid.SampledFrom(l.keys).Draw(t, "key")
	if k.deleted {
		t.Skip("there is no such key")
	}
	if len(k.secrets) > 0 && rapid.Bool().Draw(t, "retire") {
		l.retire(t, k)
		return
	}
	if len(k.secrets) == 10 {
		t.Skip("the key has as many secrets as it may")
	}
	l.secrets++
	s := modelSecret{name: fmt.Sprintf("number %d", l.secrets)}
	in := admin.NewSecret{Name: s.name, ExpiresIn: admin.Seconds(rapid.SampledFrom([]int64{0, 0, 60, 3600}).Draw(t, "expires in"))}
	if in.ExpiresIn != 0 {
		s.expires = l.now.Add(in.ExpiresIn.Duration())
	}
	made, err := l.i.admin.AddSecret(t.Context(), k.id, in)
	must(t, err)
	s.text = made.ClientSecret
	k.secrets = append(k.secrets, s)
}

func (l *life) retire(t *rapid.T, k *modelKey) {
	n := rapid.IntRange(0, len(k.secrets)-1).Draw(t, "which")
	s := &k.secrets[n]
	in := admin.Retirement{In: admin.Seconds(rapid.SampledFrom([]int64{0, 1, 600}).Draw(t, "in")), Force: true}
	end := l.now.Add(in.In.Duration())
	_, err := l.i.admin.RetireSecret(t.Context(), k.id, s.name, in)
	if in.In != 0 && !s.expires.IsZero() && !end.Before(s.expires) {
		if err == nil {
			t.Fatal("the end of a secret was put off")
		}
		return
	}
	must(t, err)
	s.expires = end
	if in.In == 0 {
		k.secrets = slices.Delete(k.secrets, n, n+1)
	}
}

func (l *life) wait(t *rapid.T) {
	l.sleep(t, rapid.SampledFrom([]time.Duration{
		4 * time.Minute, 3 * time.Minute, time.Minute, time.Second, 11 * time.Second, 10 * time.Minute, time.Hour,
	}).Draw(t, "for"))
}

// restart stops the server and starts another one on the same directory.
func (l *life) restart(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") != 0 {
		t.Skip("restarts take long")
	}
	l.i.end()
	l.start(t)
	l.checkAll(t)
}

// check looks at every token that should be alive and at some of the others.
func (l *life) check(t *rapid.T) {
	const some = 5
	l.turn++
	for n, a := range l.accesses {
		if l.accessLives(a) || (n+l.turn)%some == 0 {
			l.checkAccess(t, a)
		}
	}
	for n, r := range l.refreshes {
		if l.refreshLives(r) || (n+l.turn)%some == 0 {
			l.checkRefresh(t, r)
		}
	}
	if len(l.accesses) > 0 {
		l.checkOwners(t, l.accesses[len(l.accesses)-1])
	}
}

// checkAll looks at every token there ever was.
func (l *life) checkAll(t *rapid.T) {
	for _, a := range l.accesses {
		l.checkAccess(t, a)
	}
	for _, r := range l.refreshes {
		l.checkRefresh(t, r)
	}
}

// checkAccess asks for a token as a resource server and as an operator.
func (l *life) checkAccess(t *rapid.T, a *modelAccess) {
	want := l.accessLives(a)
	seen := l.seen(t, a.text)
	if got := l.introspect(t, l.judge.ClientID, l.judge.ClientSecret, a.text); got != want || seen.Active != want {
		t.Fatalf("%#v: introspection says active %v, want %v; the operator sees %+v", a, got, want, seen)
	}
}

func (l *life) checkRefresh(t *rapid.T, r *modelRefresh) {
	want := l.refreshLives(r)
	if seen := l.seen(t, r.text); seen.Active != want {
		t.Fatalf("%#v: the operator sees %+v, want active %v", r, seen, want)
	}
}

// checkOwners asks for a token as each of the keys: only its own may know.
func (l *life) checkOwners(t *rapid.T, a *modelAccess) {
	for _, k := range l.keys {
		secret, works := l.secret(k)
		if !works || !k.usable() {
			continue
		}
		want := k == a.key && l.accessLives(a)
		if got := l.introspect(t, k.id, secret, a.text); got != want {
			t.Fatalf("%#v: %s sees active %v, want %v", a, k.id, got, want)
		}
	}
}

func (l *life) introspect(t tb, id, secret, text string) bool {
	t.Helper()
	got := l.send(t, "/oauth2/introspect", id, secret, url.Values{"token": {text}})
	active, found := got.fields["active"].(bool)
	if got.status != http.StatusOK || !found {
		t.Fatalf("introspection: got %d %s", got.status, got.body)
	}
	if !active && got.body != `{"active":false}` {
		t.Fatalf("introspection of a token that is not active tells more: %s", got.body)
	}
	return active
}

// seen is what an operator is told; of a token that cannot be read, nothing.
func (l *life) seen(t tb, text string) admin.Inspection {
	t.Helper()
	seen, err := l.i.admin.InspectToken(t.Context(), text)
	if err != nil && !l.signedByRevoked(text) {
		t.Fatal(err)
	}
	return seen
}
