package token

import (
	"encoding/base64"
	"strconv"
)

// appendIntrospection writes the answer of RFC 7662 §2.2, always in this order.
// A token that is not active has no other member.
func appendIntrospection(b []byte, c *contents, active bool, issuer string) []byte {
	if !active {
		// RFC 7662 §2.2: nothing else is said about a token that is not active.
		// RFC 9701 §5: nor in a signed answer.
		return append(b, `{"active":false}`...)
	}
	// RFC 7662 §2.2: active is required.
	b = append(b, `{"active":true,"scope":`...)
	b = appendString(b, c.scope)
	b = append(b, `,"client_id":`...)
	b = appendString(b, c.clientID)
	if c.refresh == nil {
		b = append(b, `,"token_type":"Bearer"`...)
	}
	// RFC 7662 §2.2: exp and iat are whole seconds since 1970.
	b = append(b, `,"exp":`...)
	b = strconv.AppendInt(b, c.expires.Unix(), 10)
	b = append(b, `,"iat":`...)
	b = strconv.AppendInt(b, c.issued.Unix(), 10)
	b = append(b, `,"sub":`...)
	b = appendString(b, c.clientID)
	b = append(b, `,"aud":`...)
	b = appendAudience(b, c.audience)
	b = append(b, `,"iss":`...)
	b = appendString(b, issuer)
	b = append(b, `,"jti":"`...)
	b = c.appendID(b)
	b = append(b, '"')
	// RFC 7662 §2.2: members of our own may be added: the mode, and the static claims.
	b = appendMode(b, c.mode)
	b = append(b, c.static...)
	return append(b, '}')
}

// appendID writes the jti; a refresh token has the name of its family.
func (c *contents) appendID(b []byte) []byte {
	if c.refresh != nil {
		return base64.RawURLEncoding.AppendEncode(b, c.id.family[:])
	}
	return c.id.append(b)
}
