package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func useTests() []test {
	return []test{
		{"a use is noted in its secret and nowhere else", useNoted},
		{"an earlier use never replaces a later one", useEarlier},
		{"a use of a secret that is gone is skipped", useOfNothing},
		{"thousands of uses are noted in one call", usesMany},
		{"uses that are noted at the same time leave the last", usesBeside},
		{"it leaves no audit row and no change", useLeavesNothing},
	}
}

func (e *env) recordUses(uses ...store.SecretUse) {
	e.Helper()
	e.must("record uses", e.store.RecordUses(e.ctx, uses))
}

// useOf is a use of the secret "s1" of a key, so long after it was last used.
func useOf(clientID string, later time.Duration) store.SecretUse {
	secret := newClient(clientID).Secrets[1]
	return store.SecretUse{
		ClientID: clientID, Hash: secret.Hash, At: secret.LastUsedAt.Add(later), From: fmt.Sprint("after ", later),
	}
}

func useNoted(e *env) {
	e.write(createClient("c"), createClient("d"))
	unused := newSecret("s3", now)
	unused.LastUsedAt, unused.LastUsedFrom = time.Time{}, ""
	e.write(store.AddSecret{ClientID: "c", Secret: unused})
	e.recordUses(useOf("c", time.Hour), store.SecretUse{ClientID: "c", Hash: unused.Hash, At: now, From: "192.0.2.1"})

	want := newClient("c")
	want.Secrets, want.UpdatedAt = append(want.Secrets, unused), now
	want.Secrets[1].LastUsedAt = want.Secrets[1].LastUsedAt.Add(time.Hour)
	want.Secrets[1].LastUsedFrom = "after 1h0m0s"
	want.Secrets[2].LastUsedAt, want.Secrets[2].LastUsedFrom = now, "192.0.2.1"
	same(e, "clients", e.clients(), []store.Client{want, newClient("d")})
}

func useEarlier(e *env) {
	e.write(createClient("c"))
	want := newClient("c")
	e.recordUses(useOf("c", -time.Millisecond), useOf("c", -time.Hour), useOf("c", 0))
	same(e, "client", e.client("c"), want)

	e.recordUses(useOf("c", time.Millisecond), useOf("c", time.Hour), useOf("c", time.Minute))
	want.Secrets[1].LastUsedAt = want.Secrets[1].LastUsedAt.Add(time.Hour)
	want.Secrets[1].LastUsedFrom = "after 1h0m0s"
	same(e, "client", e.client("c"), want)
}

func useOfNothing(e *env) {
	e.write(createClient("c"), createClient("gone"))
	e.write(store.DeleteClient{ID: "gone"})
	unknown := useOf("c", time.Hour)
	unknown.Hash = []byte("another")
	e.recordUses(useOf("gone", time.Hour), unknown, useOf("never", time.Hour), useOf("c", time.Minute), store.SecretUse{})
	want := newClient("c")
	want.Secrets[1].LastUsedAt = want.Secrets[1].LastUsedAt.Add(time.Minute)
	want.Secrets[1].LastUsedFrom = "after 1m0s"
	same(e, "clients", e.clients(), []store.Client{want})
	e.recordUses()
}

func usesMany(e *env) {
	const n = 2100
	e.write(createClients(n)...)
	uses := make([]store.SecretUse, n)
	for i := range uses {
		uses[i] = useOf(fmt.Sprintf("client-%04d", i), time.Duration(i+1)*time.Second)
	}
	e.recordUses(uses...)
	for i, c := range e.clients() {
		if c.Secrets[1].LastUsedAt != uses[i].At {
			e.Fatalf("key %s: last used at %v, want %v", c.ID, c.Secrets[1].LastUsedAt, uses[i].At)
		}
	}
}

func usesBeside(e *env) {
	e.write(createClient("c"))
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := e.store.RecordUses(e.ctx, []store.SecretUse{useOf("c", time.Duration(i)*time.Second)})
			fails(e, "record uses", err, nil)
		})
	}
	wg.Wait()
	got := e.client("c").Secrets[1]
	want := useOf("c", 19*time.Second)
	same(e, "last use", []any{got.LastUsedAt, got.LastUsedFrom}, []any{want.At, want.From})
}

func useLeavesNothing(e *env) {
	head := e.write(createClient("c"))
	e.recordUses(useOf("c", time.Hour))
	same(e, "head", e.head(), head)
	same(e, "number of audit rows", len(e.auditRows()), 1)
}
