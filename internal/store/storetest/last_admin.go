package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/grantd/grantd/internal/store"
)

func newAdmin(id string, kinds ...store.CredentialKind) store.Operator {
	o := newOperator(id)
	o.Role = store.Admin
	for i, kind := range kinds {
		c := newCredential(fmt.Sprint("c", i))
		c.Kind = kind
		o.Credentials = append(o.Credentials, c)
	}
	return o
}

// demote and remove take an admin away.
func demote(id string) store.Mutation { return store.SetOperatorRole{ID: id, Role: store.Viewer} }

func remove(id string) store.Mutation { return store.DeleteOperator{ID: id} }

func operatorLastAdmin(e *env) {
	e.write(
		store.CreateOperator{Operator: newAdmin("ada", store.Passkey)},
		store.CreateOperator{Operator: newAdmin("invited", store.Link, store.TOTP)},
		store.CreateOperator{Operator: newOperator("dev", "c")},
	)
	for _, take := range []store.Mutation{demote("ada"), remove("ada")} {
		e.refused(store.ErrConflict, take)
	}
	e.write(store.SetOperatorRole{ID: "ada", Role: store.Admin}, demote("invited"), remove("invited"), remove("dev"))
	same(e, "role", e.operator("ada").Role, store.Admin)
	e.write(store.CreateOperator{Operator: newAdmin("bob", store.Password)}, demote("ada"))
	e.refused(store.ErrConflict, remove("bob"))
	e.write(store.SetOperatorRole{ID: "ada", Role: store.Admin}, remove("bob"))
	// What nobody could do before, nobody loses.
	e.write(store.RemoveOperatorCredential{OperatorID: "ada", ID: "c0"}, remove("ada"))
}

// admins counts those who are admins.
func (e *env) admins() int {
	e.Helper()
	all, err := e.store.Operators(e.ctx)
	fails(e, "operators", err, nil)
	n := 0
	for _, o := range all {
		if o.Role == store.Admin {
			n++
		}
	}
	return n
}

// takeAway has two admins take each other away at the same moment, again and again.
func (e *env) takeAway(nodes []store.Store) {
	e.Helper()
	for round := range 10 {
		take := []func(string) store.Mutation{demote, remove}[round%2]
		ids := []string{fmt.Sprint("a", round), fmt.Sprint("b", round)}
		e.write(store.CreateOperator{Operator: newAdmin(ids[0], store.Passkey)}, store.CreateOperator{Operator: newAdmin(ids[1], store.Password)})
		var took atomic.Int32
		var wg sync.WaitGroup
		for i, id := range ids {
			wg.Go(func() {
				_, err := nodes[i%len(nodes)].Write(e.ctx, origin, take(id))
				if err == nil {
					took.Add(1)
					return
				}
				fails(e, "take the last away", err, store.ErrConflict)
			})
		}
		wg.Wait()
		same(e, "how many were taken away", took.Load(), 1)
		same(e, "how many admins are left", e.admins(), 1)
		// The next round has no admin but its own: the one left loses the credential.
		for _, id := range ids {
			_, _ = e.store.Write(e.ctx, origin, store.RemoveOperatorCredential{OperatorID: id, ID: "c0"})
			_, _ = e.store.Write(e.ctx, origin, remove(id))
		}
		same(e, "how many admins are left after the round", e.admins(), 0)
	}
}

func operatorRace(e *env) { e.takeAway([]store.Store{e.store}) }

func nodesKeepAnAdmin(e *env) { e.takeAway(e.nodes()) }

func operatorSpared(e *env) {
	spare := func(id string) store.Mutation {
		return store.RemoveOperatorCredential{OperatorID: "a", ID: id, Spare: true}
	}
	e.write(store.CreateOperator{Operator: newAdmin("a", store.Passkey, store.TOTP, store.Link, store.Password)}, spare("c0"))
	e.refused(store.ErrConflict, spare("c3"))
	e.refused(store.ErrNotFound, spare("c0"))
	for round := range 10 {
		ids := []string{fmt.Sprint("x", round), fmt.Sprint("y", round)}
		for _, id := range ids {
			e.write(store.AddOperatorCredential{OperatorID: "a", Credential: newCredential(id)})
		}
		e.write(store.RemoveOperatorCredential{OperatorID: "a", ID: e.wayIn("a", ids...)})
		var removed atomic.Int32
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() {
				_, err := e.store.Write(e.ctx, origin, spare(id))
				if err == nil {
					removed.Add(1)
					return
				}
				fails(e, "remove the last", err, store.ErrConflict)
			})
		}
		wg.Wait()
		same(e, "how many were removed", removed.Load(), 1)
	}
}

// wayIn is the id of a passkey or a password of an operator that is none of these.
func (e *env) wayIn(operator string, but ...string) string {
	e.Helper()
	for _, c := range e.operator(operator).Credentials {
		other := c.Kind == store.Passkey || c.Kind == store.Password
		for _, id := range but {
			other = other && c.ID != id
		}
		if other {
			return c.ID
		}
	}
	e.Fatalf("%s has no way in but %v", operator, but)
	return ""
}
