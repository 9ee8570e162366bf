package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/store"
)

// agree fails the run when a call did not end as the model says.
func agree(t *rapid.T, call string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("%s: got error %v, want %v", call, got, want)
	}
}

// equal fails the run when store and model differ.
func equal[T any](t *rapid.T, what string, got T, err error, want T, options ...cmp.Option) {
	t.Helper()
	agree(t, what, err, nil)
	if diff := cmp.Diff(want, got, append(options, cmpopts.EquateEmpty())...); diff != "" {
		t.Fatalf("%s (-model +store):\n%s", what, diff)
	}
}

// compare compares all that can be read.
func (m *machine) compare(t *rapid.T) {
	ctx := m.env.ctx
	m.compareAPIs(t)
	client, err := m.env.store.Client(ctx, m.model.client.ID)
	equal(t, "client", client, err, m.model.client)
	key, err := m.env.store.SigningKey(ctx, m.model.key.ID)
	equal(t, "signing key", key, err, m.model.key)
	notBefore, err := m.env.store.NotBefore(ctx)
	equal(t, "not before", notBefore, err, m.model.notBefore)
	revocations, err := m.env.store.Revocations(ctx, store.Revocation{}, everything)
	byName := cmpopts.SortSlices(func(a, b store.Revocation) bool { return a.String() < b.String() })
	equal(t, "revocations", revocations, err, m.model.revocations(), byName)
	m.compareJournal(t)
}

// compareJournal compares what was added to the feed and to the audit trail.
func (m *machine) compareJournal(t *rapid.T) {
	ctx, known := m.env.ctx, m.row.Seq-m.model.before
	changes, err := m.env.store.Changes(ctx, m.position, everything)
	equal(t, "changes", changes, err, m.model.changes[known:], cmpopts.IgnoreFields(store.Change{}, "Tag"))
	rows, err := m.env.store.AuditRows(ctx, m.row.Seq, everything)
	equal(t, "audit rows", rows, err, m.model.rows[known:], cmpopts.IgnoreFields(store.AuditRow{}, "Previous", "Hash"))
	for i, row := range rows {
		if !row.Follows(m.row) {
			t.Fatalf("audit row %d does not continue the chain", row.Seq)
		}
		m.row, m.position = row, changes[i].Position
	}
}

// drawSecret draws an id, a name and a hash out of few, so that they meet.
func drawSecret(t *rapid.T, at time.Time) store.Secret {
	few := rapid.IntRange(1, 4)
	s := newSecret(fmt.Sprint("s", few.Draw(t, "id")), at)
	s.Name = fmt.Sprint("name of s", few.Draw(t, "name"))
	s.Hash = newSecret(fmt.Sprint("s", few.Draw(t, "hash")), at).Hash
	return s
}

func (m *machine) addSecret(t *rapid.T) {
	secret := drawSecret(t, m.now)
	taken := slices.ContainsFunc(m.model.client.Secrets, func(s store.Secret) bool {
		return s.ID == secret.ID || s.Name == secret.Name || string(s.Hash) == string(secret.Hash)
	})
	add := store.AddSecret{ClientID: m.model.client.ID, Secret: secret}
	if taken {
		m.write(t, store.ErrConflict, add)
		return
	}
	m.write(t, nil, add)
	m.model.client.Secrets = append(m.model.client.Secrets, secret)
	m.model.client.UpdatedAt = m.now
}

func (m *machine) removeSecret(t *rapid.T) {
	secrets := m.model.client.Secrets
	id := drawSecret(t, m.now).ID
	i := slices.IndexFunc(secrets, func(s store.Secret) bool { return s.ID == id })
	remove := store.RemoveSecret{ClientID: m.model.client.ID, ID: id}
	if i < 0 {
		m.write(t, store.ErrNotFound, remove)
		return
	}
	m.write(t, nil, remove)
	m.model.client.Secrets = slices.Delete(secrets, i, i+1)
	m.model.client.UpdatedAt = m.now
}

