package token

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
)

// claims are the claims of an access token (RFC 9068 §2.2). They are written
// once, by hand: a generic builder spends three times the allocations.
type claims struct {
	issuer   string
	clientID string
	audience []*mirror.API
	scope    string
	// RFC 7519 §2: a time is the number of seconds since 1970.
	issued, expires int64
	id              tokenID
}

// append writes the claims as a JSON object.
func (c *claims) append(b []byte) []byte {
	// RFC 9068 §2.2: iss, exp, aud, sub, client_id, iat and jti are required.
	b = append(b, `{"iss":`...)
	b = appendString(b, c.issuer)
	// RFC 9068 §2.2: without a resource owner, sub is the client.
	b = append(b, `,"sub":`...)
	b = appendString(b, c.clientID)
	b = append(b, `,"client_id":`...)
	b = appendString(b, c.clientID)
	b = append(b, `,"aud":`...)
	b = c.appendAudience(b)
	// RFC 9068 §2.2.3: scope is what was granted.
	b = append(b, `,"scope":`...)
	b = appendString(b, c.scope)
	b = append(b, `,"iat":`...)
	b = strconv.AppendInt(b, c.issued, 10)
	b = append(b, `,"exp":`...)
	b = strconv.AppendInt(b, c.expires, 10)
	b = append(b, `,"jti":"`...)
	b = base64.RawURLEncoding.AppendEncode(b, c.id[:])
	return append(b, '"', '}')
}

// appendAudience writes the audience.
//
// RFC 7519 §4.1.3: one is a string, several are an array.
func (c *claims) appendAudience(b []byte) []byte {
	if len(c.audience) == 1 {
		return appendString(b, c.audience[0].Audience)
	}
	b = append(b, '[')
	for i, api := range c.audience {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, api.Audience)
	}
	return append(b, ']')
}

// workspace is where a token is put together, kept from one to the next: it was
// a quarter of all the bytes that a request allocated.
type workspace struct {
	header, payload, token []byte
}

// sign writes the JWS compact serialization (RFC 7515 §7.1).
func (c *claims) sign(key *keys.Active, typ string, w *workspace) (string, error) {
	header := w.header[:0]
	// RFC 8725 §3.11: the type of a token is told apart by typ.
	// RFC 9068 §2.1: typ is at+jwt, unless the API asks for something else.
	header = append(header, `{"typ":"`...)
	header = append(header, typ...)
	header = append(header, `","alg":"`...)
	header = append(header, key.Algorithm...)
	header = append(header, `","kid":"`...)
	header = append(header, key.ID...)
	header = append(header, '"', '}')

	payload := c.append(w.payload[:0])
	token := base64.RawURLEncoding.AppendEncode(w.token[:0], header)
	token = append(token, '.')
	token = base64.RawURLEncoding.AppendEncode(token, payload)
	signature, err := key.Sign(payload[:0], token)
	if err != nil {
		return "", fmt.Errorf("sign with key %s: %w", key.ID, err)
	}
	token = append(token, '.')
	token = base64.RawURLEncoding.AppendEncode(token, signature)
	w.header, w.payload, w.token = header, payload, token
	return string(token), nil
}

// appendString writes a JSON string of valid UTF-8: quotes, backslashes and
// control characters are escaped, everything else stands as it is.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
