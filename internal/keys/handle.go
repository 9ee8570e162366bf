package keys

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// strict refuses a text whose last character holds bits that nobody reads: it
// would be a second text of the same bytes.
var strict = base64.RawURLEncoding.Strict()

// ErrHandle is the answer to every handle that was not made by this server: cut,
// altered, foreign or made up.
var ErrHandle = errors.New("not a handle of this server")

// The prefixes let people, secret scanners and the server itself see what a
// handle is.
const (
	RefreshTokenPrefix = "gdr_"
	AccessTokenPrefix  = "gda_"
)

func prefixOf(purpose Purpose) string {
	if purpose == RefreshToken {
		return RefreshTokenPrefix
	}
	return AccessTokenPrefix
}

// A handle is its prefix, then base64url of: the version, the length of all of
// this, what appendSealed makes, the checksum.
const (
	handleVersion = 2
	headSize      = 3
	checksumSize  = 4
	minHandle     = headSize + keyIDSize + nonceSize + chacha20poly1305.Overhead + checksumSize
	// maxHandle bounds the work a made-up handle can cause.
	maxHandle = 16 << 10
)

// MaxPlain is how much a handle can hold: one with more is longer than what
// OpenHandle looks at.
const MaxPlain = (maxHandle-len(AccessTokenPrefix))/4*3 - minHandle

// workspace is where a handle is put together or taken apart, kept from one to
// the next. It holds nothing secret.
type workspace struct {
	nonce        [nonceSize]byte
	context      []byte
	sealed, text []byte
}

func (s *Sealer) workspace() *workspace {
	w, kept := s.workspaces.Get().(*workspace)
	if !kept {
		w = &workspace{}
	}
	return w
}

// SealHandle seals plain as a token: a type prefix, then base64url of the sealed
// data with its length and checksum. The characters are [A-Za-z0-9_-].
func (s *Sealer) SealHandle(purpose Purpose, plain []byte) string {
	w := s.workspace()
	defer s.workspaces.Put(w)
	rand.Read(w.nonce[:])
	return s.sealHandle(w, purpose, plain)
}

// SealRepeatably seals like SealHandle, and gives equal handles for equal data:
// the nonce is a keyed hash of the plain data, under a key that belongs to the
// purpose. A nonce must never serve two different plain texts; here two that
// differ get different nonces, unless they collide in 192 pseudo-random bits,
// which is as unlikely as two random nonces being equal. All that somebody without
// the key can see is that two handles hold the same, which is what was asked for.
func (s *Sealer) SealRepeatably(purpose Purpose, plain []byte) string {
	w := s.workspace()
	defer s.workspaces.Put(w)
	sum := keyedHash(s.masters[0].boxes[purpose].nonces, string(purpose), plain)
	copy(w.nonce[:], sum[:])
	return s.sealHandle(w, purpose, plain)
}

func (s *Sealer) sealHandle(w *workspace, purpose Purpose, plain []byte) string {
	prefix := prefixOf(purpose)
	w.context = append(w.context[:0], prefix...)
	sealed := append(w.sealed[:0], handleVersion)
	sealed = binary.BigEndian.AppendUint16(sealed, uint16(minHandle+len(plain))) //nolint:gosec // up to MaxPlain it fits; what is longer does not open again
	sealed = s.masters[0].appendSealed(sealed, purpose, w.context, w.nonce[:], plain)
	sealed = binary.BigEndian.AppendUint32(sealed, crc32.ChecksumIEEE(sealed))
	w.sealed = sealed
	w.text = base64.RawURLEncoding.AppendEncode(append(w.text[:0], prefix...), sealed)
	return string(w.text)
}

// OpenHandle opens what SealHandle made. One that was cut, extended or mistyped
// fails the length or the checksum, before any key is touched.
//
// RFC 6749 §10.4: refresh tokens cannot be generated, modified or guessed.
func (s *Sealer) OpenHandle(purpose Purpose, handle string) ([]byte, error) {
	text, found := strings.CutPrefix(handle, prefixOf(purpose))
	if !found || len(handle) > maxHandle {
		return nil, ErrHandle
	}
	w := s.workspace()
	defer s.workspaces.Put(w)
	w.text = append(w.text[:0], text...)
	// The decoder skips line breaks, which would let one handle have many texts.
	if bytes.IndexByte(w.text, '\n') >= 0 || bytes.IndexByte(w.text, '\r') >= 0 {
		return nil, ErrHandle
	}
	var err error
	w.sealed, err = strict.AppendDecode(w.sealed[:0], w.text)
	if err != nil || !whole(w.sealed) {
		return nil, ErrHandle
	}
	w.context = append(w.context[:0], prefixOf(purpose)...)
	plain, err := s.openSealed(purpose, w.context, w.sealed[headSize:len(w.sealed)-checksumSize])
	if err != nil {
		return nil, ErrHandle
	}
	return plain, nil
}

// whole reports whether a handle's bytes are all there and as they were made.
func whole(sealed []byte) bool {
	if len(sealed) < minHandle || sealed[0] != handleVersion || int(binary.BigEndian.Uint16(sealed[1:])) != len(sealed) {
		return false
	}
	body, sum := sealed[:len(sealed)-checksumSize], sealed[len(sealed)-checksumSize:]
	return crc32.ChecksumIEEE(body) == binary.BigEndian.Uint32(sum)
}
