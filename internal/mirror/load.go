package mirror

import (
	"context"
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// page is how many records are read at once.
const page = 2000

// Load reads everything. It must have returned before the first lookup.
func (m *Mirror) Load(ctx context.Context) error {
	m.pull.Lock()
	defer m.pull.Unlock()
	start := m.Now()
	err := m.load(ctx)
	if err != nil {
		return fmt.Errorf("load the mirror: %w", err)
	}
	m.fresh.Store(&start)
	return nil
}

// load builds everything anew and publishes it. The head of the feed is read
// first: what changes while the records are read is applied again afterwards,
// which does no harm, since a change names a record and not a difference.
func (m *Mirror) load(ctx context.Context) error {
	head, err := m.Source.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the feed's head: %w", err)
	}
	err = m.loadSigningKeys(ctx)
	if err != nil {
		return err
	}
	err = m.loadAPIs(ctx)
	if err != nil {
		return err
	}
	err = m.loadNotBefore(ctx)
	if err != nil {
		return err
	}
	err = m.loadRevocations(ctx)
	if err != nil {
		return err
	}
	err = m.loadClients(ctx)
	if err != nil {
		return err
	}
	m.position = head
	return nil
}

func (m *Mirror) loadClients(ctx context.Context) error {
	m.grants = map[string]*scope.Grants{}
	fresh := newTable()
	for after := ""; ; {
		records, err := m.Source.Clients(ctx, after, page)
		if err != nil {
			return fmt.Errorf("read the keys: %w", err)
		}
		for i := range records {
			fresh.put(m.compact(&records[i]))
		}
		if len(records) < page {
			break
		}
		after = records[len(records)-1].ID
	}
	m.clients.Store(fresh)
	return nil
}

// loadRevocations adds to those that are known. It takes none away: what was
// revoked here stays so, whatever history the store has now.
func (m *Mirror) loadRevocations(ctx context.Context) error {
	now := m.Now()
	for after := (store.Revocation{}); ; {
		list, err := m.Source.Revocations(ctx, after, page)
		if err != nil {
			return fmt.Errorf("read the revocations: %w", err)
		}
		for _, r := range list {
			m.revoked.add(r, now)
		}
		if len(list) < page {
			return nil
		}
		after = list[len(list)-1]
	}
}

// loadNotBefore never goes back to an earlier instant.
func (m *Mirror) loadNotBefore(ctx context.Context) error {
	at, err := m.Source.NotBefore(ctx)
	if err != nil {
		return fmt.Errorf("read from when on tokens are valid: %w", err)
	}
	if !at.IsZero() {
		m.notBefore.Store(max(m.notBefore.Load(), at.UnixMilli()))
	}
	return nil
}

// apply reads the feed to its end.
func (m *Mirror) apply(ctx context.Context) error {
	for {
		changes, err := m.Source.Changes(ctx, m.position, page)
		if err != nil {
			return fmt.Errorf("read the feed: %w", err)
		}
		for _, change := range changes {
			err = m.applyOne(ctx, change)
			if err != nil {
				return err
			}
			m.position = change.Position
		}
		if len(changes) < page {
			return nil
		}
	}
}

func (m *Mirror) applyOne(ctx context.Context, change store.Change) error {
	switch change.Kind {
	case store.KindAPI:
		return m.loadAPIs(ctx)
	case store.KindSigningKey:
		return m.loadSigningKeys(ctx)
	case store.KindClient:
		return m.loadClient(ctx, change.ID)
	case store.KindRevocation:
		return m.applyRevocation(change.ID)
	case store.KindNotBefore:
		return m.loadNotBefore(ctx)
	}
	return fmt.Errorf("the feed names a kind of record this version does not know: %s", change.Kind)
}

func (m *Mirror) applyRevocation(id string) error {
	r, err := store.ParseRevocation(id)
	if err != nil {
		return fmt.Errorf("read a revocation from the feed: %w", err)
	}
	m.revoked.add(r, m.Now())
	return nil
}

func (m *Mirror) loadClient(ctx context.Context, id string) error {
	// Deleting a key takes it out of the resource servers of all APIs; a new key
	// with its id must not be found among them.
	if m.directory.Load().names(id) {
		err := m.loadAPIs(ctx)
		if err != nil {
			return err
		}
	}
	record, err := m.Source.Client(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		m.clients.Load().remove(id)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read key %s: %w", id, err)
	}
	m.clients.Load().put(m.compact(&record))
	return nil
}

func (m *Mirror) loadAPIs(ctx context.Context) error {
	records, err := m.Source.APIs(ctx)
	if err != nil {
		return fmt.Errorf("read the APIs: %w", err)
	}
	d, err := newDirectory(records, m.directory.Load())
	if err != nil {
		return fmt.Errorf("read the APIs: %w", err)
	}
	m.directory.Store(d)
	return nil
}

func (m *Mirror) loadSigningKeys(ctx context.Context) error {
	records, err := m.Source.SigningKeys(ctx)
	if err != nil {
		return fmt.Errorf("read the signing keys: %w", err)
	}
	err = m.Keyring.Load(records)
	if err != nil {
		return fmt.Errorf("load the signing keys: %w", err)
	}
	return nil
}

// forgetGrants drops the grants that no key has any more, once they may be the
// larger part.
func (m *Mirror) forgetGrants() {
	const few = 1024
	clients := m.clients.Load()
	if clients == nil || int64(len(m.grants)) < few+2*clients.len() {
		return
	}
	used := make(map[string]*scope.Grants, few)
	for c := range clients.all() {
		used[c.Grants.String()] = c.Grants
	}
	m.grants = used
}

// compact makes the mirror's form of a key; equal grants are kept once, and what
// the key had revoked stays so.
func (m *Mirror) compact(record *store.Client) *Client {
	grants := scope.CompileGrants(record.Scopes)
	shared, found := m.grants[grants.String()]
	if !found {
		m.forgetGrants()
		m.grants[grants.String()] = grants
		shared = grants
	}
	client := newClient(record, shared)
	client.keepRevoked(m.clients.Load())
	return client
}
