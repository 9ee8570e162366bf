package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func operatorTests() []test {
	return []test{
		{"Operator, OperatorNamed and Operators return what was created, oldest first", operatorsRead},
		{"Operator and OperatorNamed answer ErrNotFound", operatorNotFound},
		{"an id or a name twice, or a credential twice, is ErrConflict", operatorConflicts},
		{"of those who create the first operator at once one succeeds, and none once there is another", operatorFirst},
		{"a role is set, with the time of the write", operatorRole},
		{"a removed operator is gone, and the name is free", operatorDeleted},
		{"a credential is added once and removed once", operatorCredentials},
		{"NoteCredentialUse replaces Data unless there is a later use", operatorCredentialUse},
		{"the last admin with a passkey or a password is not made less and not removed", operatorLastAdmin},
		{"of two admins who take each other away at once one succeeds", operatorRace},
		{"a spared credential is removed while another one is left, also when two are removed at once", operatorSpared},
		{"mutations of no operator are ErrNotFound, and each of one is in the audit trail", operatorTrail},
	}
}

func newOperator(id string, credentials ...string) store.Operator {
	o := store.Operator{ID: id, Name: "name of " + id, Role: store.Developer, CreatedAt: now, UpdatedAt: now}
	for _, c := range credentials {
		o.Credentials = append(o.Credentials, newCredential(c))
	}
	return o
}

func newCredential(id string) store.OperatorCredential {
	return store.OperatorCredential{
		ID: id, Kind: store.Passkey, Name: "key <" + id + ">", Data: []byte{0, 1, 255}, CreatedAt: now, ExpiresAt: now.Add(time.Hour),
	}
}

func (e *env) operator(id string) store.Operator {
	e.Helper()
	o, err := e.store.Operator(e.ctx, id)
	if err != nil {
		e.Fatalf("operator %s: %v", id, err)
	}
	return o
}

func operatorsRead(e *env) {
	all, err := e.store.Operators(e.ctx)
	fails(e, "operators of an empty store", err, nil)
	same(e, "operators of an empty store", len(all), 0)
	b, a, old := newOperator("b", "c2", "c1"), newOperator("a"), newOperator("old", "c1")
	old.CreatedAt = now.Add(-time.Hour)
	for _, o := range []store.Operator{b, a, old} {
		e.write(store.CreateOperator{Operator: o})
	}
	b.Credentials[0], b.Credentials[1] = b.Credentials[1], b.Credentials[0]
	e.reopen()
	all, err = e.store.Operators(e.ctx)
	fails(e, "operators", err, nil)
	same(e, "operators", all, []store.Operator{old, a, b})
	same(e, "operator", e.operator("b"), b)
	named, err := e.store.OperatorNamed(e.ctx, "name of old")
	fails(e, "operator by name", err, nil)
	same(e, "operator by name", named, old)
}

func operatorNotFound(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a")})
	for _, id := range []string{"", "A", "name of a", "a\x00"} {
		_, err := e.store.Operator(e.ctx, id)
		fails(e, "operator "+id, err, store.ErrNotFound)
	}
	for _, name := range []string{"", "a", "Name of a", "name of a\x00"} {
		_, err := e.store.OperatorNamed(e.ctx, name)
		fails(e, "operator named "+name, err, store.ErrNotFound)
	}
}

func operatorConflicts(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a")})
	sameName := newOperator("b")
	sameName.Name = "name of a"
	e.refused(store.ErrConflict, store.CreateOperator{Operator: sameName})
	sameID := newOperator("a")
	sameID.Name = "another"
	e.refused(store.ErrConflict, store.CreateOperator{Operator: sameID})
	e.refused(store.ErrConflict, store.CreateOperator{Operator: newOperator("c", "k", "k")})
	_, err := e.store.Operator(e.ctx, "c")
	fails(e, "operator that was refused", err, store.ErrNotFound)
}

func operatorFirst(e *env) {
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := e.store.Write(e.ctx, origin, store.CreateOperator{Operator: newOperator(store.FirstOperator)})
			if err == nil {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	same(e, "how many created the first operator", made.Load(), 1)
	e.write(store.CreateOperator{Operator: newOperator("b")}, store.DeleteOperator{ID: store.FirstOperator})
	e.refused(store.ErrConflict, store.CreateOperator{Operator: newOperator(store.FirstOperator)})
	e.write(store.DeleteOperator{ID: "b"}, store.CreateOperator{Operator: newOperator(store.FirstOperator)})
}

func operatorRole(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a", "c")})
	e.writeAt(now.Add(time.Hour), store.SetOperatorRole{ID: "a", Role: store.Admin})
	want := newOperator("a", "c")
	want.Role, want.UpdatedAt = store.Admin, now.Add(time.Hour)
	same(e, "operator", e.operator("a"), want)
}

func operatorDeleted(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a", "c")}, store.DeleteOperator{ID: "a"})
	_, err := e.store.Operator(e.ctx, "a")
	fails(e, "operator that was removed", err, store.ErrNotFound)
	e.write(store.CreateOperator{Operator: newOperator("a")})
	same(e, "operator that was made again", e.operator("a"), newOperator("a"))
}

func operatorCredentials(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a")})
	add := store.AddOperatorCredential{OperatorID: "a", Credential: newCredential("c")}
	e.write(add)
	e.refused(store.ErrConflict, add)
	same(e, "operator", e.operator("a"), newOperator("a", "c"))
	remove := store.RemoveOperatorCredential{OperatorID: "a", ID: "c"}
	e.write(remove)
	e.refused(store.ErrNotFound, remove)
	same(e, "operator", e.operator("a"), newOperator("a"))
}

func operatorCredentialUse(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a", "c", "d")})
	for _, use := range []struct {
		data string
		at   time.Time
	}{{"first", now}, {"second", now.Add(time.Hour)}, {"late", now.Add(time.Minute)}} {
		c := newCredential("c")
		c.Data, c.LastUsedAt = []byte(use.data), use.at
		fails(e, "note a use", e.store.NoteCredentialUse(e.ctx, "a", c), nil)
	}
	want := newOperator("a", "c", "d")
	want.Credentials[0].Data, want.Credentials[0].LastUsedAt = []byte("second"), now.Add(time.Hour)
	same(e, "operator", e.operator("a"), want)
	for _, gone := range []string{"x", "c\x00"} {
		fails(e, "note a use of none", e.store.NoteCredentialUse(e.ctx, "a", newCredential(gone)), nil)
	}
}

func operatorTrail(e *env) {
	for _, m := range []store.Mutation{
		store.SetOperatorRole{ID: "a", Role: store.Admin},
		store.DeleteOperator{ID: "a"},
		store.SignInOperator{ID: "a"},
		store.AddOperatorCredential{OperatorID: "a", Credential: newCredential("c")},
		store.RemoveOperatorCredential{OperatorID: "a", ID: "c"},
	} {
		e.refused(store.ErrNotFound, m)
	}
	steps := []store.Mutation{
		store.CreateOperator{Operator: newOperator("a")},
		store.SetOperatorRole{ID: "a", Role: store.Admin},
		store.AddOperatorCredential{OperatorID: "a", Credential: newCredential("c")},
		store.SignInOperator{ID: "a"},
		store.RemoveOperatorCredential{OperatorID: "a", ID: "c"},
		store.DeleteOperator{ID: "a"},
	}
	e.write(steps...)
	for i, row := range e.auditRows() {
		same(e, "event", row.Event, steps[i].Event())
		same(e, "kind and id", string(row.Kind)+" "+row.ID, "operator a")
	}
}
