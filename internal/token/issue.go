package token

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// issue makes the tokens of one answer.
func (e *Endpoint) issue(client *mirror.Client, t target, allowed authorization, now time.Time) (oauth.TokenResponse, error) {
	lifetime := t.lifetime(client)
	c := claims{
		issuer:   e.Issuer,
		clientID: client.ID,
		audience: t.apis,
		scope:    strings.Join(t.scopes, " "),
		issued:   now.Unix(),
		expires:  now.Add(lifetime).Unix(),
		id:       newTokenID(),
	}
	access, err := e.accessToken(c, t)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	answer := oauth.TokenResponse{
		AccessToken: access,
		TokenType:   oauth.Bearer,
		// RFC 6749 §5.1: the lifetime in seconds, not a point in time.
		ExpiresIn:    int64(lifetime / time.Second),
		RefreshToken: allowed.refreshToken,
		Scope:        c.scope,
	}
	// RFC 6749 §4.4.3: a refresh token only where the key asks for that grant.
	if answer.RefreshToken == "" && client.AllowsGrant(oauth.RefreshToken) {
		handle := refreshHandle{
			clientID:  client.ID,
			scopes:    t.scopes,
			resources: allowed.resources,
			issued:    now,
			expires:   now.Add(t.refreshLifetime()),
		}
		answer.RefreshToken = e.Sealer.SealHandle(keys.RefreshToken, handle.encode())
	}
	return answer, nil
}

func (e *Endpoint) accessToken(c claims, t target) (string, error) {
	api := t.apis[0]
	if api.TokenFormat == store.Opaque {
		return e.Sealer.SealHandle(keys.AccessToken, c.append(nil)), nil
	}
	signer := e.Ring.Active(api.Algorithm)
	if signer == nil {
		return "", fmt.Errorf("there is no %s signing key for API %s", api.Algorithm, api.Audience)
	}
	w, kept := e.workspaces.Get().(*workspace)
	if !kept {
		w = &workspace{}
	}
	defer e.workspaces.Put(w)
	return c.sign(signer, api.Type, w)
}

// tokenID is the jti.
type tokenID [16]byte

func newTokenID() tokenID {
	// RFC 6749 §10.10: a token is guessed with a probability of 2^-128 at most.
	var id tokenID
	rand.Read(id[:])
	return id
}
