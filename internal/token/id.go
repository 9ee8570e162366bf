package token

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// timeSize is how many bytes of an access token's id hold the time of issue, in
// milliseconds since 1970; the rest is random. A not-before instant can thus be
// told from the id alone, and finer than by iat.
const timeSize = 6

// newID makes the id of an access token that is issued at this time.
func newID(at time.Time) store.TokenID {
	var id store.TokenID
	rand.Read(id[timeSize:])
	setTime(&id, at)
	return id
}

func setTime(id *store.TokenID, at time.Time) {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:timeSize], ms[8-timeSize:])
}

// issuedAt is the time of issue that an access token's id holds.
func issuedAt(id store.TokenID) time.Time {
	var ms [8]byte
	copy(ms[8-timeSize:], id[:timeSize])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC() //nolint:gosec // 48 bits
}

// newFamily makes the id of a family of refresh tokens.
func newFamily() store.TokenID {
	var id store.TokenID
	rand.Read(id[:])
	return id
}

// identity is the jti: the token's own id, and behind it that of its family, so
// that the end of the family is the end of its access tokens.
type identity struct {
	token, family store.TokenID
	// inFamily says that the token came with a refresh token.
	inFamily bool
}

const idSize = len(store.TokenID{})

// append writes the identity in base64url.
func (i *identity) append(b []byte) []byte {
	var both [2 * idSize]byte
	copy(both[:], i.token[:])
	copy(both[idSize:], i.family[:])
	if !i.inFamily {
		return base64.RawURLEncoding.AppendEncode(b, both[:idSize])
	}
	return base64.RawURLEncoding.AppendEncode(b, both[:])
}

// parseIdentity reads what append wrote.
func parseIdentity(jti string) (identity, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(jti)
	if err != nil || len(raw) != idSize && len(raw) != 2*idSize {
		return identity{}, false
	}
	i := identity{token: store.TokenID(raw[:idSize]), inFamily: len(raw) > idSize}
	copy(i.family[:], raw[idSize:])
	// The decoder skips line breaks, which we never wrote.
	return i, string(i.append(nil)) == jti
}
