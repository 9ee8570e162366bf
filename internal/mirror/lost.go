package mirror

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

// lost is what the store does not have, though it must never be undone: the database was
// put back to an earlier state, or has failed over to a server that lacked the last
// commits. Nodes that find the same give it back at the same time, which does no harm;
// what one of them has given back, the feed tells the others.
type lost struct {
	// revocations are of tokens and families.
	revocations map[store.TokenID]store.Revocation
	// clients and apis hold the instants before which their tokens were revoked.
	clients, apis map[string]time.Time
	// signing are signing keys that were revoked.
	signing map[string]bool
	// all says that the instant of RevokeAllTokens is not there.
	all bool
	// families says that those which this node has rotated may be of an earlier
	// generation.
	families bool
	// told says that the log knows that it cannot be given back.
	told bool
}

func (l *lost) len() int {
	n := len(l.revocations) + len(l.clients) + len(l.apis) + len(l.signing)
	if l.all {
		n++
	}
	return n
}

// missClient compares a key with the instant that the store has of it.
func (l *lost) missClient(c *Client, stored int64) {
	if c.stamp.instant() <= stored {
		delete(l.clients, c.ID)
		return
	}
	if l.clients == nil {
		l.clients = map[string]time.Time{}
	}
	l.clients[c.ID] = c.NotBefore()
}

func (l *lost) missAPIs(records []store.API, known *directory) {
	l.apis = map[string]time.Time{}
	for i := range records {
		at := known.byID[records[i].ID].NotBefore
		if at.After(later(records[i].CreatedAt, records[i].NotBefore)) {
			l.apis[records[i].ID] = at
		}
	}
}

// missSigningKeys also keeps revoked what was revoked before.
func (l *lost) missSigningKeys(records, known []store.SigningKey) {
	l.signing = map[string]bool{}
	revoked := map[string]time.Time{}
	for i := range known {
		revoked[known[i].ID] = known[i].RevokedAt
	}
	for i := range records {
		at := revoked[records[i].ID]
		if records[i].RevokedAt.IsZero() && !at.IsZero() {
			records[i].RevokedAt = at
			l.signing[records[i].ID] = true
		}
	}
}

// some returns at most so many mutations that give back what was lost.
func (l *lost) some(most int, all time.Time) []store.Mutation {
	var some []store.Mutation
	if l.all {
		some = append(some, store.RevokeAllTokens{Before: all})
	}
	for id := range l.signing {
		some = append(some, store.RevokeSigningKey{ID: id})
	}
	for id, before := range l.apis {
		some = append(some, store.RevokeAPITokens{ID: id, Before: before})
	}
	for id, before := range l.clients {
		if len(some) >= most {
			return some
		}
		some = append(some, store.RevokeClientTokens{ID: id, Before: before})
	}
	for _, r := range l.revocations {
		if len(some) >= most {
			return some
		}
		some = append(some, store.RevokeToken{Revocation: r})
	}
	return some
}

// found takes out what the store has now, or cannot have.
func (l *lost) found(m store.Mutation) {
	switch m := m.(type) {
	case store.RevokeAllTokens:
		l.all = false
	case store.RevokeSigningKey:
		delete(l.signing, m.ID)
	case store.RevokeAPITokens:
		delete(l.apis, m.ID)
	case store.RevokeClientTokens:
		delete(l.clients, m.ID)
	case store.RevokeToken:
		delete(l.revocations, m.Revocation.ID)
	}
}

// without returns those that another set does not have and that have not expired.
func (rs *revocations) without(other *revocations, at time.Time) map[store.TokenID]store.Revocation {
	missing, now := map[store.TokenID]store.Revocation{}, inSeconds(at)
	for number := range rs.shards {
		table := rs.shards[number].table.Load()
		if table == nil {
			continue
		}
		for i := range table.slots {
			slot := &table.slots[i]
			expires := slot.expires.Load()
			if expires > now && !other.has(slot.id) {
				ends := time.Unix(int64(expires), 0).UTC().Add(-revokedFor)
				missing[slot.id] = store.Revocation{ID: slot.id, ExpiresAt: ends}
			}
		}
	}
	return missing
}
