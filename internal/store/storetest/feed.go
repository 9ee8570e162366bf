package storetest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/grantd/grantd/internal/store"
)

func feedTests() []test {
	return []test{
		{"the head is the zero position when nothing has changed", headOfNothing},
		{"the head is the position of the last change", headIsLast},
		{"changes come after the position, in order", changesAfter},
		{"the change of a key that is removed or given away says whose it was", changesSayWhose},
		{"at most limit changes come, and pages meet", changePages},
		{"every change has a tag of its own", tagsDiffer},
		{"a failed transaction uses no number up", failedUsesNone},
		{"numbers are dense under concurrent writes and failures", denseUnderLoad},
		{"a reader beside writers never sees a hole", readerSeesNoHole},
		{"a write that ended before another began has the lower number", orderOfCommits},
	}
}

func headOfNothing(e *env) {
	same(e, "head", e.head(), store.Position{})
	same(e, "changes", e.changes(store.Position{}), nil)
	e.reopen()
	same(e, "head", e.head(), store.Position{})
}

func headIsLast(e *env) {
	for _, m := range []store.Mutation{createAPI("a"), createClient("c"), store.DeleteClient{ID: "c"}} {
		e.write(m)
		changes := e.changes(store.Position{})
		same(e, "head", e.head(), changes[len(changes)-1].Position)
	}
}

func changesAfter(e *env) {
	e.write(createAPI("a"), createClient("c"), createSigningKey("k"))
	e.write(store.SetClientDisabled{ID: "c"})
	all := e.changes(store.Position{})
	for i, want := range []store.Change{
		{Kind: store.KindAPI, ID: "a"},
		{Kind: store.KindClient, ID: "c"},
		{Kind: store.KindSigningKey, ID: "k"},
		{Kind: store.KindClient, ID: "c"},
	} {
		want.Seq, want.Tag = int64(i+1), all[i].Tag
		same(e, "change", all[i], want)
		same(e, "changes after it", len(e.changes(all[i].Position)), len(all)-i-1)
	}
	same(e, "changes after the second", e.changes(all[1].Position), all[2:])
}

func changesSayWhose(e *env) {
	c := newClient("c")
	c.Owner = "acme"
	e.write(store.CreateClient{Client: c}, createClient("d"))
	e.write(store.UpdateClient{Client: c, Former: "acme"})
	c.Owner = "other"
	e.write(store.UpdateClient{Client: c, Former: "acme"}, store.SetClientDisabled{ID: "c", Disabled: true})
	e.refused(store.ErrNotFound, store.DeleteClient{ID: "c"}, store.DeleteClient{ID: "x"})
	e.write(store.DeleteClient{ID: "c"}, store.DeleteClient{ID: "d"})
	var got []string
	for _, change := range e.changes(store.Position{}) {
		got = append(got, change.FormerOwner)
	}
	same(e, "former owners", got, []string{"", "", "", "acme", "", "other", "owner of d"})
}

func changePages(e *env) {
	e.write(createClients(10)...)
	all := e.changes(store.Position{})
	for _, limit := range []int{1, 3, 10, 11, 1 << 40} {
		var got []store.Change
		var after store.Position
		for range len(all) + 1 {
			page := e.changePage(after, limit)
			if len(page) > limit {
				e.Fatalf("got %d changes with limit %d", len(page), limit)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = page[len(page)-1].Position
		}
		same(e, fmt.Sprint("changes by pages of ", limit), got, all)
	}
}

func tagsDiffer(e *env) {
	e.write(createClients(20)...)
	e.write(createAPI("a"))
	seen := map[[16]byte]bool{{}: true} // the zero tag belongs to no change
	for _, c := range e.changes(store.Position{}) {
		if seen[c.Tag] {
			e.Errorf("change %d has the tag %x again", c.Seq, c.Tag)
		}
		seen[c.Tag] = true
	}
}

func failedUsesNone(e *env) {
	last := e.write(createClient("c"))
	for range 3 {
		e.refused(store.ErrConflict, createClient("d"), createClient("c"))
		e.refused(store.ErrNotFound, createClient("d"), store.DeleteClient{ID: "x"})
	}
	next := e.write(createClient("d"))
	same(e, "number of the next change", next.Seq, last.Seq+1)
	same(e, "number of changes after it", len(e.changes(last)), 1)
}

// writeBeside starts writers, every third write of which fails, and returns how
// to wait for them and the number of changes they leave.
func writeBeside(e *env) (*sync.WaitGroup, int64) {
	const writers, writes = 8, 30
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range writes {
				id := fmt.Sprintf("%d-%d", w, i)
				_, err := e.store.Write(e.ctx, origin, createClient(id), store.SetClientDisabled{ID: id})
				fails(e, "write", err, nil)
				if i%3 == 0 {
					_, err = e.store.Write(e.ctx, origin, createClient(id+"x"), createClient(id))
					fails(e, "write", err, store.ErrConflict)
				}
			}
		})
	}
	return &wg, 2 * writers * writes
}

func denseUnderLoad(e *env) {
	wg, want := writeBeside(e)
	wg.Wait()
	changes := e.changes(store.Position{})
	same(e, "number of changes", int64(len(changes)), want)
	for i, c := range changes {
		if c.Seq != int64(i+1) {
			e.Fatalf("change %d has the number %d", i+1, c.Seq)
		}
	}
	same(e, "head", e.head(), changes[len(changes)-1].Position)
}

func readerSeesNoHole(e *env) {
	wg, want := writeBeside(e)
	e.followFeed(e.store, want)
	wg.Wait()
}

// followFeed reads the feed of a node as a mirror does, up to the change with the
// number given, which is the last.
func (e *env) followFeed(node store.Store, last int64) {
	e.Helper()
	var at store.Position
	var err error
	for at.Seq < last && err == nil && !e.Failed() {
		var page []store.Change
		page, err = node.Changes(e.ctx, at, 7)
		for _, c := range page {
			if c.Seq != at.Seq+1 {
				err = errors.Join(err, fmt.Errorf("change %d comes after %d", c.Seq, at.Seq))
			}
			at = c.Position
		}
	}
	fails(e, "changes", err, nil)
	same(e, "head", e.head(), at)
}

func orderOfCommits(e *env) {
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			var last int64
			for i := range 25 {
				p, err := e.store.Write(e.ctx, origin, createClient(fmt.Sprintf("%d-%d", w, i)))
				fails(e, "write", err, nil)
				if p.Seq <= last {
					e.Errorf("a later write has the number %d, an earlier one %d", p.Seq, last)
				}
				last = p.Seq
			}
		})
	}
	wg.Wait()
}
