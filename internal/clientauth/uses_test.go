package clientauth

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/store"
)

// secretNumber names a secret; every third was imported.
func secretNumber(n int) usedSecret {
	s := usedSecret{clientID: fmt.Sprint("key ", n)}
	if n%3 == 2 {
		s.imported = fmt.Sprint("$2b$", n)
		return s
	}
	// Many share a slot.
	binary.BigEndian.PutUint64(s.hash[:], uint64(n%5))
	binary.BigEndian.PutUint64(s.hash[8:], uint64(n))
	return s
}

func at(second int64, from string) moment { return moment{noon.Unix() + second, from} }

func useOf(n int, second int64, from string) store.SecretUse {
	secret := secretNumber(n)
	return newUse(secret.id(), secret).usedAt(at(second, from))
}

// drained returns what was noted in the order of the keys.
func drained(u *Uses) []store.SecretUse {
	uses := u.Drain()
	slices.SortFunc(uses, func(a, b store.SecretUse) int { return cmp.Compare(a.ClientID, b.ClientID) })
	return uses
}

func TestUsesKeepTheLastOne(t *testing.T) {
	type step func(u *Uses)
	note := func(n int, second int64, from string) step {
		return func(u *Uses) { u.note(secretNumber(n), at(second, from)) }
	}
	give := func(uses ...store.SecretUse) step { return func(u *Uses) { u.Return(uses) } }
	drain := func(u *Uses) { u.Drain() }
	tests := []struct {
		name  string
		steps []step
		want  []store.SecretUse
	}{
		{"none", nil, nil},
		{"one", []step{note(1, 0, "a")}, []store.SecretUse{useOf(1, 0, "a")}},
		{"an imported one", []step{note(2, 0, "a")}, []store.SecretUse{useOf(2, 0, "a")}},
		{"a later one replaces it", []step{note(1, 0, "a"), note(1, 1, "b")}, []store.SecretUse{useOf(1, 1, "b")}},
		{"the last one of a second counts", []step{note(1, 0, "a"), note(1, 0, "b")}, []store.SecretUse{useOf(1, 0, "b")}},
		{"a clock that goes back changes nothing", []step{note(1, 1, "a"), note(1, 0, "b")}, []store.SecretUse{useOf(1, 1, "a")}},
		{"secrets of several keys", []step{note(1, 0, "a"), note(2, 1, "b"), note(1, 2, "c")}, []store.SecretUse{useOf(1, 2, "c"), useOf(2, 1, "b")}},
		{"a drained one is forgotten", []step{note(1, 0, "a"), drain}, nil},
		{"and noted again", []step{note(1, 0, "a"), drain, note(1, 0, "a")}, []store.SecretUse{useOf(1, 0, "a")}},
		{"a returned one comes again", []step{give(useOf(1, 0, "a"), useOf(2, 1, "b"))}, []store.SecretUse{useOf(1, 0, "a"), useOf(2, 1, "b")}},
		{"a returned one does not replace a later one", []step{note(1, 2, "b"), give(useOf(1, 1, "a"))}, []store.SecretUse{useOf(1, 2, "b")}},
		{"a returned one does not replace one of its second", []step{note(1, 1, "b"), give(useOf(1, 1, "a"))}, []store.SecretUse{useOf(1, 1, "b")}},
		{"a returned imported one does not replace a later one", []step{note(2, 2, "b"), give(useOf(2, 1, "a"))}, []store.SecretUse{useOf(2, 2, "b")}},
		{"a later one replaces a returned one", []step{give(useOf(1, 1, "a")), note(1, 2, "b")}, []store.SecretUse{useOf(1, 2, "b")}},
		{"returned twice", []step{give(useOf(1, 2, "a")), give(useOf(1, 1, "b"))}, []store.SecretUse{useOf(1, 2, "a")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var u Uses
			for _, step := range tt.steps {
				step(&u)
			}
			got := drained(&u)
			if diff := gocmp.Diff(tt.want, got); diff != "" && len(tt.want)+len(got) > 0 {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheAddressOfAUse(t *testing.T) {
	tests := []struct{ name, peer, want string }{
		{"IPv4", "192.0.2.1:4711", "192.0.2.1"},
		{"IPv6", "[2001:db8::1]:4711", "2001:db8::1"},
		{"no port", "192.0.2.1", "192.0.2.1"},
		{"a Unix socket", "@", "@"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := newMoment(noon, tt.peer).from; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestManySecretsAreNoted(t *testing.T) {
	const count = 1000
	var u Uses
	for round := range 2 {
		for n := range count {
			u.note(secretNumber(n), at(int64(round), "a"))
		}
	}
	uses := u.Drain()
	if len(uses) != count {
		t.Fatalf("%d uses, want %d", len(uses), count)
	}
	for _, use := range uses {
		if use.At.Unix() != noon.Unix()+1 {
			t.Errorf("%s was used last at %v", use.ClientID, use.At)
		}
	}
}

func TestAUseWithinTheSameSecondWritesNothing(t *testing.T) {
	var u Uses
	secret := secretNumber(1)
	u.note(secret, at(0, "a"))
	last := u.table.Load().get(secret.id()).last.Load()
	allocations := testing.AllocsPerRun(1000, func() { u.note(secret, at(0, "a")) })
	if u.table.Load().get(secret.id()).last.Load() != last || allocations != 0 {
		t.Errorf("it was written again, or %v allocations", allocations)
	}
}

func TestAUseThatADrainOvertookComesWithTheNext(t *testing.T) {
	var u Uses
	var overtaken []store.SecretUse
	rounds := 0
	u.update(secretNumber(1), func(entry *use) {
		rounds++
		if rounds == 1 {
			overtaken = u.Drain()
		}
		entry.advance(at(0, "a"))
	})
	if len(overtaken) != 0 {
		t.Fatalf("the drain found %v, so it did not overtake the use", overtaken)
	}
	if diff := gocmp.Diff([]store.SecretUse{useOf(1, 0, "a")}, u.Drain()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// However requests and drains fall together, the last use of every secret comes
// out. The race detector watches this one, too.
func TestNoUseIsLostToADrain(t *testing.T) {
	const secrets, seconds = 50, 200
	var u Uses
	last := map[string]int64{}
	take := func(returned int) {
		for i, use := range u.Drain() {
			if i < returned {
				u.Return([]store.SecretUse{use})
				continue
			}
			last[use.ClientID] = max(last[use.ClientID], use.At.Unix()-noon.Unix())
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var writers, drainer sync.WaitGroup
	drainer.Go(func() {
		for ctx.Err() == nil {
			take(5)
		}
	})
	for writer := range 4 {
		writers.Go(func() {
			for second := range int64(seconds) {
				for n := range secrets {
					u.note(secretNumber(n), at(second+1, fmt.Sprint(writer)))
				}
			}
		})
	}
	writers.Wait()
	stop()
	drainer.Wait()
	take(0)
	for n := range secrets {
		if got := last[secretNumber(n).clientID]; got != seconds {
			t.Errorf("secret %d was used last in second %d, want %d", n, got, seconds)
		}
	}
}

func BenchmarkNote(b *testing.B) {
	for _, secrets := range []int{1, 100_000} {
		b.Run(fmt.Sprint(secrets, " secrets"), func(b *testing.B) {
			var u Uses
			all := make([]usedSecret, secrets)
			for n := range all {
				all[n] = usedSecret{clientID: fmt.Sprint(n), hash: pepper.Hash(fmt.Sprint(n), "")}
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for n := 0; pb.Next(); n++ {
					u.note(all[n%secrets], newMoment(time.Now(), "192.0.2.1:4711"))
				}
			})
		})
	}
}
