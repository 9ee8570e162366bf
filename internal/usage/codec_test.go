package usage_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/usage"
)

// busy is a key of which everything was counted.
func busy() usage.Counts {
	return usage.Counts{
		Uses:     [3]uint64{1, 1 << 40, 1<<64 - 1},
		Failures: [7]uint64{7, 6, 5, 4, 3, 2, 1},
		Recent: []usage.Failure{
			{Reason: usage.Other, From: "2001:db8::1", Count: 3, Last: noon.Add(59 * time.Second)},
			{Reason: usage.WrongSecret, Count: 1, Last: noon.Add(-time.Hour)},
		},
	}
}

func TestCountsComeBackAsTheyWere(t *testing.T) {
	for name, counts := range map[string]usage.Counts{
		"nothing":    {},
		"one token":  {Uses: [3]uint64{1}},
		"a failure":  {Failures: [7]uint64{0, 0, 0, 0, 0, 0, 1}},
		"everything": busy(),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := usage.Decode(counts.Encode(noon), noon)
			if diff := cmp.Diff(counts, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestDamagedDataIsRefused(t *testing.T) {
	counts := busy()
	whole := counts.Encode(noon)
	for n := range whole {
		if _, err := usage.Decode(whole[:n], noon); err == nil {
			t.Errorf("the first %d bytes of %d are taken", n, len(whole))
		}
	}
	for name, data := range map[string][]byte{
		"more behind it":    append(bytes.Clone(whole), 0),
		"a later version":   append([]byte{9}, whole[1:]...),
		"an unknown kind":   {1, 0x80},
		"an unknown reason": {1, 8, 0x80, 0},
		"too many failures": {1, 8, 0, 9},
		"a text too long":   {1, 8, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"an endless number": append([]byte{1, 1}, bytes.Repeat([]byte{0xff}, 20)...),
	} {
		if got, err := usage.Decode(data, noon); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestABatchIsCompactAndEachKeyIsFoundInIt(t *testing.T) {
	const keys = 100_000
	counted := map[string]*usage.Counts{}
	for range keys {
		counted[rand.Text()[:16]] = &usage.Counts{Uses: [3]uint64{3}}
	}
	batches := usage.Batches(noon.Add(30*time.Second), counted)
	size := 0
	for _, b := range batches {
		size += len(b.Data)
		if !b.At.Equal(noon) || b.First > b.Last {
			t.Errorf("a batch is of %s, from %q to %q", b.At, b.First, b.Last)
		}
	}
	t.Logf("%d keys take %d batches and %.1f bytes a key", keys, len(batches), float64(size)/keys)
	if len(batches) != keys/usage.MaxKeys || size > 20*keys {
		t.Errorf("%d keys take %d batches and %d bytes", keys, len(batches), size)
	}
	found := 0
	for _, b := range batches {
		for key, err := range usage.All(b) {
			if err != nil || counted[key.ID] == nil || key.Counts.Uses[usage.Tokens] != 3 {
				t.Fatalf("got %+v, %v", key, err)
			}
			found++
		}
		one, err := usage.Of(b, b.Last)
		if err != nil || one.Uses[usage.Tokens] != 3 {
			t.Errorf("the last key of a batch: %+v, %v", one, err)
		}
	}
	if found != keys {
		t.Errorf("found %d keys", found)
	}
	none, err := usage.Of(batches[0], "no such key")
	if err != nil || none.Used() {
		t.Errorf("a key that is not in it: %+v, %v", none, err)
	}
}

func TestIdsOfAnyKindComeBack(t *testing.T) {
	counted := map[string]*usage.Counts{}
	long := string(bytes.Repeat([]byte("x"), 600))
	for _, id := range []string{"", "a", "ab", "abc", "é", "\x00", long, long + "y"} {
		counted[id] = &usage.Counts{Uses: [3]uint64{1}}
	}
	got := map[string]*usage.Counts{}
	for _, b := range usage.Batches(noon, counted) {
		for key, err := range usage.All(b) {
			if err != nil {
				t.Fatal(err)
			}
			got[key.ID] = &key.Counts
		}
	}
	if diff := cmp.Diff(counted, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheLatestFailuresAreKept(t *testing.T) {
	var all usage.Counts
	for i := range 30 {
		all.Add(&usage.Counts{Failures: [7]uint64{1}, Recent: []usage.Failure{
			{From: fmt.Sprint(i % 20), Count: 1, Last: noon.Add(time.Duration(i) * time.Second)},
		}})
	}
	if len(all.Recent) != usage.MaxRecent || all.Recent[0].From != "9" || all.Failures[usage.WrongSecret] != 30 {
		t.Errorf("got %+v", all)
	}
}

func FuzzDecode(f *testing.F) {
	counts := busy()
	f.Add(counts.Encode(noon))
	f.Add(usage.Batches(noon, map[string]*usage.Counts{"a": &counts, "ab": {}})[0].Data)
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := usage.Decode(data, noon)
		if err == nil {
			again, err := usage.Decode(got.Encode(noon), noon)
			if diff := cmp.Diff(got, again); err != nil || diff != "" {
				t.Errorf("%v (-first +second):\n%s", err, diff)
			}
		}
		n := 0
		for _, err := range usage.All(store.UsageBatch{At: noon, Data: data}) {
			if err == nil {
				n++
			}
		}
		if n > len(data) {
			t.Errorf("%d bytes hold %d keys", len(data), n)
		}
	})
}
