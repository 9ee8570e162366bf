package adminapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/web"
)

// caller is the key that calls.
type caller struct {
	key admin.Key
	// scopes are those of the token, which may be fewer than those of the key.
	scopes []string
}

// challenge is a refusal with a WWW-Authenticate of its own.
type challenge struct {
	web.Problem

	// code is that of RFC 6750; empty when no token was sent.
	code, scope string
}

func (c *challenge) Unwrap() error { return &c.Problem }

func (c *challenge) header() string {
	value := `Bearer realm="grantd admin"`
	if c.code != "" {
		value += `, error="` + c.code + `", error_description="` + c.Detail + `"`
	}
	if c.scope != "" {
		value += `, scope="` + c.scope + `"`
	}
	return value
}

func unauthorized(code, detail, hint string) error {
	return &challenge{Problem: web.Problem{Status: http.StatusUnauthorized, Detail: detail, Hint: hint}, code: code}
}

func (a *API) authenticate(c *call) error {
	hint := "get one with client_credentials and resource=" + a.Audience
	values := c.r.Header.Values("Authorization")
	if len(values) == 0 {
		// RFC 6750 §3: a request without a token gets a challenge without an error.
		return unauthorized("", "there is no access token", "send Authorization: Bearer TOKEN; "+hint)
	}
	kind, token, found := strings.Cut(values[0], " ")
	if len(values) > 1 || !found || !strings.EqualFold(kind, "Bearer") || token == "" || strings.ContainsAny(token, " ,") {
		return unauthorized("invalid_request", "the Authorization header is not one bearer token", "send Authorization: Bearer TOKEN; "+hint)
	}
	seen, err := a.UseCases.InspectToken(c.ctx, token)
	// RFC 6750 §3.1: a token that is expired, revoked, malformed or of another audience is
	// invalid. One for several audiences could come from any of them.
	if err != nil || !seen.Active || seen.Kind != admin.AccessToken || !slices.Equal(seen.Audience, []string{a.Audience}) {
		return unauthorized("invalid_token", "the access token is not one for the Admin API, or is good no more", hint)
	}
	key, err := a.UseCases.ShowKey(c.ctx, seen.ClientID)
	if err != nil || key.Disabled {
		return unavailableOr(err, unauthorized("invalid_token", "the key of the access token is gone", "use another key"))
	}
	c.caller = caller{key: key, scopes: strings.Fields(seen.Scope)}
	c.rec.ClientID, c.rec.Actor = key.ClientID, c.actor()
	return nil
}

// actor is how the audit trail names the caller.
func (c *call) actor() string { return "key:" + c.caller.key.ClientID }

func (c *call) authorize() error {
	if !slices.Contains(c.caller.scopes, c.route.Scope) {
		// RFC 6750 §3.1: the scope that is missing may be named.
		return &challenge{
			Problem: web.Problem{
				Status: http.StatusForbidden,
				Detail: "the access token lacks the scope " + c.route.Scope,
				Hint:   "ask for it at the token endpoint; if the key does not have it, an operator can grant it",
			},
			code: "insufficient_scope", scope: c.route.Scope,
		}
	}
	if c.route.provider && c.caller.key.Owner != "" {
		return forbidden("", "a key with an owner cannot do this, whatever its scopes", "use a key without an owner")
	}
	return nil
}

// holds refuses what the caller would hand on and does not have itself: scopes of the
// Admin API by its token, others by its key.
func (c *caller) holds(scopes []string, pointer string) error {
	for i, wanted := range scopes {
		held := c.key.Scopes
		if slices.Contains(admin.Scopes(), wanted) {
			held = c.scopes
		}
		if !slices.ContainsFunc(held, func(have string) bool { return scope.Covers(have, wanted) }) {
			field := ""
			if pointer != "" {
				field = pointer + "." + number(i)
			}
			return forbidden(field, "a key cannot hand on a scope that it does not hold itself", "let an operator grant it, or grant it to the calling key first")
		}
	}
	return nil
}

// reach returns the key if the caller may see it; to others it is not there.
func (c *call) reach(id string) (admin.Key, error) {
	key, err := c.api.UseCases.ShowKey(c.ctx, id)
	if err == nil && c.caller.key.Owner != "" && key.Owner != c.caller.key.Owner {
		err = admin.NoSuchKey(id)
	}
	if err != nil {
		return admin.Key{}, err
	}
	return key, nil
}

// mayChange refuses to strengthen a key that can do more than the caller, and the caller
// itself: with the secret of such a key it would have what it does not hold.
func (c *call) mayChange(key admin.Key) error {
	if c.caller.key.Owner != "" && key.Owner != c.caller.key.Owner {
		return admin.NoSuchKey(key.ClientID)
	}
	if key.ClientID == c.caller.key.ClientID {
		return forbidden("", "a key cannot change itself, nor give itself secrets", "use another key, or let an operator do it")
	}
	err := c.caller.holds(key.Scopes, "")
	if err == nil && administers(key) && c.caller.exceeded(key) != "" {
		err = forbidden("", "the key can call the Admin API and has fewer limits than the calling key, in its "+c.caller.exceeded(key), "let an operator do it")
	}
	return err
}
