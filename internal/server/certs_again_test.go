package server

import (
	"bytes"
	"os"
	"testing"
	"time"
)

// A pair that is swapped in two steps, or on a disk that could not be read for
// a while, may end with the same times and sizes as it was seen with before.
func TestAPairThatCouldNotBeReadIsReadAgain(t *testing.T) {
	second := newPair(t, "second")
	tests := []struct {
		name   string
		broken pair
	}{
		{"the certificate was zeros at first", pair{cert: make([]byte, len(second.cert)), key: second.key}},
		{"the key was zeros at first", pair{cert: second.cert, key: make([]byte, len(second.key))}},
		{"the certificate was half there at first", pair{cert: halfThere(second.cert), key: second.key}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newPairFixture(t)
			f.write(t, newPair(t, "first"))
			f.load(t)
			addr := serveTLS(t, f.source)
			f.write(t, tt.broken)
			seen := f.source.state()
			for range 3 {
				f.pass(time.Second)
				if got := f.nameSeen(t, addr); got != "first" {
					t.Fatalf("while the new pair is broken: got %s, want first", got)
				}
			}
			f.write(t, second)
			for name, state := range map[string]fileState{f.source.CertFile: seen.cert, f.source.KeyFile: seen.key} {
				err := os.Chtimes(name, state.modified, state.modified)
				if err != nil {
					t.Fatal(err)
				}
			}
			if f.source.state() != seen {
				t.Fatalf("the files look different: %v, want %v", f.source.state(), seen)
			}
			f.pass(time.Second)
			if got := f.nameSeen(t, addr); got != "second" {
				t.Errorf("once the pair is whole: got %s, want second", got)
			}
			for _, message := range []string{"the new certificate cannot be loaded, the old one stays in use", "a new certificate is in use"} {
				if n := f.logged(message); n != 1 {
					t.Errorf("%q was logged %d times, want once:\n%s", message, n, f.log.String())
				}
			}
		})
	}
}

// halfThere is a file of full size of which only the first half was written.
func halfThere(data []byte) []byte {
	b := bytes.Clone(data)
	clear(b[len(b)/2:])
	return b
}
