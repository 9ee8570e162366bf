package mirror

import (
	"fmt"
	"testing"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

func TestGrantsThatNoKeyHasAnyMoreAreForgotten(t *testing.T) {
	const came, steady = 10_000, 10
	m := &Mirror{grants: map[string]*scope.Grants{}}
	m.clients.Store(newTable())
	put := func(id, granted string) *Client {
		c := m.compact(t.Context(), &store.Client{ID: id, Scopes: []string{granted}}, nil)
		m.clients.Load().put(c)
		return c
	}
	var kept []*Client
	for n := range steady {
		kept = append(kept, put(fmt.Sprintf("steady-%d", n), fmt.Sprintf("/steady/%d.read", n)))
	}
	most := 0
	for n := range came {
		c := put(fmt.Sprintf("brief-%d", n), fmt.Sprintf("/brief/%d.read", n))
		m.clients.Load().remove(c.ID)
		most = max(most, len(m.grants))
	}
	if limit := 1024 + 2*(steady+1); most > limit {
		t.Errorf("with %d keys the mirror held %d grants, want %d at most", steady, most, limit)
	}
	for n, c := range kept {
		again := put(fmt.Sprintf("again-%d", n), fmt.Sprintf("/steady/%d.read", n))
		if again.Grants != c.Grants {
			t.Errorf("two keys with the grant %s no longer share it", c.Grants)
		}
	}
}
