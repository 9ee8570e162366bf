package server_test

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// model says of every token that was ever issued whether it is good, and knows
// nothing of how the server finds out. Everything happens at a moment of its
// own: now moves on between any two things that are done.
type model struct {
	now       time.Time
	notBefore time.Time
	apis      []*modelAPI
	keys      []*modelKey
	signing   []*modelSigningKey
	accesses  []*modelAccess
	refreshes []*modelRefresh
}

type modelAPI struct {
	audience        string
	scopes          []string
	opaque          bool
	lifetime        time.Duration
	refreshLifetime time.Duration
	idle            time.Duration // 0 sets no limit
	notBefore       time.Time
}

// modelKey is a key, and its successors of the same id.
type modelKey struct {
	id                 string
	refreshes, keeps   bool
	secrets            []modelSecret
	deleted, disabled  bool
	created, notBefore time.Time
}

// GoString is how a failure shows what was drawn.
func (k *modelKey) GoString() string { return k.id }

// GoString is how a failure shows what was drawn.
func (a *modelAPI) GoString() string { return a.audience }

// GoString is how a failure shows what was drawn.
func (r *modelRefresh) GoString() string {
	return fmt.Sprintf("generation %d of a family of %s", r.generation, r.family.key.id)
}

// GoString is how a failure shows what was drawn.
func (a *modelAccess) GoString() string {
	return fmt.Sprintf("a token of %s issued at %s", a.key.id, a.issued.Format(time.StampMilli))
}

// GoString is how a failure shows what was drawn.
func (s modelSecret) GoString() string { return s.name }

// GoString is how a failure shows what was drawn.
func (s *modelSigningKey) GoString() string { return s.kid }

type modelSecret struct {
	name, text string
	expires    time.Time // zero means never
}

type modelSigningKey struct {
	kid       string
	activates time.Time
	revoked   bool
}

// modelFamily is what one client_credentials grant with a refresh token began.
type modelFamily struct {
	key              *modelKey
	scopes           []string
	apis             []*modelAPI
	started, expires time.Time
	idle             time.Duration
	// last is the generation that can be used, renewed when it was made.
	last    int
	renewed time.Time
	revoked bool
}

type modelRefresh struct {
	text       string
	family     *modelFamily
	generation int
	issued     time.Time
	// answers are what it was given, by the scope asked for.
	answers map[string]modelAnswer
}

// modelAnswer is a token response, with the key that signed its access token.
type modelAnswer struct{ body, kid string }

type modelAccess struct {
	text            string
	key             *modelKey
	family          *modelFamily // nil without a refresh token
	apis            []*modelAPI
	kid             string // "" when it is opaque
	issued, expires time.Time
	revoked         bool
}

// grace is for how long a refresh token that was used may be presented again.
const grace = 10 * time.Second

// begun says whether nothing that began at the instant has been ended since by
// one of the revocations that name an instant.
func (m *model) begun(at time.Time, k *modelKey, apis []*modelAPI) bool {
	limits := []time.Time{m.notBefore, k.created, k.notBefore}
	for _, api := range apis {
		limits = append(limits, api.notBefore)
	}
	return !slices.ContainsFunc(limits, func(limit time.Time) bool { return at.Before(limit) })
}

func (k *modelKey) usable() bool { return !k.deleted && !k.disabled }

// accepts says whether the key can authenticate with the secret.
func (m *model) accepts(k *modelKey, text string) bool {
	return k.usable() && slices.ContainsFunc(k.secrets, func(s modelSecret) bool {
		return s.text == text && m.live(s)
	})
}

func (m *model) live(s modelSecret) bool { return s.expires.IsZero() || m.now.Before(s.expires) }

// secret is one that works, if there is one.
func (m *model) secret(k *modelKey) (string, bool) {
	for _, s := range k.secrets {
		if m.live(s) {
			return s.text, true
		}
	}
	return "", false
}

func (m *model) accessLives(a *modelAccess) bool {
	switch {
	case a.revoked, a.family != nil && a.family.revoked, !m.now.Before(a.expires), !a.key.usable():
		return false
	case slices.ContainsFunc(m.signing, func(s *modelSigningKey) bool { return s.kid == a.kid && s.revoked }):
		return false
	}
	return m.begun(a.issued, a.key, a.apis)
}

// refreshLives says whether the refresh token has not ended; it may have been
// used nevertheless.
func (m *model) refreshLives(r *modelRefresh) bool {
	f := r.family
	switch {
	case f.revoked, !m.now.Before(f.expires), !f.key.usable():
		return false
	case f.idle > 0 && !m.now.Before(r.issued.Add(f.idle)):
		return false
	}
	return m.begun(f.started, f.key, f.apis)
}

// presented is what becomes of a refresh.
type presented int

const (
	refused presented = iota
	kept
	renewed
	repeated
)

// present uses a refresh token of a key that has authenticated.
func (m *model) present(r *modelRefresh) presented {
	f := r.family
	switch {
	case !m.refreshLives(r):
		return refused
	case f.key.keeps:
		return kept
	case r.generation == f.last:
		f.last++
		f.renewed = m.now
		return renewed
	case r.generation == f.last-1 && m.now.Sub(f.renewed) <= grace:
		return repeated
	}
	f.revoked = true
	return refused
}

// signs is the key that signs now: the last one to be activated, or the first one
// ever if that is still to come.
func (m *model) signs() *modelSigningKey {
	var first, last *modelSigningKey
	for _, s := range m.signing {
		if s.revoked {
			continue
		}
		if first == nil || s.activates.Before(first.activates) {
			first = s
		}
		if !s.activates.After(m.now) && (last == nil || s.activates.After(last.activates)) {
			last = s
		}
	}
	return cmp.Or(last, first)
}

// owners are the APIs of the scopes, in order.
func (m *model) owners(scopes []string) []*modelAPI {
	var list []*modelAPI
	for _, scope := range scopes {
		i := slices.IndexFunc(m.apis, func(a *modelAPI) bool { return slices.Contains(a.scopes, scope) })
		if !slices.Contains(list, m.apis[i]) {
			list = append(list, m.apis[i])
		}
	}
	return list
}

// shortest is the least of a lifetime that some APIs set; 0 if none does.
func shortest(apis []*modelAPI, of func(*modelAPI) time.Duration) time.Duration {
	var least time.Duration
	for _, api := range apis {
		one := of(api)
		if one > 0 && (least == 0 || one < least) {
			least = one
		}
	}
	return least
}
