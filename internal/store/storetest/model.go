package storetest

import (
	"maps"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// model is what a store should hold, kept in the simplest way.
type model struct {
	// id begins the ids of the run's records.
	id        string
	apis      map[string]*store.API
	client    store.Client
	key       store.SigningKey
	notBefore time.Time
	// families have an entry from their first rotation on.
	families map[store.TokenID]family
	revoked  map[store.TokenID]store.Revocation
	changes  []store.Change
	rows     []store.AuditRow
	// before is the number of the row before the first.
	before int64
}

type family struct {
	generation   int64
	rotated, end time.Time
}

func newModel(id string, before int64, notBefore time.Time) *model {
	return &model{
		id: id, apis: make(map[string]*store.API), client: newClient(id), key: newSigningKey(id), notBefore: notBefore, before: before,
		families: make(map[store.TokenID]family), revoked: make(map[store.TokenID]store.Revocation),
	}
}

func (m *model) journal(at time.Time, mutations ...store.Mutation) {
	for _, mutation := range mutations {
		kind, id := mutation.Subject()
		m.note(store.AuditRow{At: at, Actor: "uid:0", Event: mutation.Event(), Kind: kind, ID: id})
		m.changes[len(m.changes)-1].FormerOwner = m.formerOwner(mutation)
	}
}

// formerOwner is whose the key was that a mutation removes or gives away.
func (m *model) formerOwner(mutation store.Mutation) string {
	switch mutation := mutation.(type) {
	case store.DeleteClient:
		return m.client.Owner
	case store.UpdateClient:
		if mutation.Former != mutation.Client.Owner {
			return mutation.Former
		}
	}
	return ""
}

// note leaves a change and an audit row.
func (m *model) note(row store.AuditRow) {
	row.Seq = m.before + int64(len(m.rows)) + 1
	m.rows = append(m.rows, row)
	m.changes = append(m.changes, store.Change{Position: store.Position{Seq: row.Seq}, Kind: row.Kind, ID: row.ID})
}

func (m *model) rotate(r store.Rotation) store.Rotated {
	if _, revoked := m.revoked[r.Family]; revoked {
		return store.Rotated{Outcome: store.Revoked}
	}
	f := m.families[r.Family]
	if r.Generation == f.generation {
		m.families[r.Family] = family{generation: r.Generation + 1, rotated: r.By.At, end: r.ExpiresAt}
		return store.Rotated{Outcome: store.Renewed, At: r.By.At}
	}
	if r.Generation == f.generation-1 && f.generation > 0 && r.By.At.Sub(f.rotated) <= r.Grace && f.rotated.Sub(r.By.At) <= store.ClockSkew {
		return store.Rotated{Outcome: store.Repeated, At: f.rotated}
	}
	revocation := store.Revocation{ID: r.Family, ExpiresAt: r.ExpiresAt}
	m.revoke(revocation)
	m.note(store.AuditRow{
		At: r.By.At, Actor: r.By.Actor, Event: store.EventFamilyReused,
		Kind: store.KindRevocation, ID: revocation.String(),
	})
	return store.Rotated{Outcome: store.Reused}
}

func (m *model) revoke(r store.Revocation) { m.revoked[r.ID] = r }

func (m *model) revocations() []store.Revocation { return slices.Collect(maps.Values(m.revoked)) }

// expire removes what ended before the instant and returns how much that was.
func (m *model) expire(before time.Time) int {
	total := len(m.families) + len(m.revoked)
	maps.DeleteFunc(m.families, func(_ store.TokenID, f family) bool { return f.end.Before(before) })
	maps.DeleteFunc(m.revoked, func(_ store.TokenID, r store.Revocation) bool { return r.ExpiresAt.Before(before) })
	return total - len(m.families) - len(m.revoked)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
