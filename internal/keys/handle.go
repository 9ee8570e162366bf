package keys

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
)

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

const (
	checksumSize = 4
	// maxHandle bounds the work a made-up handle can cause.
	maxHandle = 16 << 10
)

// SealHandle seals plain as a token: a type prefix, then base64url of the sealed
// data and its checksum. The characters are [A-Za-z0-9_-].
func (s *Sealer) SealHandle(purpose Purpose, plain []byte) string {
	prefix := prefixOf(purpose)
	sealed := s.Seal(purpose, prefix, plain)
	sealed = binary.BigEndian.AppendUint32(sealed, crc32.ChecksumIEEE(sealed))
	text := make([]byte, 0, len(prefix)+base64.RawURLEncoding.EncodedLen(len(sealed)))
	text = append(text, prefix...)
	return string(base64.RawURLEncoding.AppendEncode(text, sealed))
}

// OpenHandle opens what SealHandle made. One that was cut or mistyped fails the
// checksum, before any key is touched.
//
// RFC 6749 §10.4: refresh tokens cannot be generated, modified or guessed.
func (s *Sealer) OpenHandle(purpose Purpose, handle string) ([]byte, error) {
	prefix := prefixOf(purpose)
	text, found := strings.CutPrefix(handle, prefix)
	// The decoder skips line breaks, which would let one handle have many texts.
	if !found || len(handle) > maxHandle || strings.ContainsAny(text, "\r\n") {
		return nil, ErrHandle
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(sealed) < checksumSize {
		return nil, ErrHandle
	}
	body, sum := sealed[:len(sealed)-checksumSize], sealed[len(sealed)-checksumSize:]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(sum) {
		return nil, ErrHandle
	}
	plain, err := s.Open(purpose, prefix, body)
	if err != nil {
		return nil, ErrHandle
	}
	return plain, nil
}
