package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/grantd/grantd/internal/policy"
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
	m.loads++
	acknowledged := m.acknowledged.Load()
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
	m.position, m.until, m.forked = head, nil, false
	// What was acknowledged before is among what was loaded, or is known to be lost.
	m.acknowledged.CompareAndSwap(acknowledged, nil)
	return nil
}

func (m *Mirror) loadClients(ctx context.Context) error {
	m.grants = map[string]*scope.Grants{}
	fresh, before := newTable(), m.clients.Load()
	listed := map[string]int{}
	for after := ""; ; {
		records, err := m.Source.Clients(ctx, after, page)
		if err != nil {
			return fmt.Errorf("read the keys: %w", err)
		}
		for i := range records {
			var old *Client
			if before != nil {
				old = before.get(records[i].ID)
			}
			client := m.compact(ctx, &records[i], old)
			fresh.put(client)
			for _, origin := range client.Policy.Origins() {
				listed[origin]++
			}
		}
		if len(records) < page {
			break
		}
		after = records[len(records)-1].ID
	}
	m.clients.Store(fresh)
	m.origins.reset(listed)
	return nil
}

// loadRevocations adds to those that are known. It takes none away: what was
// revoked here stays so, whatever history the store has now.
func (m *Mirror) loadRevocations(ctx context.Context) error {
	now, listed := m.Now(), &revocations{}
	again := m.revoked.len() > 0
	for after := (store.Revocation{}); ; {
		list, err := m.Source.Revocations(ctx, after, page)
		if err != nil {
			return fmt.Errorf("read the revocations: %w", err)
		}
		for _, r := range list {
			m.revoked.add(r, now)
			if again {
				listed.add(r, now)
			}
		}
		if len(list) < page {
			m.lost.revocations = nil
			if again {
				m.lost.revocations = m.revoked.without(listed, now)
			}
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
	m.lost.all = m.NotBefore().After(at)
	return nil
}

// apply reads the feed to its end.
func (m *Mirror) apply(ctx context.Context) error {
	acknowledged := m.acknowledged.Load()
	for {
		changes, err := m.Source.Changes(ctx, m.position, page)
		if err != nil {
			return fmt.Errorf("read the feed: %w", err)
		}
		if contradicts(changes, acknowledged) {
			return fmt.Errorf("look for the last change of this node: %w", store.ErrForked)
		}
		err = m.applyPage(ctx, changes)
		if err != nil {
			return err
		}
		if len(changes) < page {
			return m.settleAcknowledged(acknowledged)
		}
	}
}

// applyPage applies changes that were read at once. What is read as a whole is
// read once for all of them, since it is read after the last of them was written.
func (m *Mirror) applyPage(ctx context.Context, changes []store.Change) error {
	defer m.origins.publish()
	done := map[store.Kind]bool{}
	for _, change := range changes {
		if !readWhole(change.Kind) || !done[change.Kind] {
			err := m.applyOne(ctx, change)
			if err != nil {
				return err
			}
		}
		done[change.Kind] = true
		m.position = change.Position
	}
	return nil
}

// readWhole reports whether all records of the kind are read when one has changed.
func readWhole(k store.Kind) bool { return k == store.KindAPI || k == store.KindSigningKey }

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
	case store.KindOperator:
		return nil // no token depends on who uses the console
	}
	return fmt.Errorf("the feed names a kind of record this version does not know: %s", change.Kind)
}

func (m *Mirror) applyRevocation(id string) error {
	r, err := store.ParseRevocation(id)
	if err != nil {
		return fmt.Errorf("read a revocation from the feed: %w", err)
	}
	m.revoked.add(r, m.Now())
	delete(m.lost.revocations, r.ID)
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
	clients := m.clients.Load()
	old := clients.get(id)
	record, err := m.Source.Client(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		clients.remove(id)
		m.origins.replace(old.policy(), nil)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read key %s: %w", id, err)
	}
	client := m.compact(ctx, &record, old)
	clients.put(client)
	m.origins.replace(old.policy(), client.Policy)
	return nil
}

func (m *Mirror) loadAPIs(ctx context.Context) error {
	records, err := m.Source.APIs(ctx)
	if err != nil {
		return fmt.Errorf("read the APIs: %w", err)
	}
	m.directory.Store(m.newDirectory(ctx, records, m.directory.Load()))
	m.lost.missAPIs(records, m.directory.Load())
	return nil
}

func (m *Mirror) loadSigningKeys(ctx context.Context) error {
	records, err := m.Source.SigningKeys(ctx)
	if err != nil {
		return fmt.Errorf("read the signing keys: %w", err)
	}
	m.lost.missSigningKeys(records, m.signing)
	err = m.Keyring.Load(records)
	if err != nil {
		return fmt.Errorf("load the signing keys: %w", err)
	}
	m.signing = records
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

// compact makes the mirror's form of a key that takes the place of an old one,
// which may be nil. Equal grants are kept once.
func (m *Mirror) compact(ctx context.Context, record *store.Client, old *Client) *Client {
	rules, err := policy.Compile(record.Policy)
	client := newClient(record, m.shared(record.Scopes), m.orClosed(ctx, record.ID, rules, err))
	stored := client.stamp.instant()
	client.continues(old)
	m.lost.missClient(client, stored)
	if client.Keys().Unreadable() {
		m.Logger.LogAttrs(ctx, slog.LevelError, "the public keys of a key cannot be read; it cannot authenticate until they are saved again",
			slog.String("client_id", record.ID))
	}
	return client
}

// shared returns the compiled grants, which most keys have in common with others:
// those are found before anything is compiled.
func (m *Mirror) shared(granted []string) *scope.Grants {
	text := strings.Join(granted, " ")
	grants, found := m.grants[text]
	if found {
		return grants
	}
	m.forgetGrants()
	grants = scope.CompileGrants(granted)
	m.grants[text] = grants
	return grants
}

// orClosed returns the rules of a key, unless its policy could not be compiled. That
// closes the key: without the policy it could do more than it was given.
func (m *Mirror) orClosed(ctx context.Context, id string, rules *policy.Rules, err error) *policy.Rules {
	if err != nil {
		m.Logger.LogAttrs(ctx, slog.LevelError, "the policy of a key cannot be read; the key gets no tokens until it is saved again",
			slog.String("client_id", id), slog.String("cause", err.Error()))
		return policy.Closed()
	}
	return rules
}
