package mirror

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"pgregory.net/rapid"
)

// sealAll encrypts pieces one after another.
func sealAll(t rapid.TB, key [32]byte, pieces ...[]byte) []byte {
	t.Helper()
	var sealed bytes.Buffer
	w, err := newSealedWriter(&sealed, key)
	for _, piece := range pieces {
		if err == nil {
			_, err = w.Write(piece)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return sealed.Bytes()
}

// openAll returns what was read before the end or an error.
func openAll(t rapid.TB, key [32]byte, sealed []byte) ([]byte, error) {
	t.Helper()
	r, err := newSealedReader(bytes.NewReader(sealed), key)
	if err != nil {
		t.Fatal(err)
	}
	var plain []byte
	for {
		chunk, err := r.next()
		if errors.Is(err, io.EOF) {
			return plain, nil
		}
		if err != nil {
			return plain, err
		}
		plain = append(plain, chunk...)
	}
}

func TestAStreamReadsBackWhateverItsLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 200), rapid.SampledFrom([]int{chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize})), 0, 5).Draw(t, "lengths")
		key := [32]byte{rapid.Byte().Draw(t, "key")}
		var pieces [][]byte
		var whole []byte
		for i, n := range lengths {
			piece := bytes.Repeat([]byte{byte(i + 1)}, n)
			pieces = append(pieces, piece)
			whole = append(whole, piece...)
		}
		sealed := sealAll(t, key, pieces...)
		if len(whole) > 16 && bytes.Contains(sealed, whole[:16]) {
			t.Error("it was not encrypted")
		}
		got, err := openAll(t, key, sealed)
		if err != nil || !bytes.Equal(got, whole) {
			t.Errorf("of %d bytes came back %d: %v", len(whole), len(got), err)
		}
	})
}

func TestAStreamOfWhichAnythingChangedDoesNotOpen(t *testing.T) {
	key := [32]byte{1}
	// Three full chunks, and one that is not.
	whole := make([]byte, 3*chunkSize+100)
	for i := range whole {
		whole[i] = byte(i / chunkSize)
	}
	sealed := sealAll(t, key, whole)
	chunk := func(i int) []byte { return sealed[i*sealedChunk : min((i+1)*sealedChunk, len(sealed))] }
	other := sealAll(t, [32]byte{2}, whole)
	tests := map[string][]byte{
		"nothing":                       nil,
		"one byte":                      sealed[:1],
		"a byte less":                   sealed[:len(sealed)-1],
		"a byte more":                   append(bytes.Clone(sealed), 0),
		"the last chunk cut off":        sealed[:3*sealedChunk],
		"the last chunk twice":          bytes.Join([][]byte{sealed, chunk(3)}, nil),
		"cut within a chunk":            sealed[:sealedChunk+500],
		"two chunks in the other order": bytes.Join([][]byte{chunk(1), chunk(0), chunk(2), chunk(3)}, nil),
		"the first chunk left out":      bytes.Join([][]byte{chunk(1), chunk(2), chunk(3)}, nil),
		"a chunk left out":              bytes.Join([][]byte{chunk(0), chunk(2), chunk(3)}, nil),
		"a chunk twice":                 bytes.Join([][]byte{chunk(0), chunk(1), chunk(1), chunk(2), chunk(3)}, nil),
		"a chunk of another stream":     bytes.Join([][]byte{chunk(0), other[sealedChunk : 2*sealedChunk], chunk(2), chunk(3)}, nil),
		"another key":                   other,
	}
	for name, changed := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := openAll(t, key, changed)
			if err == nil {
				t.Error("it opened")
			}
		})
	}
	for at := 0; at < len(sealed); at += 997 {
		changed := bytes.Clone(sealed)
		changed[at] ^= 1 << (at % 8)
		_, err := openAll(t, key, changed)
		if err == nil {
			t.Errorf("it opened with another byte %d", at)
		}
	}
}

// broken fails to read or write after so many bytes.
type broken struct{ left int }

var errBroken = errors.New("the disk is broken")

func (b *broken) Read(p []byte) (int, error)  { return b.spend(len(p)) }
func (b *broken) Write(p []byte) (int, error) { return b.spend(len(p)) }

func (b *broken) spend(n int) (int, error) {
	if n > b.left {
		return 0, errBroken
	}
	b.left -= n
	return n, nil
}

func TestAStreamTellsWhatFailedBelowIt(t *testing.T) {
	for _, left := range []int{0, sealedChunk, 10 * sealedChunk} {
		t.Run(fmt.Sprintf("after %d bytes", left), func(t *testing.T) {
			w, err := newSealedWriter(&broken{left}, [32]byte{})
			for i := 0; err == nil && i < 12; i++ {
				_, err = w.Write(make([]byte, chunkSize))
			}
			if !errors.Is(err, errBroken) {
				t.Errorf("writing: got %v", err)
			}
			r, err := newSealedReader(&broken{left}, [32]byte{})
			if err == nil {
				_, err = r.next()
			}
			if !errors.Is(err, errBroken) && !errors.Is(err, errDamaged) {
				t.Errorf("reading: got %v", err)
			}
		})
	}
}
