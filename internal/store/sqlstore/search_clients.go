package sqlstore

import (
	"context"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

// searchWindow is how many keys of an order are looked at for one page when no index
// has what is asked for.
const searchWindow = 2000

// maxFound is how many keys a page may hold.
const maxFound = 1000

// clientFilter is what no index has. Each order is one statement with it, between two
// places of which the second is part of the list.
const clientFilter = `
  AND ($5 = '' OR mode = $5)
  AND ($6 = '' OR disabled = ($6 = 'yes'))
  AND ($7 = '' OR lower(name || ' ' || id || ' ' || owner) LIKE $7 ESCAPE '\')
  AND last_used_day >= $8 AND last_used_day < $9
  AND (CAST($10 AS BIGINT) = 0 OR policy LIKE '%"valid_until"%' OR EXISTS (
      SELECT 1 FROM client_secrets AS s WHERE s.client_id = clients.id AND s.expires_at > 0 AND s.expires_at <= CAST($10 AS BIGINT)))
  AND created_at < $11`

const (
	clientsByID = `
FROM clients
WHERE id > $1 AND id <= $2 AND $3 = '' AND $4 = ''`
	clientsOfOwner = `
FROM clients
WHERE owner = $3 AND id > $1 AND id <= $2 AND $4 = ''`
	clientsByDisabled = `
FROM clients
WHERE disabled = ($3 = 'yes') AND id > $1 AND id <= $2 AND $4 = ''`
	// SQLite takes no index of an expression for a comparison of two columns at once.
	clientsByName = `
FROM clients
WHERE lower(name) >= $1 AND lower(name) <= $2
  AND (lower(name) > $1 OR id > $3) AND (lower(name) < $2 OR id <= $4)`
	clientsByAge = `
FROM clients
WHERE (created_at, id) < ($1, $3) AND (created_at, id) >= ($2, $4)`
	clientsByUse = `
FROM clients
WHERE (last_used_day, id) > ($1, $3) AND (last_used_day, id) <= ($2, $4)`
)

// clientOrder is how keys are read in one order.
type clientOrder struct {
	// name is for the count of statements.
	name string
	// find reads places that the filter lets through; end reads the last place of the
	// window.
	find, end string
	// number says that the order is by a number, descending that its highest is first.
	number, descending bool
}

const (
	orderByID   = ` ORDER BY id LIMIT `
	orderByName = ` ORDER BY lower(name), id LIMIT `
	orderByAge  = ` ORDER BY created_at DESC, id DESC LIMIT `
	orderByUse  = ` ORDER BY last_used_day, id LIMIT `
)

// The orders that are those by id of a part of the keys.
const (
	byOwner    store.ClientOrder = "owner"
	byDisabled store.ClientOrder = "disabled"
)

func clientOrderOf(order store.ClientOrder) (clientOrder, bool) {
	const page, window = `$12`, `1 OFFSET $5`
	const id, name, age, use = `SELECT '', 0, id`, `SELECT lower(name), 0, id`, `SELECT '', created_at, id`, `SELECT '', last_used_day, id`
	o := clientOrder{name: string(order)}
	switch order {
	case store.ByID:
		o.find, o.end = id+clientsByID+clientFilter+orderByID+page, id+clientsByID+orderByID+window
	case byOwner:
		o.find, o.end = id+clientsOfOwner+clientFilter+orderByID+page, id+clientsOfOwner+orderByID+window
	case byDisabled:
		o.find, o.end = id+clientsByDisabled+clientFilter+orderByID+page, id+clientsByDisabled+orderByID+window
	case store.ByName:
		o.find, o.end = name+clientsByName+clientFilter+orderByName+page, name+clientsByName+orderByName+window
	case store.Newest:
		o.find, o.end = age+clientsByAge+clientFilter+orderByAge+page, age+clientsByAge+orderByAge+window
		o.number, o.descending = true, true
	case store.LongestUnused:
		o.find, o.end = use+clientsByUse+clientFilter+orderByUse+page, use+clientsByUse+orderByUse+window
		o.number = true
	default:
		return o, false
	}
	return o, true
}

// FindClients implements [store.Search].
func (s *Store) FindClients(ctx context.Context, q store.ClientQuery) (store.FoundClients, error) {
	found, err := s.findClients(ctx, q)
	if err != nil {
		return store.FoundClients{}, failed("look for keys", err)
	}
	return found, nil
}

func (s *Store) findClients(ctx context.Context, q store.ClientQuery) (store.FoundClients, error) {
	r, err := clientRangeOf(q)
	if err != nil {
		return store.FoundClients{}, err
	}
	limit := min(max(q.Limit, 0), maxFound)
	if limit == 0 {
		return store.FoundClients{}, nil
	}
	var end store.ClientPlace
	if r.filtered {
		ends, err := list(ctx, s, "select_end_of_clients_by_"+r.order.name, r.order.end, scanPlace, append(r.bounds(), searchWindow-1)...)
		if err != nil {
			return store.FoundClients{}, err
		}
		if len(ends) > 0 {
			end = ends[0]
			r.to = end
		}
	}
	places, err := list(ctx, s, "select_clients_by_"+r.order.name, r.order.find, scanPlace, append(append(r.bounds(), r.filter...), limit)...)
	if err != nil {
		return store.FoundClients{}, err
	}
	next := end
	if len(places) == limit {
		next = places[limit-1]
	}
	there, err := s.clientsAt(ctx, places)
	if err != nil {
		return store.FoundClients{}, err
	}
	found := store.FoundClients{Next: next}
	for _, place := range places {
		client, known := there[place.ID]
		if !known || q.Expired != nil && client.ExpiredAt(q.At) != *q.Expired {
			continue // gone by now, or not what is asked for
		}
		found.Clients, found.Places = append(found.Clients, client), append(found.Places, place)
	}
	return found, nil
}

func scanPlace(row scanner) (store.ClientPlace, error) {
	var p store.ClientPlace
	err := row.Scan(&p.Name, &p.Number, &p.ID)
	return p, err
}

const selectClientsIn = `
SELECT c.id, c.name, c.grant_types, c.auth_methods, c.mode, c.scopes, c.policy, c.assertions, c.access_token_lifetime_ms,
       c.keeps_refresh_tokens, c.disabled, c.not_before, c.created_at, c.updated_at, c.owner,
       s.id, s.name, s.hash, s.imported, s.created_at, s.expires_at, s.last_used_at, s.last_used_from
FROM clients AS c
LEFT JOIN client_secrets AS s ON s.client_id = c.id
WHERE c.id IN (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
    $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36,
    $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50)
ORDER BY c.id, s.position`

// clientsAt reads the keys at these places that are still there.
func (s *Store) clientsAt(ctx context.Context, places []store.ClientPlace) (map[string]store.Client, error) {
	there := make(map[string]store.Client, len(places))
	for chunk := range slices.Chunk(places, keysAtOnce) {
		args := make([]any, keysAtOnce)
		for i := range args {
			args[i] = chunk[min(i, len(chunk)-1)].ID
		}
		found := clientRows{expected: len(chunk)}
		err := each(ctx, s, "select_clients_in", selectClientsIn, found.begin, args...)
		if err != nil {
			return nil, err
		}
		for _, client := range found.clients {
			there[client.ID] = client
		}
	}
	return there, nil
}
