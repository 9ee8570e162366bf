package usage

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// MaxKeys is how many keys one batch holds: few enough to be merged in one short
// transaction.
const MaxKeys = 1000

// Batches writes what was counted in the minute, in as many batches as it takes.
// The caller gives them their identity.
func Batches(at time.Time, counted map[string]*Counts) []store.UsageBatch {
	at = at.UTC().Truncate(time.Minute)
	var batches []store.UsageBatch
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(counted)), MaxKeys) {
		batches = append(batches, store.UsageBatch{
			At: at, First: ids[0], Last: ids[len(ids)-1], Data: encodeBatch(at, ids, counted),
		})
	}
	return batches
}

// encodeBatch writes of each id only what differs from the one before it.
func encodeBatch(at time.Time, ids []string, counted map[string]*Counts) []byte {
	b := []byte{version}
	last := ""
	for _, id := range ids {
		same := common(last, id)
		b = append(b, byte(same)) //nolint:gosec // bounded by common
		b = appendText(b, id[same:])
		b = counted[id].append(b, at)
		last = id
	}
	return b
}

// common is how many bytes two ids begin with alike, as far as a byte can say.
func common(a, b string) int {
	const most = 255
	n := 0
	for n < min(len(a), len(b), most) && a[n] == b[n] {
		n++
	}
	return n
}

// All yields the keys of a batch in order, with what was counted. Damage ends it
// with an error.
func All(b store.UsageBatch) iter.Seq2[Key, error] {
	return func(yield func(Key, error) bool) {
		r := reader{rest: b.Data}
		if r.byte() != version {
			yield(Key{}, errData)
			return
		}
		last := ""
		for len(r.rest) > 0 {
			same := int(r.byte())
			rest := r.text(r.unsigned())
			counts := r.counts(b.At)
			if r.bad || same > len(last) {
				yield(Key{}, errData)
				return
			}
			last = last[:same] + rest
			if !yield(Key{last, counts}, nil) {
				return
			}
		}
	}
}

// Key is what one key was used for.
type Key struct {
	ID     string
	Counts Counts
}

// Of returns what the batch counts for one key.
func Of(b store.UsageBatch, id string) (Counts, error) {
	for key, err := range All(b) {
		if err != nil {
			return Counts{}, err
		}
		switch strings.Compare(key.ID, id) {
		case 0:
			return key.Counts, nil
		case 1:
			return Counts{}, nil
		}
	}
	return Counts{}, nil
}
