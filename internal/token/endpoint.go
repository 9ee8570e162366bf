package token

import (
	"context"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// Authenticator says who is calling.
type Authenticator interface {
	Authenticate(ctx context.Context, r *web.Request) (*mirror.Client, error)
}

// Endpoint is the token endpoint (RFC 6749 §3.2).
type Endpoint struct {
	// Issuer is the iss claim.
	Issuer string
	// Authenticator says who is calling.
	Authenticator Authenticator
	// Directory has the APIs, and knows what has ended.
	Directory Directory
	// Families remembers which refresh token of a family is the last.
	Families store.Families
	// MaxStaleness is how old the directory may be before nothing is issued.
	MaxStaleness time.Duration
	// Ring signs JWTs.
	Ring *keys.Ring
	// Sealer seals refresh tokens and opaque access tokens.
	Sealer *keys.Sealer
	// Metrics counts what was issued.
	Metrics *telemetry.Metrics

	workspaces workspaces
}

// grant is one grant type. It says what the caller may have at most; all that
// grants share happens around it.
type grant interface {
	authorize(r *web.Request, client *mirror.Client, now time.Time, t *trail) (authorization, error)
}

// authorization is what a grant allows.
type authorization struct {
	// requested are the scopes asked for, or all there are.
	requested []string
	// byDefault says that the request named no scope.
	byDefault bool
	// resources are the audiences asked for; empty leaves it to the scopes.
	resources []string
	// presented is what the refresh token of the request says, and refreshToken
	// its text; nil and empty with another grant.
	presented    *refreshHandle
	refreshToken string
	// rotates says that another refresh token takes its place.
	rotates bool
}

// Serve answers one token request.
func (e *Endpoint) Serve(ctx context.Context, w http.ResponseWriter, r *web.Request) error {
	// 1. Refuse to guess when what we know is too old.
	err := fresh(e.Directory.Staleness(), e.MaxStaleness)
	if err != nil {
		return err
	}
	// 2. Authenticate the client.
	// RFC 6749 §4.4.2: the client must authenticate, whatever the grant.
	client, err := e.Authenticator.Authenticate(ctx, r)
	if err != nil {
		return err
	}
	// 3. Apply the policy of the key.
	err = admit(w, r, client)
	if err != nil {
		return err
	}
	// 4. Decide what it gets.
	allowed, t, err := e.decide(client, r, nil)
	if err != nil {
		return err
	}
	// 5. Count the token.
	err = takeToken(w, r, client)
	if err != nil {
		return err
	}
	// 6. Use up what was presented, now that nothing else can refuse.
	at, err := e.rotate(ctx, client, allowed, instant(r.At))
	if err != nil {
		return err
	}
	// 7. Issue.
	work := e.workspaces.take()
	defer e.workspaces.giveBack(work)
	answer, err := e.issue(work, client, t, allowed, at)
	if err != nil {
		return err
	}
	// 8. Write.
	e.Metrics.Token(string(r.Record.GrantType), string(t.format()))
	work.answer = appendResponse(work.answer[:0], answer)
	web.WriteJSON(w, r.Record, http.StatusOK, work.answer)
	return nil
}

// decide says what the request gets, and uses nothing up. [Endpoint.Explain] walks
// here, too.
func (e *Endpoint) decide(client *mirror.Client, r *web.Request, t *trail) (authorization, target, error) {
	// 1. Pick the grant, and see that this key may use it.
	g, err := e.pick(r, client, t)
	err = t.saw(ruleGrantType, err, "the key may use this grant_type")
	if err != nil {
		return authorization{}, target{}, err
	}
	// 2. Let the grant say what may be had.
	allowed, err := g.authorize(r, client, instant(r.At), t)
	if err != nil {
		return authorization{}, target{}, t.saw(ruleScope, err, "")
	}
	if t != nil && allowed.byDefault {
		t.passed(ruleScope, "no scope is asked for, so all concrete scopes of the key are")
	}
	// 3. Narrow scope and audience.
	of, err := e.target(client, allowed, t)
	return allowed, of, err
}

// pick finds the grant of the request.
func (e *Endpoint) pick(r *web.Request, client *mirror.Client, t *trail) (grant, error) {
	name := oauth.GrantType(r.Params.Get("grant_type"))
	var g grant
	switch name {
	case "":
		return nil, web.Refuse(oauth.InvalidRequest, "grant_type is missing; send client_credentials or refresh_token")
	case oauth.ClientCredentials:
		g = clientCredentials{}
	case oauth.RefreshToken:
		g = refreshToken{reader: Reader{Issuer: e.Issuer, Ring: e.Ring, Sealer: e.Sealer, Directory: e.Directory}}
		if t != nil {
			// Whoever asks for an explanation has none to show.
			g = presumedRefreshToken{}
		}
	default:
		// RFC 6749 §5.2: unsupported_grant_type for a grant the server does not know.
		return nil, web.Refuse(oauth.UnsupportedGrantType, "this grant_type is not supported; send client_credentials or refresh_token")
	}
	r.Record.GrantType = name
	if !client.AllowsGrant(name) {
		// RFC 6749 §5.2: unauthorized_client for a grant this client may not use.
		return nil, web.Refuse(oauth.UnauthorizedClient, "this key may not use grant_type "+string(name)+"; allow it on the key")
	}
	return g, nil
}
