package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func trailTests() []test {
	return []test{
		{"a row says who, when, what and to which record", auditFields},
		{"each row continues the chain of hashes, from 32 zero bytes", auditChain},
		{"the chain goes on when the database is opened again", auditChainReopened},
		{"the chain holds under concurrent writes and failures", auditChainUnderLoad},
		{"at most limit rows come after the number given, in order", auditPages},
		{"rows stay when their record is gone", auditStays},
	}
}

// chained fails the test when a row is missing or does not continue the one
// before it.
func chained(e *env, rows []store.AuditRow) {
	e.Helper()
	var before store.AuditRow
	for _, row := range rows {
		if row.Seq != before.Seq+1 {
			e.Fatalf("audit row %d comes after %d", row.Seq, before.Seq)
		}
		if row.Previous != before.Hash {
			e.Fatalf("audit row %d has the previous hash %x, the row before it %x", row.Seq, row.Previous, before.Hash)
		}
		if row.Hash != row.Sum() {
			e.Fatalf("audit row %d has the hash %x, its content %x", row.Seq, row.Hash, row.Sum())
		}
		before = row
	}
}

func auditFields(e *env) {
	token, family := newRevocation("t", time.Hour), newRevocation("f", 2*time.Hour)
	steps := []struct {
		event string
		kind  store.Kind
		id    string
		store.Mutation
	}{
		{store.EventAPICreated, store.KindAPI, "a", createAPI("a")},
		{store.EventAPIUpdated, store.KindAPI, "a", store.UpdateAPI{API: newAPI("a")}},
		{store.EventAPITokensRevoked, store.KindAPI, "a", store.RevokeAPITokens{ID: "a", Before: now}},
		{store.EventKeyCreated, store.KindClient, "c", createClient("c")},
		{store.EventResourceServerAdded, store.KindAPI, "a", store.AddResourceServer{APIID: "a", ClientID: "c"}},
		{store.EventResourceServerRemoved, store.KindAPI, "a", store.RemoveResourceServer{APIID: "a", ClientID: "c"}},
		{store.EventAPIDeleted, store.KindAPI, "a", store.DeleteAPI{ID: "a"}},
		{store.EventKeyUpdated, store.KindClient, "c", store.UpdateClient{Client: newClient("c")}},
		{store.EventKeyDisabled, store.KindClient, "c", store.SetClientDisabled{ID: "c", Disabled: true}},
		{store.EventKeyEnabled, store.KindClient, "c", store.SetClientDisabled{ID: "c"}},
		{store.EventKeyTokensRevoked, store.KindClient, "c", store.RevokeClientTokens{ID: "c", Before: now}},
		{store.EventSecretAdded, store.KindClient, "c", store.AddSecret{ClientID: "c", Secret: newSecret("s3", now)}},
		{store.EventSecretExpirySet, store.KindClient, "c", store.SetSecretExpiry{ClientID: "c", ID: "s3"}},
		{store.EventSecretRemoved, store.KindClient, "c", store.RemoveSecret{ClientID: "c", ID: "s3"}},
		{store.EventKeyDeleted, store.KindClient, "c", store.DeleteClient{ID: "c"}},
		{store.EventSigningKeyCreated, store.KindSigningKey, "k", createSigningKey("k")},
		{store.EventSigningKeyResealed, store.KindSigningKey, "k", store.ResealSigningKey{ID: "k"}},
		{store.EventSigningKeyRevoked, store.KindSigningKey, "k", store.RevokeSigningKey{ID: "k"}},
		{store.EventSigningKeyDeleted, store.KindSigningKey, "k", store.DeleteSigningKey{ID: "k"}},
		{store.EventTokenRevoked, store.KindRevocation, token.String(), store.RevokeToken{Revocation: token}},
		{store.EventFamilyRevoked, store.KindRevocation, family.String(), store.RevokeFamily{Revocation: family}},
		{store.EventAllTokensRevoked, store.KindNotBefore, "all", store.RevokeAllTokens{Before: now}},
	}
	var want []store.AuditRow
	var changes []string
	for i, step := range steps {
		by := store.Origin{Actor: fmt.Sprint("uid:", i), At: now.Add(time.Duration(i) * time.Second)}
		_, err := e.store.Write(e.ctx, by, step.Mutation)
		fails(e, "write", err, nil)
		want = append(want, store.AuditRow{
			Seq: int64(i + 1), At: by.At, Actor: by.Actor, Event: step.event, Kind: step.kind, ID: step.id,
		})
		changes = append(changes, fmt.Sprint(step.kind, " ", step.id))
	}
	rows := e.auditRows()
	chained(e, rows)
	for i := range rows {
		rows[i].Previous, rows[i].Hash = [32]byte{}, [32]byte{}
	}
	same(e, "audit rows", rows, want)
	var got []string
	for _, c := range e.changes(store.Position{}) {
		got = append(got, fmt.Sprint(c.Kind, " ", c.ID))
	}
	same(e, "changes", got, changes)
}

func auditChain(e *env) {
	e.write(createClients(5)...)
	e.write(createAPI("a"), createSigningKey("k"))
	rows := e.auditRows()
	same(e, "number of rows", len(rows), 7)
	chained(e, rows)
	same(e, "previous hash of the first row", rows[0].Previous, [32]byte{})
}

func auditChainReopened(e *env) {
	e.write(createClients(2)...)
	e.reopen()
	e.write(createAPI("a"))
	e.reopen()
	e.write(createSigningKey("k"))
	rows := e.auditRows()
	same(e, "number of rows", len(rows), 4)
	chained(e, rows)
}

func auditChainUnderLoad(e *env) {
	wg, want := writeBeside(e)
	wg.Wait()
	rows := e.auditRows()
	same(e, "number of rows", int64(len(rows)), want)
	chained(e, rows)
}

func auditPages(e *env) {
	e.write(createClients(10)...)
	all := e.auditRows()
	for _, limit := range []int{1, 3, 10, 11, 1 << 40} {
		var got []store.AuditRow
		var after int64
		for range len(all) + 1 {
			page := e.auditPage(after, limit)
			if len(page) > limit {
				e.Fatalf("got %d rows with limit %d", len(page), limit)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = page[len(page)-1].Seq
		}
		same(e, fmt.Sprint("rows by pages of ", limit), got, all)
	}
	same(e, "rows after the last", e.auditPage(10, 5), nil)
	same(e, "rows after a number beyond", e.auditPage(99, 5), nil)
	same(e, "rows after a number below", e.auditPage(-5, 3), all[:3])
}

func auditStays(e *env) {
	e.write(createClient("c"), createAPI("a"))
	before := e.auditRows()
	e.write(store.DeleteClient{ID: "c"})
	e.refused(store.ErrConflict, createAPI("a"))
	after := e.auditRows()
	same(e, "number of rows", len(after), 3)
	if !slices.Equal(after[:2], before) {
		e.Errorf("the rows before changed: got %+v, want %+v", after[:2], before)
	}
}
