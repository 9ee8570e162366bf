package token

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// Question is a token request to explain. Its key is known already.
type Question struct {
	GrantType oauth.GrantType
	// Scope is the parameter, as it would be sent.
	Scope     string
	Resources []string
	// Origin and Referer are the headers, Address where the request comes from.
	Origin, Referer string
	Address         netip.Addr
	At              time.Time
	// Method and Path are those of a request to an API with the token; without them
	// nothing is asked about it. An empty API means the token's only one.
	Method, Path, API string
}

// Explanation says what becomes of a request, and by which rules.
type Explanation struct {
	Granted bool
	// Sentence is the outcome.
	Sentence string
	// Steps are the rules in the order in which they are applied, up to the first
	// that refuses.
	Steps []Step
	// Scopes and Audience are what was granted.
	Scopes, Audience []string
}

// Explain says what the endpoint would answer to a request of the key whose secret
// is right: the request walks the way of [Endpoint.Serve], with a trail, and then, if
// that is asked, what the API would say to the token. Nothing is counted or written. Refresh tokens are not looked at; that there is a good one is
// presumed.
func (e *Endpoint) Explain(client *mirror.Client, q Question) Explanation {
	t := &trail{}
	of, err := e.walk(client, q.request(), t)
	if err != nil {
		return t.refusal()
	}
	now := instant(q.At)
	x := Explanation{Granted: true, Steps: t.steps, Scopes: of.scopes, Audience: of.audience()}
	x.Sentence = printable(fmt.Sprintf("granted: %s for %s, as a %s token of %d seconds",
		summary(x.Scopes), strings.Join(x.Audience, " and "), client.Mode(), of.lifetime(client, now)/time.Second))
	if q.Method == "" {
		return x
	}
	t.passed(ruleToken, "the key would get a token: %s", strings.TrimPrefix(x.Sentence, "granted: "))
	c := contents{clientID: client.ID, mode: client.Mode(), scope: strings.Join(of.scopes, " "), audience: x.Audience}
	api := explainAPI(e.Directory, t, &c, q.API)
	if api == nil {
		return t.refusal()
	}
	return explainRoute(t, &c, api, q.Method, q.Path)
}

// walk is what happens to a request whose secret is right.
func (e *Endpoint) walk(client *mirror.Client, r *web.Request, t *trail) (target, error) {
	err := t.saw(ruleKey, clientauth.AdmitEnabled(client), "key "+printable(client.ID)+" is there and enabled; it is a "+string(client.Mode())+" key")
	if err != nil {
		return target{}, err
	}
	err = comply(r, client, t)
	if err != nil {
		return target{}, err
	}
	err = t.saw(ruleRate, client.Policy.AdmitRate(r.At), "no limit of the key is reached on this node")
	if err != nil {
		return target{}, err
	}
	_, of, err := e.decide(client, r, t)
	return of, err
}

// refusal is the explanation of a walk that ended early.
func (t *trail) refusal() Explanation {
	last := t.steps[len(t.steps)-1]
	return Explanation{Sentence: "refused: " + last.Sentence, Steps: t.steps}
}

// request is what a client would send.
func (q Question) request() *web.Request {
	r := &web.Request{At: q.At, Origin: q.Origin, Referer: q.Referer, Record: &web.Record{}}
	if q.Address.IsValid() {
		r.Peer = netip.AddrPortFrom(q.Address, 0).String()
	}
	add := func(name, value string) {
		if value != "" {
			r.Params = append(r.Params, web.Param{Name: name, Value: value})
		}
	}
	add("grant_type", string(q.GrantType))
	add("scope", q.Scope)
	for _, one := range q.Resources {
		add("resource", one)
	}
	return r
}

// presumedRefreshToken stands for a refresh token that nobody has to show: one of
// the key that is good and holds what is asked for. It can hold no more than its key
// is granted, so the rest is as with client_credentials.
type presumedRefreshToken struct{ clientCredentials }

func (g presumedRefreshToken) authorize(r *web.Request, client *mirror.Client, now time.Time, t *trail) (authorization, error) {
	t.passed(ruleToken, "a refresh token of this key is presumed that is good and holds the scopes")
	return g.clientCredentials.authorize(r, client, now, t)
}
