package token

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// target is what a token is for: the scopes and the APIs they belong to, which
// agree on how the token looks.
type target struct {
	scopes []string
	apis   []*mirror.API
}

func (t target) format() store.TokenFormat { return t.apis[0].TokenFormat }

func (t target) audience() []string {
	list := make([]string, len(t.apis))
	for i, api := range t.apis {
		list[i] = api.Audience
	}
	return list
}

// lifetime is the key's own where it has one, else the shortest of the APIs'.
func (t target) lifetime(client *mirror.Client) time.Duration {
	own := client.Lifetime()
	if own > 0 {
		return own
	}
	shortest := t.apis[0].AccessTokenLifetime
	for _, api := range t.apis[1:] {
		shortest = min(shortest, api.AccessTokenLifetime)
	}
	return shortest
}

func (t target) refreshLifetime() time.Duration {
	shortest := t.apis[0].RefreshTokenLifetime
	for _, api := range t.apis[1:] {
		shortest = min(shortest, api.RefreshTokenLifetime)
	}
	return shortest
}

// refreshIdleLifetime is the shortest of the APIs that set one.
func (t target) refreshIdleLifetime() time.Duration {
	var shortest time.Duration
	for _, api := range t.apis {
		own := api.RefreshTokenIdleLifetime
		if own > 0 && (shortest == 0 || own < shortest) {
			shortest = own
		}
	}
	return shortest
}

// resources are the APIs the request names, by either of the parameters in use,
// each once: they go into the refresh token, which must stay short.
func resources(r *web.Request) []string {
	var distinct []string
	for _, name := range append(r.Params.All("resource"), r.Params.All("audience")...) {
		if !slices.Contains(distinct, name) {
			distinct = append(distinct, name)
		}
	}
	return distinct
}

// target finds the APIs of the scopes and sees that they fit together.
func (e *Endpoint) target(client *mirror.Client, allowed authorization) (target, error) {
	named, err := e.named(allowed.resources)
	if err != nil {
		return target{}, err
	}
	t := target{scopes: make([]string, 0, len(allowed.requested)), apis: make([]*mirror.API, 0, 1)}
	for _, one := range allowed.requested {
		owner := e.Directory.Owner(one)
		switch {
		case owner == nil:
			return target{}, web.RefuseQuoting(oauth.InvalidScope, "scope "+one+" is in no catalogue of an API")
		case named == nil || slices.Contains(named, owner):
		case allowed.byDefault:
			continue
		default:
			// RFC 8707 §2.2: a scope that the resource does not know is not for it.
			return target{}, web.RefuseQuoting(oauth.InvalidScope, "scope "+one+" does not belong to the API named by resource")
		}
		t.scopes = append(t.scopes, one)
		if !slices.Contains(t.apis, owner) {
			t.apis = append(t.apis, owner)
		}
	}
	if len(t.apis) == 0 {
		return target{}, web.Refuse(oauth.InvalidScope, "no scope of this key belongs to the API named by resource; granted: "+client.Grants.Summary())
	}
	return t, agree(t.apis)
}

// named looks up the APIs a request names; nil when it names none.
func (e *Endpoint) named(resources []string) ([]*mirror.API, error) {
	var list []*mirror.API
	for _, resource := range resources {
		// RFC 8707 §2: the value is an absolute URI without a fragment.
		parsed, err := url.Parse(resource)
		if err != nil || !parsed.IsAbs() || strings.Contains(resource, "#") {
			return nil, web.Refuse(oauth.InvalidTarget, "resource is not an absolute URI without a fragment")
		}
		api := e.Directory.API(resource)
		if api == nil {
			// RFC 8707 §2: invalid_target for a resource that is unknown.
			return nil, web.Refuse(oauth.InvalidTarget, "resource names no API of this server; send the audience of one exactly as it is registered")
		}
		list = append(list, api)
	}
	return list, nil
}

// agree refuses APIs that want different tokens.
func agree(apis []*mirror.API) error {
	first := apis[0]
	for _, api := range apis[1:] {
		if api.TokenFormat != first.TokenFormat || api.Algorithm != first.Algorithm || api.Type != first.Type {
			return web.Refuse(oauth.InvalidTarget, "the scopes belong to APIs that take different tokens; name one of them with resource")
		}
	}
	return nil
}
