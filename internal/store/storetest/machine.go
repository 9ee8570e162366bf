package storetest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/store"
)

func machineTests(orders int) []test {
	return []test{
		{"any order of calls does what a simple model does", func(e *env) { anyOrder(e, orders) }},
	}
}

// anyOrder lets rapid call the store and the model in any order. What a call
// answers is compared at once, and all that can be read now and then, because
// that is slow, and at the end. With a number of orders, those beyond are left out.
func anyOrder(e *env, orders int) {
	m := &machine{env: e}
	rapid.Check(e.T, func(t *rapid.T) {
		if orders > 0 && m.runs == orders {
			return
		}
		m.begin(t)
		t.Repeat(map[string]func(*rapid.T){
			"compare":         m.compare,
			"wait":            m.wait,
			"rotate":          m.rotate,
			"revoke family":   m.revokeFamily,
			"revoke token":    m.revokeToken,
			"revoke tokens":   m.revokeTokens,
			"expire":          m.expire,
			"add secret":      m.addSecret,
			"remove secret":   m.removeSecret,
			"expire secret":   m.expireSecret,
			"use secrets":     m.useSecrets,
			"disable":         m.disable,
			"resource server": m.resourceServer,
			"change APIs":     m.changeAPIs,
			"change key":      m.changeKey,
			"make key again":  m.makeKeyAgain,
			"signing key":     m.signingKey,
			"open again":      m.openAgain,
		})
		m.compare(t)
	})
}

// machine is a store beside the model of it. All runs use one database, because
// making one is slow.
type machine struct {
	env   *env
	runs  int
	model *model
	now   time.Time
	// position and row are how far feed and trail were compared.
	position store.Position
	row      store.AuditRow
}

// begin begins a run with records of its own, and without families and
// revocations.
func (m *machine) begin(t *rapid.T) {
	m.runs++
	m.now = now
	for {
		removed, err := m.env.store.Expire(m.env.ctx, now.Add(1000*time.Hour), 1000)
		agree(t, "expire", err, nil)
		if removed == 0 {
			break
		}
	}
	rows, err := m.env.store.AuditRows(m.env.ctx, m.row.Seq, everything)
	agree(t, "audit rows", err, nil)
	if len(rows) > 0 {
		m.row = rows[len(rows)-1]
	}
	m.position, err = m.env.store.Head(m.env.ctx)
	agree(t, "head", err, nil)
	notBefore, err := m.env.store.NotBefore(m.env.ctx)
	agree(t, "not before", err, nil)
	m.model = newModel(fmt.Sprint("run-", m.runs), m.row.Seq, notBefore)
	m.write(
		t, nil, store.CreateClient{Client: m.model.client}, store.CreateSigningKey{SigningKey: m.model.key},
	)
}

func (m *machine) by() store.Origin { return store.Origin{Actor: "uid:0", At: m.now} }

// write applies the mutations and checks that they end as the model says.
func (m *machine) write(t *rapid.T, want error, mutations ...store.Mutation) {
	t.Helper()
	_, err := m.env.store.Write(m.env.ctx, m.by(), mutations...)
	agree(t, fmt.Sprintf("write %+v", mutations), err, want)
	if want == nil {
		m.model.journal(m.now, mutations...)
	}
}

func (m *machine) wait(t *rapid.T) {
	seconds := rapid.SampledFrom([]int{1, 9, 10, 11, 3600}).Draw(t, "seconds")
	m.now = m.now.Add(time.Duration(seconds) * time.Second)
}

// drawEnd draws when a family or a token ends. One id always has the same end;
// ends and the instants of expire lie more than an hour apart, where the contract
// leaves no choice.
func drawEnd(t *rapid.T) (store.TokenID, time.Time) {
	n := rapid.Uint8Range(0, 5).Draw(t, "id")
	end := now.Truncate(24 * time.Hour).Add(time.Duration(n/2*2) * time.Hour)
	return store.TokenID{n}, end
}

func (m *machine) expire(t *rapid.T) {
	n := rapid.IntRange(-1, 3).Draw(t, "hours")
	before := now.Truncate(24 * time.Hour).Add(time.Duration(2*n+1)*time.Hour + time.Millisecond)
	limit := rapid.IntRange(1, 3).Draw(t, "limit")
	total := 0
	for {
		removed, err := m.env.store.Expire(m.env.ctx, before, limit)
		agree(t, "expire", err, nil)
		if removed > 2*limit {
			t.Fatalf("expire with limit %d removed %d", limit, removed)
		}
		if removed == 0 {
			break
		}
		total += removed
	}
	want := m.model.expire(before)
	// After very many runs it removes changes as well.
	if total != want && m.row.Seq < store.KeptChanges {
		t.Fatalf("expire before %v removed %d rows, want %d", before, total, want)
	}
}

func (m *machine) rotate(t *rapid.T) {
	id, end := drawEnd(t)
	r := store.Rotation{
		Family: id, Generation: m.model.families[id].generation, ExpiresAt: end, Grace: 10 * time.Second, By: m.by(),
	}
	// Mostly the last generation, or the one before it: others end the family.
	r.Generation += int64(rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, -1, -1, -1, -2, 1}).Draw(t, "off"))
	got, err := m.env.store.Rotate(m.env.ctx, r)
	agree(t, "rotate", err, nil)
	want := m.model.rotate(r)
	if got != want {
		t.Fatalf("rotate %+v: got %+v, want %+v", r, got, want)
	}
}

func (m *machine) revokeFamily(t *rapid.T) {
	id, end := drawEnd(t)
	r := store.Revocation{ID: id, ExpiresAt: end}
	m.write(t, nil, store.RevokeFamily{Revocation: r})
	m.model.revoke(r)
}

func (m *machine) revokeToken(t *rapid.T) {
	id, end := drawEnd(t)
	id[15] = 1 // a token, not one of the families
	r := store.Revocation{ID: id, ExpiresAt: end}
	m.write(t, nil, store.RevokeToken{Revocation: r})
	m.model.revoke(r)
}

func (m *machine) revokeTokens(t *rapid.T) {
	before := now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "hours")) * time.Hour)
	switch rapid.IntRange(0, 2).Draw(t, "level") {
	case 0:
		m.revokeAPITokens(t, before)
	case 1:
		m.write(t, nil, store.RevokeClientTokens{ID: m.model.client.ID, Before: before})
		m.model.client.NotBefore = later(m.model.client.NotBefore, before)
	default:
		m.write(t, nil, store.RevokeAllTokens{Before: before})
		m.model.notBefore = later(m.model.notBefore, before)
	}
}

// openAgain is rare, because it is slow.
func (m *machine) openAgain(t *rapid.T) {
	if rapid.IntRange(0, 7).Draw(t, "now") != 0 {
		t.Skip("another time")
	}
	m.env.reopen()
}
