package token

import (
	"errors"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// refreshToken is the grant of RFC 6749 §6. The handle holds all there is to
// know, sealed, but for one thing: whether it is the last of its family. That is
// asked last, in rotate.go.
type refreshToken struct {
	reader Reader
}

func (g refreshToken) authorize(r *web.Request, client *mirror.Client, now time.Time, _ *trail) (authorization, error) {
	text := r.Params.Get("refresh_token")
	if text == "" {
		return authorization{}, web.Refuse(oauth.InvalidRequest, "refresh_token is missing; send the one that came with the access token")
	}
	handle, err := g.reader.readRefresh(text)
	if err != nil {
		return authorization{}, badRefreshToken("it is not one of this server")
	}
	var c contents
	c.setRefresh(&handle, g.reader.Directory)
	// RFC 6749 §6: the refresh token is bound to the client it was issued to.
	// RFC 6749 §10.4: the binding is checked whenever the client is known.
	if c.clientID != client.ID {
		return authorization{}, badRefreshToken("it belongs to another key")
	}
	found := g.reader.flaw(&c, now)
	if found != sound {
		return authorization{}, badRefreshToken(found.String())
	}
	allowed := authorization{
		requested: handle.scopes, resources: handle.resources,
		presented: &handle, rotates: !client.KeepsRefreshTokens(), refreshToken: text,
	}
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
	return allowed, nil
}

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
// expired, revoked, used up or another key's (RFC 6749 §5.2). Which of them it
// is stands in the log.
func badRefreshToken(why string) error {
	refusal := web.Refuse(oauth.InvalidGrant, "the refresh token is not valid for this key, was used already, or has expired; get a new one with grant_type client_credentials")
	refusal.Cause = errors.New("the refresh token cannot be used: " + why)
	return refusal
}
