package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// presentToAll has many present the same rotation to all nodes at the same moment.
func (e *env) presentToAll(nodes []store.Store, r store.Rotation) map[store.RotationOutcome][]store.Rotated {
	var mu sync.Mutex
	outcomes := make(map[store.RotationOutcome][]store.Rotated)
	e.onAll(nodes, 10, func(node store.Store, n int) {
		own := r
		own.By.At = r.By.At.Add(time.Duration(n) * time.Millisecond)
		rotated, err := node.Rotate(e.ctx, own)
		fails(e, "rotate", err, nil)
		mu.Lock()
		defer mu.Unlock()
		outcomes[rotated.Outcome] = append(outcomes[rotated.Outcome], rotated)
	})
	return outcomes
}

func nodesOneRenews(e *env) {
	nodes := e.nodes()
	r := newRotation("f")
	for generation := range int64(8) {
		r.Generation, r.By.At = generation, now.Add(time.Duration(generation)*time.Minute)
		got := e.presentToAll(nodes, r)
		if len(got[store.Renewed]) != 1 || len(got[store.Repeated]) != 29 {
			e.Fatalf("generation %d: got %v, want one Renewed, the rest Repeated", generation, got)
		}
		for _, rotated := range got[store.Repeated] {
			same(e, "time of the generation", rotated.At, got[store.Renewed][0].At)
		}
	}
	same(e, "head", e.head(), store.Position{})
}

func nodesOneReuses(e *env) {
	nodes := e.nodes()
	for i := range 5 {
		r := newRotation(fmt.Sprint("f", i))
		last := e.renewals(r, 2)
		r.Generation, r.By.At = 1, last.Add(r.Grace+time.Millisecond)
		got := e.presentToAll(nodes, r)
		if len(got[store.Reused]) != 1 || len(got[store.Revoked]) != 29 {
			e.Errorf("got %v, want one Reused, the rest Revoked", got)
		}
	}
	same(e, "number of revocations", len(e.revocations()), 5)
	same(e, "number of changes", e.head().Seq, 5)
	chained(e, e.auditRows())
}

func nodesRevoked(e *env) {
	nodes := e.nodes()
	for i := range 10 {
		r := newRotation(fmt.Sprint("f", i))
		var returned atomic.Bool
		var wg sync.WaitGroup
		for _, node := range nodes[:2] {
			own := r
			wg.Go(func() {
				for {
					late := returned.Load()
					rotated, err := node.Rotate(e.ctx, own)
					fails(e, "rotate", err, nil)
					if late && rotated.Outcome != store.Revoked {
						e.Errorf("family %d: got %v after the revocation returned, want it revoked", i, rotated)
					}
					if err != nil || rotated.Outcome == store.Revoked {
						return
					}
					if rotated.Outcome == store.Renewed || rotated.Outcome == store.Repeated {
						own.Generation++
					}
				}
			})
		}
		revocation := store.Revocation{ID: r.Family, ExpiresAt: r.ExpiresAt}
		_, err := nodes[2].Write(e.ctx, origin, store.RevokeFamily{Revocation: revocation})
		fails(e, "revoke", err, nil)
		returned.Store(true)
		wg.Wait()
	}
	chained(e, e.auditRows())
}

func nodesExpire(e *env) {
	nodes := e.nodes()
	const ended = 60
	var mutations []store.Mutation
	for i := range ended {
		mutations = append(mutations, store.RevokeToken{Revocation: newRevocation(fmt.Sprint(i), -5*time.Hour)})
	}
	kept := newRevocation("kept", time.Hour)
	e.write(append(mutations, store.RevokeToken{Revocation: kept})...)
	var total atomic.Int64
	e.onAll(nodes, 1, func(node store.Store, _ int) {
		for {
			n, err := node.Expire(e.ctx, now, 7)
			fails(e, "expire", err, nil)
			total.Add(int64(n))
			if n == 0 || err != nil {
				return
			}
		}
	})
	same(e, "rows removed by all nodes", total.Load(), ended)
	same(e, "revocations", e.revocations(), []store.Revocation{kept})
}

// nodesChangeTheSame lets all nodes work on one key and one API, in every way
// there is. Whoever comes too late is told so, and nothing is left half done.
func nodesChangeTheSame(e *env) {
	nodes := e.nodes()
	e.write(createAPI("a"), createClient("c"))
	change := []func(n int) store.Mutation{
		func(n int) store.Mutation {
			return store.AddSecret{ClientID: "c", Secret: newSecret(fmt.Sprint("new ", n), now)}
		},
		func(int) store.Mutation { return store.RemoveSecret{ClientID: "c", ID: "s1"} },
		func(int) store.Mutation { return store.DeleteClient{ID: "c"} },
		func(int) store.Mutation { return createClient("c") },
		func(int) store.Mutation { return store.UpdateClient{Client: newClient("c")} },
		func(int) store.Mutation { return store.AddResourceServer{APIID: "a", ClientID: "c"} },
		func(int) store.Mutation { return store.UpdateAPI{API: newAPI("a")} },
		func(int) store.Mutation { return store.DeleteAPI{ID: "a"} },
		func(int) store.Mutation { return createAPI("a") },
		func(n int) store.Mutation {
			api := newAPI(fmt.Sprint("b", n))
			api.Audience = newAPI("a").Audience
			return store.CreateAPI{API: api}
		},
	}
	var written atomic.Int64
	for round := range 6 {
		e.onAll(nodes, len(change), func(node store.Store, n int) {
			_, err := node.Write(e.ctx, origin, change[(n+round)%len(change)](1000*round+n))
			if err == nil {
				written.Add(1)
			} else if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) {
				e.Errorf("write: %v, want it done, ErrNotFound or ErrConflict", err)
			}
		})
	}
	same(e, "number of changes", e.head().Seq, written.Load()+2)
	chained(e, e.auditRows())
	e.write(createClient("after"), store.DeleteClient{ID: "after"})
	for _, api := range e.apis() {
		e.write(store.DeleteAPI{ID: api.ID})
	}
	for _, client := range e.clients() {
		e.write(store.DeleteClient{ID: client.ID})
	}
	// Nothing of them is in the way any more.
	e.write(createAPI("a"), createClient("c"))
	same(e, "API", e.api("a"), newAPI("a"))
	same(e, "client", e.client("c"), newClient("c"))
}

// nodesUpdate has all nodes add to one text, each to what it has read: nothing that was
// answered with success may be missing from it.
func nodesUpdate(e *env) {
	nodes := e.nodes()
	e.write(createClient("c"))
	before := e.client("c").Name
	var kept atomic.Int64
	e.onAll(nodes, 3, func(node store.Store, _ int) {
		for range 5 {
			c, err := node.Client(e.ctx, "c")
			fails(e, "client", err, nil)
			seen := store.Seen{Time: c.UpdatedAt}
			c.Name += "x"
			_, err = node.Write(e.ctx, origin, store.UpdateClient{Client: c, Seen: seen})
			if err == nil {
				kept.Add(1)
			} else if !errors.Is(err, store.ErrChanged) {
				e.Errorf("update: %v, want it done or ErrChanged", err)
			}
		}
	})
	same(e, "name", e.client("c").Name, before+strings.Repeat("x", int(kept.Load())))
}
