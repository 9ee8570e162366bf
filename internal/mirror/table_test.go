package mirror

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/scope"
)

// numbered is a key that can be told from others and from what it was before: by its
// stamp, its grants and, if it has that, its lifetime.
func numbered(id string, version int, grants []*scope.Grants) *Client {
	c := &Client{ID: id, Grants: grants[version%len(grants)]}
	c.stamp.setInstant(int64(version))
	if version%5 == 0 {
		c.more().lifetime = time.Duration(version)
	}
	return c
}

func (c *Client) version(t interface{ Errorf(string, ...any) }, grants []*scope.Grants) int {
	version := int(c.stamp.instant())
	if c.Grants != grants[version%len(grants)] || (version%5 == 0) != (c.further != nil) || version%5 == 0 && c.Lifetime() != time.Duration(version) {
		t.Errorf("key %s, version %d, is put together from several", c.ID, version)
	}
	return version
}

func manyGrants(n int) []*scope.Grants {
	grants := make([]*scope.Grants, n)
	for i := range grants {
		grants[i] = &scope.Grants{}
	}
	return grants
}

// Ids that we make have one length; imported ones have any.
func someID(n int) string {
	if n%7 == 0 {
		return fmt.Sprintf("imported-key-%d", n)
	}
	return fmt.Sprintf("k%015d", n)
}

func TestATableIsLikeAMap(t *testing.T) {
	grants := manyGrants(9)
	rapid.Check(t, func(t *rapid.T) {
		table, model := newTable(), map[string]int{}
		version := 0
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			first, count := rapid.IntRange(0, 9000).Draw(t, "first"), rapid.IntRange(1, 3000).Draw(t, "count")
			remove := rapid.IntRange(0, 3).Draw(t, "remove") == 0
			for n := first; n < first+count; n++ {
				id := someID(n)
				if remove {
					table.remove(id)
					delete(model, id)
					continue
				}
				version++
				table.put(numbered(id, version, grants))
				model[id] = version
			}
		}
		if table.len() != int64(len(model)) {
			t.Fatalf("the table has %d clients, want %d", table.len(), len(model))
		}
		for n := range 12_000 {
			id := someID(n)
			c, want := table.get(id), model[id]
			if (c == nil) != (want == 0) || c != nil && (c.ID != id || c.version(t, grants) != want) {
				t.Fatalf("key %s is %+v, want version %d", id, c, want)
			}
		}
		for c := range table.all() {
			if c.version(t, grants) != model[c.ID] {
				t.Fatalf("going through all clients met version %d of key %s", c.version(t, grants), c.ID)
			}
			delete(model, c.ID)
		}
		if len(model) > 0 {
			t.Fatalf("going through all clients left out %d", len(model))
		}
	})
}

// What stays there is found at every moment, whatever comes, goes and moves around it.
func TestALookupNeverMissesAKeyThatIsThere(t *testing.T) {
	const steady, brief = 500, 8_000
	grants := manyGrants(9)
	table := newTable()
	for n := range steady {
		table.put(numbered(someID(n), n, grants))
	}
	var done atomic.Bool
	var readers sync.WaitGroup
	for reader := range 3 {
		readers.Go(func() {
			for n := reader; !done.Load(); n++ {
				id := someID(n % steady)
				c := table.get(id)
				if c == nil || c.ID != id || c.version(t, grants)%steady != n%steady {
					t.Errorf("key %s was looked up as %+v", id, c)
					return
				}
			}
		})
	}
	readers.Go(func() {
		for !done.Load() {
			met := 0
			for c := range table.all() {
				if c.version(t, grants)%steady < steady && len(c.ID) > 0 {
					met++
				}
			}
			if met < steady {
				t.Errorf("going through all clients met %d", met)
				return
			}
		}
	})
	for n := range brief {
		table.put(numbered(someID(steady+n), n, grants))
		table.put(numbered(someID(n%steady), n, grants))
		table.remove(someID(steady + n/2))
	}
	done.Store(true)
	readers.Wait()
}

// Neither keys that change again and again nor keys that come and go take up memory.
func TestATableGivesUpWhatIsDead(t *testing.T) {
	const changes = 40 * chunkClients
	grants := manyGrants(3)
	table := newTable()
	for n := range changes {
		// Of each few thousand one stays, so that no chunk is dead altogether.
		if n%1000 == 0 {
			table.put(numbered(someID(n), n, grants))
		}
		table.put(numbered("changing", n, grants))
		table.put(numbered("brief", n, grants))
		table.remove("brief")
	}
	kept := 0
	for number := range table.slab.count {
		if (*table.slab.chunks.Load())[number].Load() != nil {
			kept++
		}
	}
	if kept > 3 {
		t.Errorf("%d clients are in %d chunks of %d", table.len(), kept, chunkClients)
	}
	if table.len() != changes/1000+2 {
		t.Errorf("there are %d clients", table.len())
	}
	if slots := len(*table.slots.Load()); slots > 1024 {
		t.Errorf("there are %d slots", slots)
	}
}

func BenchmarkLookupAmongMany(b *testing.B) {
	for _, count := range []int{10, 4_000_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			table := newTableFor(count)
			grants := manyGrants(1)
			ids := make([]string, count)
			for n := range ids {
				ids[n] = fmt.Sprintf("k%015d", n)
				table.put(&Client{ID: ids[n], Grants: grants[0]})
			}
			runtime.GC()
			n := uint32(0)
			for b.Loop() {
				n = n*1664525 + 1013904223
				if table.get(ids[n%uint32(len(ids))]) == nil {
					b.Fatal("a key is missing")
				}
			}
		})
	}
}

// What a change was answered with holds from then on, however many lookups are under way.
func TestNoLookupFindsWhatWasThereBeforeAChange(t *testing.T) {
	const ids, changes = 3, 30_000
	grants := manyGrants(9)
	table := newTable()
	var oldest [ids]atomic.Int64
	for n := range ids {
		table.put(numbered(someID(n), 1, grants))
		oldest[n].Store(1)
	}
	var done atomic.Bool
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for n := 0; !done.Load(); n++ {
				least := oldest[n%ids].Load()
				c := table.get(someID(n % ids))
				// Zero is a change that is under way.
				if least == 0 || least < 0 && c == nil || least > 0 && c != nil && int64(c.version(t, grants)) >= least {
					continue
				}
				if now := oldest[n%ids].Load(); now == least {
					t.Errorf("key %d was looked up as %+v after change %d", n%ids, c, least)
					return
				}
			}
		})
	}
	for version := 2; version < changes && !done.Load(); version++ {
		n := version % ids
		if version%5 == 0 {
			oldest[n].Store(0)
			table.remove(someID(n))
			oldest[n].Store(-int64(version))
		}
		oldest[n].Store(0)
		table.put(numbered(someID(n), version, grants))
		oldest[n].Store(int64(version))
	}
	done.Store(true)
	readers.Wait()
}
