package token

import (
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// clientCredentials is the grant of RFC 6749 §4.4: the key acts in its own name.
type clientCredentials struct{}

func (clientCredentials) authorize(r *web.Request, client *mirror.Client, _ time.Time, _ *trail) (authorization, error) {
	allowed := authorization{resources: resources(r)}
	asked := r.Params.Get("scope")
	if asked == "" {
		// RFC 6749 §3.3: without a scope the server uses a default or refuses.
		allowed.requested, allowed.byDefault = client.Grants.Default(), true
		if len(allowed.requested) == 0 {
			return authorization{}, needsScope(client)
		}
		return allowed, nil
	}
	requested, err := scope.Parse(asked)
	if err != nil {
		return authorization{}, invalidScope(err)
	}
	allowed.requested = requested
	return allowed, nil
}

func needsScope(client *mirror.Client) error {
	if client.Grants.String() == "" {
		return web.Refuse(oauth.InvalidScope, "nothing is granted to this key; grant it a scope")
	}
	return web.Refuse(oauth.InvalidScope, "send scope: this key has no default, because it is granted templates only or too much for one token; granted: "+client.Grants.Summary())
}

// invalidScope turns a refusal of package scope, whose text is ours, into an
// OAuth error.
func invalidScope(err error) error {
	return web.RefuseQuoting(oauth.InvalidScope, err.Error())
}
