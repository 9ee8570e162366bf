package token

import (
	"strconv"

	"github.com/grantd/grantd/oauth"
)

// appendResponse writes the successful answer of RFC 6749 §5.1, always in this
// shape: clients in use break on a lifetime that is a string or a float, and on
// members that are null or empty.
func appendResponse(b []byte, r oauth.TokenResponse) []byte {
	b = append(b, `{"access_token":`...)
	b = appendString(b, r.AccessToken)
	b = append(b, `,"token_type":`...)
	b = appendString(b, string(r.TokenType))
	b = append(b, `,"expires_in":`...)
	b = strconv.AppendInt(b, r.ExpiresIn, 10)
	if r.RefreshToken != "" {
		b = append(b, `,"refresh_token":`...)
		b = appendString(b, r.RefreshToken)
	}
	if r.Scope != "" {
		b = append(b, `,"scope":`...)
		b = appendString(b, r.Scope)
	}
	return append(b, '}')
}
