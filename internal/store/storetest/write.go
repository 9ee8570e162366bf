package storetest

import (
	"fmt"
	"sync"

	"github.com/grantd/grantd/internal/store"
)

func writeTests() []test {
	return []test{
		{"mutations are applied in order", appliedInOrder},
		{"all mutations are applied or none", allOrNone},
		{"a part of a mutation is never applied", noPart},
		{"each mutation leaves one audit row and one change", oneRowEach},
		{"it returns the position after the last mutation", returnsPosition},
		{"a read begun afterwards sees the write", readsOwnWrites},
		{"a refusal names the first mutation that could not be applied", namesFirst},
		{"every mutation is checked before the first is applied", checkedFirst},
		{"a nil mutation is ErrInvalid", nilMutation},
		{"a write without mutations changes nothing and returns the head", writeNothing},
		{"of concurrent writes of one id exactly one succeeds", oneWins},
		{"a refused write does not disturb those beside it", refusedBeside},
	}
}

func appliedInOrder(e *env) {
	second := newClient("c")
	second.Name = "second"
	second.Disabled = false
	e.write(
		createClient("c"),
		store.DeleteClient{ID: "c"},
		store.CreateClient{Client: second},
		store.SetClientDisabled{ID: "c", Disabled: true},
	)
	second.Disabled = true
	second.UpdatedAt = now
	same(e, "client", e.client("c"), second)
}

func allOrNone(e *env) {
	e.write(createClient("taken"))
	audit := e.auditRows()
	e.refused(store.ErrConflict,
		createAPI("a"), createClient("c"), createSigningKey("k"),
		store.SetClientDisabled{ID: "taken", Disabled: false}, store.DeleteClient{ID: "taken"},
		createClient("d"), createClient("d"),
	)
	same(e, "clients", ids(e.clients()), []string{"taken"})
	same(e, "client", e.client("taken"), newClient("taken"))
	same(e, "APIs", e.apis(), nil)
	same(e, "signing keys", e.signingKeys(), nil)
	same(e, "audit rows", e.auditRows(), audit)
	// What the refused write had begun to take is free.
	e.write(createAPI("a"), createClient("c"), createSigningKey("k"))
}

func noPart(e *env) {
	c := newClient("c")
	c.Secrets = append(c.Secrets, c.Secrets[0])
	e.refused(store.ErrConflict, store.CreateClient{Client: c})
	same(e, "clients", e.clients(), nil)

	e.write(createAPI("a"))
	b := newAPI("b")
	b.Scopes = append(b.Scopes, newAPI("a").Scopes...)
	e.refused(store.ErrConflict, store.CreateAPI{API: b})
	e.write(createAPI("b"))
}

func oneRowEach(e *env) {
	e.write(createAPI("a"), createClient("c"))
	e.write(createSigningKey("k"), store.SetClientDisabled{ID: "c"}, store.DeleteClient{ID: "c"})
	var changed, audited []string
	for _, c := range e.changes(store.Position{}) {
		changed = append(changed, fmt.Sprint(c.Seq, " ", c.Kind, " ", c.ID))
	}
	for _, r := range e.auditRows() {
		audited = append(audited, fmt.Sprint(r.Seq, " ", r.Kind, " ", r.ID))
	}
	want := []string{"1 api a", "2 client c", "3 signing_key k", "4 client c", "5 client c"}
	same(e, "changes", changed, want)
	same(e, "audit rows", audited, want)
}

func returnsPosition(e *env) {
	for n := range 3 {
		mutations := createClients(3 * (n + 1))[3*n:]
		p := e.write(mutations...)
		changes := e.changes(store.Position{})
		same(e, "position", p, changes[len(changes)-1].Position)
		same(e, "head", e.head(), p)
		same(e, "number", p.Seq, int64(3*(n+1)))
	}
}

func readsOwnWrites(e *env) {
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 25 {
				id := fmt.Sprintf("%d-%d", w, i)
				p, err := e.store.Write(e.ctx, origin, createClient(id))
				if err != nil {
					e.Errorf("write %s: %v", id, err)
					return
				}
				_, err = e.store.Client(e.ctx, id)
				fails(e, "client "+id, err, nil)
				_, err = e.store.Changes(e.ctx, p, 1)
				fails(e, "changes after "+id, err, nil)
			}
		})
	}
	wg.Wait()
}

