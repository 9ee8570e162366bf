package token

import (
	"context"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// Revocation is the revocation endpoint (RFC 7009 §2).
type Revocation struct {
	// Authenticator says who is calling.
	Authenticator Authenticator
	// Reader reads the token.
	Reader *Reader
	// Store keeps what was revoked.
	Store store.Writer
	// Directory applies a revocation on this node at once.
	Directory Directory
	// Metrics counts the requests.
	Metrics *telemetry.Metrics

	unsaved unsaved
}

// Serve answers one revocation request.
func (e *Revocation) Serve(ctx context.Context, w http.ResponseWriter, r *web.Request) error {
	// 1. Authenticate the client.
	// RFC 7009 §2.1: the client authenticates before anything is looked at.
	client, err := e.Authenticator.Authenticate(ctx, r)
	if err != nil {
		return err
	}
	err = admit(w, r, client)
	if err != nil {
		return err
	}
	// 2. Read the token.
	text := r.Params.Get("token")
	if text == "" {
		// RFC 7009 §2.2.1: errors are those of RFC 6749 §5.2.
		return noToken()
	}
	now := instant(r.At)
	outcome := telemetry.RevokedNothing
	var c contents
	err = e.Reader.read(text, now, &c)
	if err == nil {
		// 3. End it, durably.
		outcome, err = e.revoke(ctx, client, &c, now)
		if err != nil {
			e.Metrics.Revocation(outcome)
			return err
		}
	}
	// 4. Write.
	// RFC 7009 §2.2: a token that is unknown is as good as revoked.
	e.Metrics.Revocation(outcome)
	status := http.StatusOK
	if r.Dialect == web.JSON {
		status = http.StatusNoContent
	}
	web.WriteNothing(w, r.Record, status)
	return nil
}

func noToken() error {
	return web.Refuse(oauth.InvalidRequest, "token is missing; send the access token or the refresh token")
}

// revoke ends the token if it is the caller's and not over yet.
func (e *Revocation) revoke(ctx context.Context, client *mirror.Client, c *contents, now time.Time) (telemetry.Revocation, error) {
	if c.clientID != client.ID {
		// RFC 7009 §2.1: the token of another client is refused, and stays as it is.
		return telemetry.RevocationRefused, web.Refuse(oauth.InvalidGrant, "the token was issued to another key; revoke it with that key, or ask the operator")
	}
	if e.over(c, now) {
		return telemetry.RevokedNothing, nil
	}
	// RFC 7009 §2: refresh tokens can be revoked, and access tokens, too.
	revocation := c.revocation()
	outcome := telemetry.RevokedToken
	var mutation store.Mutation = store.RevokeToken{Revocation: revocation}
	if c.refresh != nil {
		// RFC 7009 §2.1: with a refresh token go the access tokens of its grant.
		outcome = telemetry.RevokedFamily
		mutation = store.RevokeFamily{Revocation: revocation}
	}
	// A client that hangs up still wants the token to end.
	ctx, cancel := bounded(context.WithoutCancel(ctx))
	defer cancel()
	_, err := e.Store.Write(ctx, origin(client, now), mutation)
	if err != nil {
		// RFC 7009 §2.2.1: 503 says that the token lives on elsewhere, and to try again.
		if e.unsaved.add(revocation, now) {
			e.Directory.Revoke(revocation)
		}
		return telemetry.RevocationFailed, storeFailed("revoke a token", err)
	}
	// RFC 7009 §2.1: the revocation takes effect at once.
	e.Directory.Revoke(revocation)
	e.unsaved.remove(revocation.ID)
	return outcome, nil
}

// over reports whether nothing is left to end.
func (e *Revocation) over(c *contents, now time.Time) bool {
	switch e.Reader.flaw(c, now) {
	// What an operator changes may change back: keys are enabled again, and an API may
	// come back under its old audience.
	case sound, keyDisabled, apiUnknown, outsideOfValidity, otherModeOfKey, testAtLive, liveAtTest:
		return false
	case tokenRevoked:
		return !e.unsaved.has(c.id.token)
	case familyRevoked:
		return !e.unsaved.has(c.id.family)
	case keyDeleted:
		return true
	case expired, unused, endedWithKey, endedWithAPI, endedWithAll:
	}
	// A refresh token that is no longer good may have access tokens that are: they
	// expire later, are for another API, or were issued after the instant before
	// which its family began.
	ending := c.revocation()
	ended := !now.Before(ending.ExpiresAt) || e.Directory.Revoked(ending.ID) && !e.unsaved.has(ending.ID)
	return c.refresh == nil || ended
}
