package token

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/scope"
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

// lifetime is the key's own where it has one, else the shortest of the APIs'. It
// ends with the key at the latest.
func (t target) lifetime(client *mirror.Client, now time.Time) time.Duration {
	own := client.Lifetime()
	if own > 0 {
		return within(client, now, own)
	}
	shortest := t.apis[0].AccessTokenLifetime
	for _, api := range t.apis[1:] {
		shortest = min(shortest, api.AccessTokenLifetime)
	}
	return within(client, now, shortest)
}

// within cuts a lifetime so that it ends with the key.
func within(client *mirror.Client, now time.Time, lifetime time.Duration) time.Duration {
	until := client.Policy.Until()
	if until.IsZero() {
		return lifetime
	}
	return max(0, min(lifetime, until.Sub(now)))
}

func (t target) refreshLifetime(client *mirror.Client, now time.Time) time.Duration {
	shortest := t.apis[0].RefreshTokenLifetime
	for _, api := range t.apis[1:] {
		shortest = min(shortest, api.RefreshTokenLifetime)
	}
	return within(client, now, shortest)
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

// target sees that the key may have what it asks for, and that the APIs of it fit
// together.
func (e *Endpoint) target(client *mirror.Client, allowed authorization, t *trail) (target, error) {
	// 1. The APIs that are named.
	named, err := e.named(allowed.resources)
	if err != nil {
		return target{}, t.saw(ruleAudience, err, "")
	}
	err = t.saw(ruleMode, sameMode(client, named), "every API that is named has the mode of the key")
	if err != nil {
		return target{}, err
	}
	// 2. The scopes, and the API of each.
	// RFC 6749 §3.3: what is granted follows from the policy of the server.
	// RFC 6749 §4.4: the client gets what it was granted beforehand, no more. What
	// was withdrawn from the key since is gone from its refresh tokens too.
	index := e.Directory.Scopes(client.Mode())
	owners, err := index.Narrow(client.Grants, allowed.requested, make([]*mirror.API, 0, len(allowed.requested)))
	if err != nil {
		err = invalidScope(err)
	}
	if t != nil {
		t.scopes(index, client, allowed.requested, err)
	}
	if err != nil {
		return target{}, err
	}
	// 3. The one token that they fit into.
	of, err := fit(client, allowed, named, owners)
	if err == nil {
		err = agree(of.apis)
	}
	if err == nil {
		err = e.room(client, of, allowed)
	}
	if err != nil {
		return target{}, t.saw(ruleAudience, err, "")
	}
	if t != nil {
		t.passed(ruleAudience, "the token is for %s", printable(strings.Join(of.audience(), " and ")))
	}
	return of, nil
}

// scopes notes what was said about each scope, and err about all of them.
func (t *trail) scopes(index *scope.Index[*mirror.API], client *mirror.Client, requested []string, err error) {
	for _, one := range requested {
		d := index.Explain(client.Grants, one)
		if !d.Granted {
			t.refused(ruleScope, printable(d.Sentence))
			return
		}
		t.passed(ruleScope, "%s", printable(d.Sentence))
	}
	if err != nil {
		t.refused(ruleScope, sentenceOf(err))
	}
}

// fit takes the scopes that belong to the APIs that are named, and finds the APIs of
// those, each once. The APIs overwrite owners, at most up to what was read already.
func fit(client *mirror.Client, allowed authorization, named, owners []*mirror.API) (target, error) {
	t := target{scopes: allowed.requested, apis: owners[:0]}
	if named != nil {
		t.scopes = make([]string, 0, len(allowed.requested))
	}
	for i, owner := range owners {
		one := allowed.requested[i]
		switch {
		case named == nil:
		case slices.Contains(named, owner):
			t.scopes = append(t.scopes, one)
		case allowed.byDefault:
			continue
		default:
			// RFC 8707 §2.2: a scope that the resource does not know is not for it.
			return target{}, web.RefuseQuoting(oauth.InvalidScope, "scope "+one+" does not belong to the API named by resource")
		}
		if !slices.Contains(t.apis, owner) {
			t.apis = append(t.apis, owner)
		}
	}
	if len(t.apis) == 0 {
		return target{}, web.Refuse(oauth.InvalidScope, "no scope of this key belongs to the API named by resource; granted: "+client.Grants.Summary())
	}
	return t, nil
}

// named looks up the APIs a request names; nil when it names none.
func (e *Endpoint) named(resources []string) ([]*mirror.API, error) {
	var list []*mirror.API
	for _, resource := range resources {
		// RFC 8707 §2: the value is an absolute URI without a fragment.
		if strings.Contains(resource, "#") {
			return nil, web.Refuse(oauth.InvalidTarget, "resource has a fragment; send the audience of the API without the # and what follows it")
		}
		parsed, err := url.Parse(resource)
		if err != nil || !parsed.IsAbs() {
			return nil, web.Refuse(oauth.InvalidTarget, "resource is not an absolute URI; send the whole audience of the API, such as https://api.example.com")
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

// sameMode refuses the first API of the other mode.
func sameMode(client *mirror.Client, named []*mirror.API) error {
	mode := client.Mode()
	for _, api := range named {
		if api.Mode != mode {
			// RFC 8707 §2: invalid_target for a resource that is not acceptable.
			return web.Refuse(oauth.InvalidTarget, fmt.Sprintf("this key is a %s key and %s is a %s API; use a %s key for it", mode, api.Audience, api.Mode, api.Mode))
		}
	}
	return nil
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
