package keys

import (
	"crypto/sha256"
	"strconv"
	"sync"
	"testing"
)

func TestTheMemoryHasRoomForAFixedNumber(t *testing.T) {
	m := &memory{}
	const tokens = 3 * memorySize
	for n := range tokens {
		name := strconv.Itoa(n)
		sum := sha256.Sum256([]byte(name))
		if m.get(&sum) != nil {
			t.Fatalf("token %d is known before it was put in", n)
		}
		m.put(&remembered{sum: sum, keyID: name})
		got := m.get(&sum)
		if got == nil || got.keyID != name {
			t.Fatalf("token %d was put in, and there is %+v", n, got)
		}
	}
	known := 0
	for n := range tokens {
		name := strconv.Itoa(n)
		sum := sha256.Sum256([]byte(name))
		got := m.get(&sum)
		if got == nil {
			continue
		}
		known++
		if got.keyID != name {
			t.Fatalf("token %d is remembered as %s", n, got.keyID)
		}
	}
	// So many tokens fill every place there is, or nearly.
	if known > memorySize || known < memorySize*9/10 {
		t.Errorf("it knows %d of %d tokens, and has room for %d", known, tokens, memorySize)
	}
}

func TestTheMemoryOfManyGoroutines(t *testing.T) {
	m := &memory{}
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for n := range memorySize {
				name := strconv.Itoa(n)
				sum := sha256.Sum256([]byte(name))
				got := m.get(&sum)
				if got != nil && got.keyID != name {
					t.Errorf("token %d is remembered as %s", n, got.keyID)
				}
				m.put(&remembered{sum: sum, keyID: name})
			}
		})
	}
	running.Wait()
}
