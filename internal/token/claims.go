package token

import (
	"strconv"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// claims are the claims of an access token (RFC 9068 §2.2). They are written
// once, by hand: a generic builder spends three times the allocations.
type claims struct {
	issuer   string
	clientID string
	audience []string
	scope    string
	// issued has milliseconds, which the id keeps. It may be later than the clock
	// says, see issueTime; expires follows from the clock.
	issued, expires time.Time
	id              identity
	mode            store.Mode
	// static are the static claims of the key, each with a comma before it.
	static []byte
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
	b = appendAudience(b, c.audience)
	// RFC 9068 §2.2.3: scope is what was granted.
	b = append(b, `,"scope":`...)
	b = appendString(b, c.scope)
	// RFC 7519 §2: a time is the number of seconds since 1970.
	b = append(b, `,"iat":`...)
	b = strconv.AppendInt(b, c.issued.Unix(), 10)
	b = append(b, `,"exp":`...)
	b = strconv.AppendInt(b, c.expires.Unix(), 10)
	b = append(b, `,"jti":"`...)
	b = c.id.append(b)
	b = append(b, '"')
	// RFC 9068 §2.2: other claims may be added.
	b = appendMode(b, c.mode)
	b = append(b, c.static...)
	return append(b, '}')
}

// appendMode writes the mode, a claim of our own (RFC 7519 §4.3).
func appendMode(b []byte, mode store.Mode) []byte {
	b = append(b, `,"mode":"`...)
	b = append(b, mode...)
	return append(b, '"')
}

// appendAudience writes the audience.
//
// RFC 7519 §4.1.3: one is a string, several are an array.
func appendAudience(b []byte, audience []string) []byte {
	if len(audience) == 1 {
		return appendString(b, audience[0])
	}
	b = append(b, '[')
	for i, one := range audience {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, one)
	}
	return append(b, ']')
}

// appendString writes a JSON string of valid UTF-8: quotes, backslashes and
// control characters are escaped, everything else stands as it is.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	written := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[written:i]...)
		written = i + 1
		if c < 0x20 {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			b = append(b, '\\', c)
		}
	}
	b = append(b, s[written:]...)
	return append(b, '"')
}