func (m *machine) expireSecret(t *rapid.T) {
	secrets := m.model.client.Secrets
	id := drawSecret(t, m.now).ID
	i := slices.IndexFunc(secrets, func(s store.Secret) bool { return s.ID == id })
	set := store.SetSecretExpiry{ClientID: m.model.client.ID, ID: id, ExpiresAt: m.now.Add(time.Minute)}
	if i < 0 {
		m.write(t, store.ErrNotFound, set)
		return
	}
	m.write(t, nil, set)
	secrets[i].ExpiresAt, m.model.client.UpdatedAt = set.ExpiresAt, m.now
}

func (m *machine) useSecrets(t *rapid.T) {
	var uses []store.SecretUse
	for range rapid.IntRange(0, 3).Draw(t, "uses") {
		ago := time.Duration(rapid.IntRange(-2, 2).Draw(t, "ago")) * time.Second
		use := store.SecretUse{ClientID: m.model.client.ID, Hash: drawSecret(t, m.now).Hash, At: m.now.Add(-ago), From: ago.String()}
		uses = append(uses, use)
		for i, s := range m.model.client.Secrets {
			if string(s.Hash) == string(use.Hash) && use.At.After(s.LastUsedAt) {
				m.model.client.Secrets[i].LastUsedAt, m.model.client.Secrets[i].LastUsedFrom = use.At, use.From
			}
		}
	}
	agree(t, "record uses", m.env.store.RecordUses(m.env.ctx, uses), nil)
}

func (m *machine) disable(t *rapid.T) {
	disabled := rapid.Bool().Draw(t, "disabled")
	m.write(t, nil, store.SetClientDisabled{ID: m.model.client.ID, Disabled: disabled})
	m.model.client.Disabled, m.model.client.UpdatedAt = disabled, m.now
}

func (m *machine) signingKey(t *rapid.T) {
	if rapid.Bool().Draw(t, "reseal") {
		sealed := rapid.SliceOfN(rapid.Byte(), 1, 8).Draw(t, "sealed")
		m.write(t, nil, store.ResealSigningKey{ID: m.model.key.ID, Sealed: sealed})
		m.model.key.Sealed = sealed
		return
	}
	m.write(t, nil, store.RevokeSigningKey{ID: m.model.key.ID})
	if m.model.key.RevokedAt.IsZero() {
		m.model.key.RevokedAt = m.now
	}
}

func (m *machine) changeKey(t *rapid.T) {
	c := changedClient(m.model.client.ID)
	c.Name = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "name")
	c.Mode = rapid.SampledFrom([]store.Mode{store.Live, store.Test}).Draw(t, "mode")
	c.Scopes = rapid.SliceOfN(rapid.SampledFrom([]string{"/a", "/b"}), 0, 2).Draw(t, "scopes")
	c.Policy = drawPolicy(t)
	if rapid.IntRange(0, 7).Draw(t, "wrong") == 0 {
		wrong := c
		wrong.Policy.Origins = []string{"https://a.example "}
		m.write(t, store.ErrInvalid, store.UpdateClient{Client: wrong})
	}
	old := m.model.client
	m.write(t, nil, store.UpdateClient{Client: c, Former: old.Owner})
	c.Secrets, c.Disabled, c.NotBefore, c.CreatedAt, c.UpdatedAt = old.Secrets, old.Disabled, old.NotBefore, old.CreatedAt, m.now
	m.model.client = c
}

func drawPolicy(t *rapid.T) store.Policy {
	var p store.Policy
	full := newPolicy("c")
	for _, set := range []func(){
		func() { p.Origins = full.Origins },
		func() { p.Networks = full.Networks },
		func() { p.ValidFrom = full.ValidFrom },
		func() { p.ValidUntil = full.ValidUntil },
		func() { p.RequestsPerSecond, p.Burst = full.RequestsPerSecond, full.Burst },
		func() { p.TokensPerHour, p.TokensPerDay = full.TokensPerHour, full.TokensPerDay },
		func() { p.Claims = full.Claims },
	} {
		if rapid.Bool().Draw(t, "set") {
			set()
		}
	}
	return p
}

func (m *machine) makeKeyAgain(t *rapid.T) {
	client := newClient(m.model.client.ID)
	m.write(t, nil, store.DeleteClient{ID: client.ID}, store.CreateClient{Client: client})
	m.model.client = client
	for _, api := range m.model.apis {
		api.ResourceServers = nil
	}
}
