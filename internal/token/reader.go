package token

import (
	"cmp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// Reader reads the tokens of this server, of every kind.
type Reader struct {
	// Issuer is the iss claim of our JWTs.
	Issuer string
	// Ring verifies JWTs.
	Ring *keys.Ring
	// Sealer opens refresh tokens and opaque access tokens.
	Sealer *keys.Sealer
	// Directory knows what has ended.
	Directory Directory
	// Now is the clock.
	Now func() time.Time
}

// read opens or verifies a token. A token that is cut, altered, made up or
// another server's is not read; one that is, may still be expired or revoked.
//
// RFC 7009 §2.1: what kind of token it is shows in the token, so that a wrong
// hint misleads nobody.
func (r *Reader) read(text string, now time.Time, c *contents) error {
	switch {
	case strings.HasPrefix(text, keys.AccessTokenPrefix):
		plain, err := r.Sealer.OpenHandle(keys.AccessToken, text)
		if err != nil {
			return err
		}
		return decodeAccessHandle(plain, c)
	case strings.HasPrefix(text, keys.RefreshTokenPrefix):
		handle, err := r.readRefresh(text)
		if err != nil {
			return err
		}
		c.setRefresh(&handle, r.Directory)
		return nil
	}
	return r.readJWT(text, now, c)
}

func (r *Reader) readRefresh(text string) (refreshHandle, error) {
	plain, err := r.Sealer.OpenHandle(keys.RefreshToken, text)
	if err != nil {
		return refreshHandle{}, err
	}
	return decodeRefreshHandle(plain)
}

// jwtClaims are those of an access token that matter here.
type jwtClaims struct {
	Issuer   string    `json:"iss"`
	Subject  string    `json:"sub"`
	ClientID string    `json:"client_id"`
	Audience audiences `json:"aud"`
	Scope    string    `json:"scope"`
	Issued   int64     `json:"iat"`
	Expires  int64     `json:"exp"`
	ID       string    `json:"jti"`
	// Mode is absent in the tokens of earlier versions.
	Mode store.Mode `json:"mode"`
	// Static is an object of the other claims, which are those of the key.
	Static jsontext.Value `json:",embed"`
}

// issued is the time of issue: to the millisecond as the id has it, if it is the
// same second. The ids of an earlier build were random throughout.
func (c *jwtClaims) issued(id identity) time.Time {
	exact := issuedAt(id.token)
	if exact.Unix() == c.Issued {
		return exact
	}
	return time.Unix(c.Issued, 0).UTC()
}

// audiences is one string or an array of them (RFC 7519 §4.1.3).
type audiences []string

// UnmarshalJSON reads either.
func (a *audiences) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(a))
	}
	*a = make([]string, 1)
	return json.Unmarshal(text, &(*a)[0])
}

// readJWT verifies a JWT. Whatever it says counts only because we signed it.
func (r *Reader) readJWT(text string, now time.Time, c *contents) error {
	// RFC 7662 §4: the signature of a signed token is verified.
	verified, err := r.Ring.Verify(text, now)
	if err != nil {
		return err
	}
	// RFC 9068 §4: anything but an access token is refused by its typ.
	// RFC 9701 §8.1: the answer of introspection is no access token.
	if verified.Type != "at+jwt" && verified.Type != "JWT" {
		return errPayload
	}
	var claims jwtClaims
	err = json.Unmarshal(verified.Payload, &claims)
	if err != nil {
		return errPayload
	}
	id, ok := parseIdentity(claims.ID)
	if !ok || claims.Issuer != r.Issuer {
		return errPayload
	}
	mode := cmp.Or(claims.Mode, store.Live)
	if mode != store.Live && mode != store.Test {
		return errPayload
	}
	*c = contents{
		kind: AccessToken, clientID: claims.ClientID, scope: claims.Scope, audience: claims.Audience, id: id,
		issued: claims.issued(id), expires: time.Unix(claims.Expires, 0).UTC(), keyID: verified.KeyID,
		mode: mode, static: ownNames(string(claims.Static)),
	}
	return nil
}
