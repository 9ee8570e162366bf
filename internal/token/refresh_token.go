package token

import (
	"slices"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// refreshToken is the grant of RFC 6749 §6. The handle holds all there is to
// know, sealed; no row stands behind it.
type refreshToken struct {
	sealer *keys.Sealer
}

func (g refreshToken) authorize(r *web.Request, client *mirror.Client, now time.Time) (authorization, error) {
	text := r.Params.Get("refresh_token")
	if text == "" {
		return authorization{}, web.Refuse(oauth.InvalidRequest, "refresh_token is missing; send the one that came with the access token")
	}
	handle, err := g.open(text)
	if err != nil {
		return authorization{}, badRefreshToken()
	}
	// RFC 6749 §6: the refresh token is bound to the client it was issued to.
	if handle.clientID != client.ID {
		return authorization{}, badRefreshToken()
	}
	// A key that was deleted and made again is another one; clocks of nodes differ
	// by less than the leeway.
	earlier := handle.issued.Add(leeway).Before(client.Created())
	if earlier || !now.Before(handle.expires) {
		return authorization{}, badRefreshToken()
	}
	allowed := authorization{requested: handle.scopes, resources: handle.resources, refreshToken: text}
	asked := r.Params.Get("scope")
	allowed.byDefault = asked == ""
	if asked != "" {
		allowed.requested, err = narrowToHandle(asked, handle.scopes)
		if err != nil {
			return authorization{}, err
		}
	}
	named := resources(r)
	if len(named) > 0 {
		allowed.resources = named
	}
	// A grant that was withdrawn from the key is gone from its refresh tokens too.
	err = client.Grants.Narrow(allowed.requested)
	if err != nil {
		return authorization{}, invalidScope(err)
	}
	return allowed, nil
}

// leeway is how far the clocks of two nodes may be apart.
const leeway = 5 * time.Second

func narrowToHandle(asked string, scopes []string) ([]string, error) {
	requested, err := scope.Parse(asked)
	if err != nil {
		return nil, invalidScope(err)
	}
	for _, one := range requested {
		// RFC 6749 §6: the scope must not hold what was not granted originally.
		if !slices.Contains(scopes, one) {
			return nil, web.RefuseQuoting(oauth.InvalidScope, "scope "+one+" was not granted with this refresh token; a refresh can narrow the scope but not widen it")
		}
	}
	return requested, nil
}

// badRefreshToken is the one answer for a refresh token that is made up, cut,
// expired or another key's (RFC 6749 §5.2).
func badRefreshToken() error {
	return web.Refuse(oauth.InvalidGrant, "the refresh token is not valid for this key, or has expired; get a new one with grant_type client_credentials")
}

func (g refreshToken) open(text string) (refreshHandle, error) {
	plain, err := g.sealer.OpenHandle(keys.RefreshToken, text)
	if err != nil {
		return refreshHandle{}, err
	}
	return decodeRefreshHandle(plain)
}