func namesFirst(e *env) {
	e.write(createAPI("a"), createClient("c"), createSigningKey("k"))
	sameAudience := newAPI("b")
	sameAudience.Audience = newAPI("a").Audience
	foreignScope := newAPI("b")
	foreignScope.Scopes[1] = newAPI("a").Scopes[2]
	ownTwice := newAPI("a")
	ownTwice.Scopes[1] = ownTwice.Scopes[0]
	twoSecrets := newClient("d")
	twoSecrets.Secrets[1].ID = twoSecrets.Secrets[0].ID

	good, alsoWrong := createClient("good"), createClient("c")
	for _, test := range []struct {
		wrong store.Mutation
		want  store.MutationError
	}{
		{createAPI("a"), store.MutationError{Kind: store.KindAPI, ID: "a", Field: "id", Value: "a"}},
		{store.CreateAPI{API: sameAudience}, store.MutationError{
			Kind: store.KindAPI, ID: "b", Field: "audience", Value: sameAudience.Audience,
		}},
		{store.CreateAPI{API: foreignScope}, store.MutationError{
			Kind: store.KindAPI, ID: "b", Field: "scope", Value: foreignScope.Scopes[1],
		}},
		{store.UpdateAPI{API: ownTwice}, store.MutationError{
			Kind: store.KindAPI, ID: "a", Field: "scope", Value: ownTwice.Scopes[0],
		}},
		{createClient("c"), store.MutationError{Kind: store.KindClient, ID: "c", Field: "id", Value: "c"}},
		{store.CreateClient{Client: twoSecrets}, store.MutationError{
			Kind: store.KindClient, ID: "d", Field: "secret", Value: twoSecrets.Secrets[0].ID,
		}},
		{createSigningKey("k"), store.MutationError{Kind: store.KindSigningKey, ID: "k", Field: "id", Value: "k"}},
	} {
		test.want.Index, test.want.Err = 1, store.ErrConflict
		same(e, "conflict", describe(e.refused(store.ErrConflict, good, test.wrong, alsoWrong)), describe(test.want))
	}
	for _, wrong := range []store.Mutation{
		store.DeleteClient{ID: "x"},
		store.UpdateClient{Client: newClient("x")},
		store.SetClientDisabled{ID: "x"},
		store.RevokeClientTokens{ID: "x"},
		store.AddSecret{ClientID: "x"},
		store.RemoveSecret{ClientID: "x"},
		store.SetSecretExpiry{ClientID: "x"},
		store.UpdateAPI{API: newAPI("x")},
		store.DeleteAPI{ID: "x"},
		store.RevokeAPITokens{ID: "x"},
		store.AddResourceServer{APIID: "x"},
		store.RemoveResourceServer{APIID: "x"},
		store.RevokeSigningKey{ID: "x"},
		store.DeleteSigningKey{ID: "x"},
		store.ResealSigningKey{ID: "x"},
	} {
		kind, id := wrong.Subject()
		want := store.MutationError{Index: 1, Kind: kind, ID: id, Err: store.ErrNotFound}
		same(e, "not found", describe(e.refused(store.ErrNotFound, good, wrong, alsoWrong)), describe(want))
	}
}

func describe(err store.MutationError) string { return fmt.Sprint(err.Index, " ", err.Error()) }

func checkedFirst(e *env) {
	e.write(createClient("c"))
	wrong := newClient("d")
	wrong.Scopes = []string{"a", ""}
	refusal := e.refused(store.ErrInvalid, createClient("c"), store.CreateClient{Client: wrong})
	same(e, "index", refusal.Index, 1)
	same(e, "id", refusal.ID, "d")
}

func nilMutation(e *env) {
	refusal := e.refused(store.ErrInvalid, createClient("c"), nil)
	same(e, "index", refusal.Index, 1)
}

func writeNothing(e *env) {
	same(e, "position in an empty store", e.write(), store.Position{})
	last := e.write(createClient("c"))
	audit := e.auditRows()
	same(e, "position", e.write(), last)
	same(e, "audit rows", e.auditRows(), audit)
}

func oneWins(e *env) {
	var won, lost int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_, err := e.store.Write(e.ctx, origin, createClient("c"))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
				return
			}
			fails(e, "write", err, store.ErrConflict)
			lost++
		})
	}
	wg.Wait()
	same(e, "won and lost", []int{won, lost}, []int{1, 15})
}

func refusedBeside(e *env) {
	e.write(createClient("taken"))
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			if i%2 == 0 {
				_, err := e.store.Write(e.ctx, origin, createClient(fmt.Sprint("d", i)), createClient("taken"))
				fails(e, "write", err, store.ErrConflict)
				return
			}
			_, err := e.store.Write(e.ctx, origin, createClient(fmt.Sprint("c", i)))
			fails(e, "write", err, nil)
		})
	}
	wg.Wait()
	same(e, "number of clients", len(e.clients()), 17)
	same(e, "number of changes", e.head().Seq, 17)
	same(e, "number of audit rows", len(e.auditRows()), 17)
}
