package mirror

import (
	"io"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// What a snapshot holds of each kind of record. A test fills every field there is
// and fails when one is missing here.

func position(c *coder, p *store.Position) {
	number(c, &p.Seq)
	c.raw(p.Tag[:])
}

func signingKey(c *coder, k *store.SigningKey) {
	text(c, &k.ID)
	text(c, &k.Algorithm)
	binaries(c, &k.Sealed)
	c.instant(&k.CreatedAt)
	c.instant(&k.ActivatesAt)
	c.instant(&k.RevokedAt)
}

func api(c *coder, a *store.API) {
	text(c, &a.ID)
	text(c, &a.Audience)
	text(c, &a.Mode)
	list(c, &a.Scopes, text)
	list(c, &a.Parameters, parameter)
	list(c, &a.Routes, route)
	text(c, &a.TokenFormat)
	text(c, &a.Algorithm)
	text(c, &a.Type)
	number(c, &a.AccessTokenLifetime)
	number(c, &a.RefreshTokenLifetime)
	number(c, &a.RefreshTokenIdleLifetime)
	c.instant(&a.NotBefore)
	list(c, &a.ResourceServers, text)
	c.instant(&a.CreatedAt)
	c.instant(&a.UpdatedAt)
}

func parameter(c *coder, p *store.Parameter) {
	text(c, &p.Name)
	text(c, &p.Type)
}

func route(c *coder, r *store.Route) {
	text(c, &r.Method)
	text(c, &r.Path)
	list(c, &r.Scopes, text)
}

func policyRecord(c *coder, p *store.Policy) {
	list(c, &p.Origins, text)
	list(c, &p.Networks, text)
	c.instant(&p.ValidFrom)
	c.instant(&p.ValidUntil)
	number(c, &p.RequestsPerSecond)
	number(c, &p.Burst)
	number(c, &p.TokensPerHour)
	number(c, &p.TokensPerDay)
	text(c, &p.Claims)
}

// written is a policy as a snapshot holds it. A key keeps it beside the rules,
// which cannot be turned back into it.
type written string

func writePolicy(p *store.Policy) written {
	c := newWriting(io.Discard)
	policyRecord(c, p)
	return written(c.out)
}

func (w written) read() (store.Policy, error) {
	c := newReadingOf([]byte(w))
	var p store.Policy
	policyRecord(c, &p)
	return p, c.err
}

// client is a key in the form that the mirror has of it. Its rules are left to the
// caller.
func client(c *coder, one *Client, grants *grantsWindow) {
	text(c, &one.ID)
	grants.code(c, &one.Grants)
	number(c, &one.stamp)
	if one.stamp.has(hasFirst) {
		c.raw(one.first[:])
	}
	more := one.further != nil
	c.flag(&more)
	if more {
		furtherRecord(c, one.more())
	}
}

func furtherRecord(c *coder, f *further) {
	number(c, &f.lifetime)
	list(c, &f.own, func(c *coder, s *ownSecret) {
		c.raw(s.hash[:])
		number(c, &s.expires)
	})
	list(c, &f.imported, text)
	list(c, &f.expiries, number)
	text(c, &f.policy)
	signs := f.keys != nil
	c.flag(&signs)
	if !signs {
		return
	}
	assertionsRecord(c, &f.assertions)
	if c.reading() {
		f.setKeys(f.assertions)
	}
}

func assertionsRecord(c *coder, a *store.Assertions) {
	text(c, &a.JWKS)
	list(c, &a.Algorithms, text)
	text(c, &a.Audience)
}

// rules are those of the policy that a key has written down.
func (w written) rules() (*policy.Rules, error) {
	if w == "" {
		return nil, nil //nolint:nilnil // no rules are the rules of nearly every key
	}
	p, err := w.read()
	if err != nil {
		return nil, err
	}
	return policy.Compile(p)
}

// grantsWindow are the grants that were met last. A key names its grants by their
// number there; only those that are not there are written out. It is emptied when
// it is full, so that a million keys with grants of their own take no memory; the
// writer and the reader do so at the same record.
type grantsWindow struct {
	numbers map[*scope.Grants]uint64
	list    []*scope.Grants
	// compile makes grants of their text.
	compile func(text string) *scope.Grants
}

const grantsInWindow = 4096

func newGrantsWindow(compile func(text string) *scope.Grants) *grantsWindow {
	return &grantsWindow{numbers: map[*scope.Grants]uint64{}, compile: compile}
}

func (w *grantsWindow) code(c *coder, g **scope.Grants) {
	// Zero stands for grants that follow.
	number := w.numbers[*g]
	c.uint(&number)
	if number > uint64(len(w.list)) {
		c.fail(errMalformed)
		number = 0
	}
	if number > 0 {
		*g = w.list[number-1]
		return
	}
	var words string
	if *g != nil {
		words = (*g).String()
	}
	text(c, &words)
	if c.reading() {
		*g = w.compile(words)
	}
	w.add(*g)
}

func (w *grantsWindow) add(g *scope.Grants) {
	if len(w.list) == grantsInWindow {
		w.list = w.list[:0]
		clear(w.numbers)
	}
	w.list = append(w.list, g)
	w.numbers[g] = uint64(len(w.list))
}
