package mirror

import (
	"bufio"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// A snapshot is encrypted in chunks, each bound to its number and the last one to
// being the last: the STREAM construction of Hoang, Reyhanitabar, Rogaway and
// Vizár, in the form that the file format age has. No chunk can be changed, left
// out, moved or taken from another snapshot, and nothing can be cut off or added at
// the end.
//
// Every snapshot has a key of its own, which seals no nonce twice; so the nonces
// can be counted, and ChaCha20-Poly1305 does without the longer ones of XChaCha20.
const (
	chunkSize   = 64 << 10
	sealedChunk = chunkSize + chacha20poly1305.Overhead
)

var errDamaged = errors.New("it is damaged, or another master key or pepper sealed it")

// chunkNonce is the number of a chunk, and in the last byte whether it is the last.
type chunkNonce [chacha20poly1305.NonceSize]byte

func (n *chunkNonce) next() {
	const at = chacha20poly1305.NonceSize - 9
	binary.BigEndian.PutUint64(n[at:], binary.BigEndian.Uint64(n[at:])+1)
}

func (n *chunkNonce) last() { n[chacha20poly1305.NonceSize-1] = 1 }

func newStreamCipher(key [32]byte) (cipher.AEAD, error) {
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return nil, fmt.Errorf("set up the cipher of the snapshot: %w", err)
	}
	return aead, nil
}

// sealedWriter encrypts what is written to it. Without Close it cannot be read.
type sealedWriter struct {
	to            io.Writer
	aead          cipher.AEAD
	nonce         chunkNonce
	plain, sealed []byte
}

func newSealedWriter(to io.Writer, key [32]byte) (*sealedWriter, error) {
	aead, err := newStreamCipher(key)
	return &sealedWriter{to: to, aead: aead, plain: make([]byte, 0, chunkSize), sealed: make([]byte, 0, sealedChunk)}, err
}

func (w *sealedWriter) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		// A full chunk waits until it is known not to be the last.
		if len(w.plain) == chunkSize {
			err := w.flush()
			if err != nil {
				return written, err
			}
		}
		n := min(len(p)-written, chunkSize-len(w.plain))
		w.plain = append(w.plain, p[written:written+n]...)
		written += n
	}
	return written, nil
}

func (w *sealedWriter) flush() error {
	w.sealed = w.aead.Seal(w.sealed[:0], w.nonce[:], w.plain, nil)
	w.nonce.next()
	w.plain = w.plain[:0]
	_, err := w.to.Write(w.sealed)
	return err
}

// Close writes the last chunk; it does not close what is below.
func (w *sealedWriter) Close() error {
	w.nonce.last()
	return w.flush()
}

// sealedReader opens what a sealedWriter wrote.
type sealedReader struct {
	from   *bufio.Reader
	aead   cipher.AEAD
	nonce  chunkNonce
	sealed []byte
	ended  bool
}

func newSealedReader(from io.Reader, key [32]byte) (*sealedReader, error) {
	aead, err := newStreamCipher(key)
	return &sealedReader{from: bufio.NewReaderSize(from, 4*sealedChunk), aead: aead, sealed: make([]byte, sealedChunk)}, err
}

// next returns the plain text of the next chunk, which is good until the call
// after it, and io.EOF after the last.
func (r *sealedReader) next() ([]byte, error) {
	if r.ended {
		return nil, io.EOF
	}
	n, err := io.ReadFull(r.from, r.sealed)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	_, err = r.from.Peek(1)
	r.ended = errors.Is(err, io.EOF)
	if r.ended {
		r.nonce.last()
	}
	plain, err := r.aead.Open(r.sealed[:0], r.nonce[:], r.sealed[:n], nil)
	if err != nil {
		return nil, errDamaged
	}
	r.nonce.next()
	return plain, nil
}
