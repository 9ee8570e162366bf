package token

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// issue makes the tokens of one answer. After a rotation everything follows from
// the refresh token that was presented and from when the next one was made, so
// that whoever asks again gets the same bytes, from any node.
func (e *Endpoint) issue(w *workspace, client *mirror.Client, t target, allowed authorization, now time.Time) (oauth.TokenResponse, error) {
	lifetime := t.lifetime(client, now)
	c := claims{
		issuer:   e.Issuer,
		clientID: client.ID,
		audience: t.audience(),
		scope:    strings.Join(t.scopes, " "),
		mode:     client.Mode(),
		static:   client.Policy.Claims(),
		issued:   issueTime(now, e.Directory, client, t.apis),
	}
	if allowed.presented != nil {
		// What ended the family in the meantime ends what comes of it.
		c.issued = later(now, allowed.presented.started)
	}
	// RFC 7519 §2: a JWT has whole seconds, and all kinds of tokens are alike.
	c.expires = now.Add(lifetime).Truncate(time.Second)
	refresh, err := e.refreshToken(&c, client, t, allowed, now)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	access, err := e.accessToken(w, &c, t, now, allowed.rotates)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	return oauth.TokenResponse{
		AccessToken: access,
		TokenType:   oauth.Bearer,
		// RFC 6749 §5.1: the lifetime in seconds, not a point in time.
		ExpiresIn:    int64(lifetime / time.Second),
		RefreshToken: refresh,
		Scope:        c.scope,
	}, nil
}

// refreshToken makes the refresh token, or keeps the one that was presented, and
// names the access token after its family. It is empty where there is none.
func (e *Endpoint) refreshToken(c *claims, client *mirror.Client, t target, allowed authorization, now time.Time) (string, error) {
	presented := allowed.presented
	switch {
	case presented != nil && allowed.rotates:
		c.id = identity{token: e.nextID(presented, c), family: presented.family, inFamily: true}
		child := presented.next(now)
		return e.seal(keys.RefreshToken, child.encode(), true)
	case presented != nil:
		c.id = identity{token: newID(c.issued), family: presented.family, inFamily: true}
		return allowed.refreshToken, nil
	// RFC 6749 §4.4.3: a refresh token only where the key asks for that grant.
	case !client.AllowsGrant(oauth.RefreshToken):
		c.id = identity{token: newID(c.issued)}
		return "", nil
	}
	c.id = identity{token: newID(c.issued), family: newFamily(), inFamily: true}
	first := refreshHandle{
		family:    c.id.family,
		clientID:  client.ID,
		scopes:    t.scopes,
		resources: allowed.resources,
		started:   c.issued,
		issued:    now,
		expires:   now.Add(t.refreshLifetime(client, now)),
		idle:      t.refreshIdleLifetime(),
		mode:      c.mode,
	}
	return e.seal(keys.RefreshToken, first.encode(), false)
}

// nextID derives the id of the access token that comes with the next generation.
// Another scope, audience, end or claim is another token: a retry may ask for less, and
// what is known of an id, such as how long it stays revoked, is true of one token.
func (e *Endpoint) nextID(presented *refreshHandle, c *claims) store.TokenID {
	data := make([]byte, 0, 256)
	data = append(data, presented.family[:]...)
	data = binary.AppendUvarint(data, uint64(presented.generation)) //nolint:gosec // counted from 0
	data = appendText(data, c.scope)
	data = appendTexts(data, c.audience)
	data = appendTime(data, c.expires)
	data = appendModeFlag(data, c.mode)
	data = append(data, c.static...)
	derived := e.Sealer.Derive("access token id", data)
	id := store.TokenID(derived[:idSize])
	setTime(&id, c.issued)
	return id
}

// accessToken signs or seals the access token; again gives the same bytes for
// the same claims.
//
// RFC 6749 §10.10: signature and seal take 2^128 guesses; the id only tells
// tokens apart.
func (e *Endpoint) accessToken(w *workspace, c *claims, t target, now time.Time, again bool) (string, error) {
	api := t.apis[0]
	if api.TokenFormat == store.Opaque {
		w.payload = c.appendHandle(w.payload[:0])
		return e.seal(keys.AccessToken, w.payload, again)
	}
	signer := e.Ring.Active(api.Algorithm, now)
	if signer == nil {
		return "", fmt.Errorf("there is no %s signing key for API %s", api.Algorithm, api.Audience)
	}
	w.payload = c.append(w.payload[:0])
	token, err := w.sign(signer, api.Type, again)
	if len(token) > longestToken {
		return "", tooMuch()
	}
	return token, err
}

const (
	// longestToken is the longest JWT that can be introspected and revoked: neither
	// a parameter nor what the ring verifies may be longer.
	longestToken = 16 << 10
	// growth is what the numbers in a refresh token may come to need in later
	// generations.
	growth = 32
)

// room refuses what is too much for one token. It reckons with a little more than is
// needed and before anything is used up: when the tokens themselves turn out to be too
// long, a refresh token is gone.
func (e *Endpoint) room(client *mirror.Client, t target, allowed authorization) error {
	const (
		// fixed is for names and numbers, signing for the header and the signature.
		fixed, signing = 512, 1 << 10
		longestPayload = (longestToken - signing) / 4 * 3
	)
	scopes, apis := 0, 0
	for _, one := range t.scopes {
		scopes += len(one) + len(" ")
	}
	for _, api := range t.apis {
		apis += len(api.Audience) + len(`"",`)
	}
	access, most := fixed+len(client.ID)+scopes+apis+len(client.Policy.Claims()), keys.MaxPlain-growth
	if t.format() == store.JWT {
		access, most = access+len(e.Issuer)+len(client.ID), longestPayload
	}
	refresh := 0
	if allowed.presented == nil && client.AllowsGrant(oauth.RefreshToken) {
		refresh = fixed + len(client.ID) + scopes
		for _, one := range allowed.resources {
			refresh += len(one) + len(" ")
		}
	}
	if access > most || refresh > keys.MaxPlain-growth {
		return tooMuch()
	}
	return nil
}

func tooMuch() error {
	return web.Refuse(oauth.InvalidTarget, "this is too much for one token; ask for fewer scopes or name fewer resources")
}

// seal makes a handle, unless it would be too long to be opened again.
func (e *Endpoint) seal(purpose keys.Purpose, plain []byte, again bool) (string, error) {
	if again {
		return e.Sealer.SealRepeatably(purpose, plain), nil
	}
	if len(plain) > keys.MaxPlain-growth {
		return "", tooMuch()
	}
	return e.Sealer.SealHandle(purpose, plain), nil
}
