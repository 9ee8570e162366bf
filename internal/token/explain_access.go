package token

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/mirror"
)

// ExplainAccess says whether a request to an API is allowed with the token, by the
// routes that the API has registered. An empty audience means the token's only one.
func (r *Reader) ExplainAccess(text, method, path, audience string) Explanation {
	t := &trail{}
	now := instant(r.Now())
	var c contents
	err := r.read(text, now, &c)
	if err != nil {
		t.refused(ruleToken, foreign(err))
		return t.refusal()
	}
	if c.refresh != nil {
		t.refused(ruleToken, "this is a refresh token, and APIs take access tokens; get one with it at the token endpoint")
		return t.refusal()
	}
	found := r.flaw(&c, now)
	if found != sound {
		why := "the token is not active: " + printable(r.why(found, &c, now))
		// Of an API that changed its mode, more can be said.
		if found == testAtLive || found == liveAtTest {
			api := explainAPI(r.Directory, t, &c, audience)
			if api == nil {
				return t.refusal()
			}
		}
		t.refused(ruleToken, why)
		return t.refusal()
	}
	t.passed(ruleToken, "the token is active until %s; it belongs to key %s", c.expires.Format(time.RFC3339), clip(c.clientID))
	api := explainAPI(r.Directory, t, &c, audience)
	if api == nil {
		return t.refusal()
	}
	return explainRoute(t, &c, api, method, path)
}

// explainAPI finds the API that the request is for, and sees that the token is for
// it; nil when it is not.
func explainAPI(d Directory, t *trail, c *contents, audience string) *mirror.API {
	list := clip(strings.Join(c.audience, " and "))
	if audience == "" && len(c.audience) != 1 {
		t.refused(ruleAudience, "the token is for "+list+"; say which of them the request goes to")
		return nil
	}
	if audience == "" {
		audience = c.audience[0]
	}
	api := d.API(audience)
	if api == nil {
		t.refused(ruleAudience, "there is no API with this audience; send it exactly as it is registered")
		return nil
	}
	if api.Mode != c.mode {
		t.refused(ruleMode, fmt.Sprintf("this is a %s token, and %s is a %s API; get a token with a %[3]s key", c.mode, clip(audience), api.Mode))
		return nil
	}
	t.passed(ruleMode, "token and API are both %s", c.mode)
	if !slices.Contains(c.audience, audience) {
		t.refused(ruleAudience, "the token is for "+list+", not for "+clip(audience)+"; ask for scopes of that API")
		return nil
	}
	t.passed(ruleAudience, "the token is for %s", clip(audience))
	return api
}

// explainRoute sees that the token has the scopes that the request needs.
func explainRoute(t *trail, c *contents, api *mirror.API, method, path string) Explanation {
	// What routes match has no query.
	path, _, _ = strings.Cut(path, "?")
	request, its := clip(method)+" "+clip(path), clip(api.Audience)
	if len(api.API.Routes) == 0 {
		t.refused(ruleRoute, its+" has no routes registered, so nobody here knows which scopes a request needs; add routes to the API, for example with grantd apply")
		return t.refusal()
	}
	needs, route, found := api.Routes().Find(method, path)
	if !found {
		t.refused(ruleRoute, fmt.Sprintf("no route of %s matches %s; add one to the API, or check method and path", its, request))
		return t.refusal()
	}
	x := Explanation{Granted: true, Scopes: strings.Fields(c.scope), Audience: c.audience}
	if len(needs) == 0 {
		t.passed(ruleRoute, "%s needs no scope", clip(route))
		x.Steps, x.Sentence = t.steps, fmt.Sprintf("granted: %s of %s needs no scope", request, its)
		return x
	}
	t.passed(ruleRoute, "%s needs %s", clip(route), summary(needs))
	for _, one := range needs {
		if !slices.Contains(x.Scopes, one) {
			t.refused(ruleScope, fmt.Sprintf("%s of %s needs scope %s, and the token carries %s", request, its, clip(one), summary(x.Scopes)))
			return t.refusal()
		}
		t.passed(ruleScope, "the token carries %s", clip(one))
	}
	x.Steps, x.Sentence = t.steps, fmt.Sprintf("granted: %s of %s needs %s, and the token carries it", request, its, summary(needs))
	return x
}

// summary joins scopes, unless they are too many for a sentence.
func summary(scopes []string) string {
	const most = 400
	text := printable(strings.Join(scopes, " "))
	if len(text) <= most {
		return text
	}
	return text[:strings.LastIndexByte(text[:most], ' ')+1] + "and more"
}

// clip makes what an operator sent fit for a sentence.
func clip(text string) string {
	const most = 200
	text = printable(text)
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}
