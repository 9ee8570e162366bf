package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// How long a session lasts, and for how long a shown credential allows what is guarded.
const (
	idleLimit     = 30 * time.Minute
	absoluteLimit = 12 * time.Hour
	confirmLimit  = 5 * time.Minute
	// seenEvery is how often the store is told that somebody is still there.
	seenEvery = time.Minute
)

// cookieName is the name of the session's cookie. A __Host- cookie is one that no other
// host and no plain connection can have set. Browsers do not agree on whether plain HTTP
// to localhost may have one, so there it is a cookie without that promise.
func (o origin) cookieName() string {
	if o.secure {
		return "__Host-grantd"
	}
	return "grantd_console"
}

func (o origin) cookie(name, value string, lifetime time.Duration) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: Secure but on plain HTTP to this machine, which could not send it
		Name: name, Value: value, Path: "/", MaxAge: int(lifetime / time.Second),
		HttpOnly: true, Secure: o.secure, SameSite: http.SameSiteLaxMode,
	}
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// resume finds the session of a request. Without one the visit has no operator.
func (v *visit) resume(ctx context.Context) error {
	cookie, err := v.r.Cookie(v.origin.cookieName())
	if err != nil {
		return nil //nolint:nilerr // nobody is signed in
	}
	session, err := v.c.Store.Session(ctx, hashOf(cookie.Value))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	now := v.c.Now()
	if now.Sub(session.CreatedAt) >= absoluteLimit || now.Sub(session.SeenAt) >= idleLimit {
		return v.c.Store.DeleteSession(ctx, session.Hash)
	}
	operator, err := v.c.Store.Operator(ctx, session.OperatorID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the operator: %w", err)
	}
	v.operator, v.session, v.signedIn = operator, session, true
	v.rec.Actor = v.actor()
	if session.Role != operator.Role {
		// Whoever has learned the old secret does not rise with the role.
		return v.renew(ctx, session.ConfirmedAt)
	}
	if now.Sub(session.SeenAt) < seenEvery {
		return nil
	}
	v.session.SeenAt = now
	err = v.c.Store.ReplaceSession(ctx, session.Hash, v.session)
	if errors.Is(err, store.ErrNotFound) {
		v.signedIn = false // it has ended meanwhile
		return nil
	}
	return err
}

// renew gives the session another secret, with the role of now.
func (v *visit) renew(ctx context.Context, confirmed time.Time) error {
	old, secret := v.session.Hash, rand.Text()
	v.session.Hash, v.session.Role = hashOf(secret), v.operator.Role
	v.session.SeenAt, v.session.ConfirmedAt = v.c.Now(), confirmed
	err := v.c.Store.ReplaceSession(ctx, old, v.session)
	if errors.Is(err, store.ErrNotFound) {
		v.signedIn = false // it has ended, or another request was first
		return nil
	}
	if err != nil {
		return fmt.Errorf("renew the session: %w", err)
	}
	v.setSession(secret)
	return nil
}

// begin signs an operator in under a secret that nobody had before, whatever the browser
// came with.
func (v *visit) begin(ctx context.Context, operator store.Operator) error {
	now := v.c.Now().UTC()
	err := v.c.Store.ExpireSessions(ctx, now.Add(-absoluteLimit), now.Add(-idleLimit))
	if err != nil {
		return fmt.Errorf("remove old sessions: %w", err)
	}
	_, err = v.c.Store.Write(ctx, store.Origin{Actor: actorOf(operator), At: now}, store.SignInOperator{ID: operator.ID})
	if err != nil {
		return fmt.Errorf("note a sign-in: %w", err)
	}
	if v.signedIn {
		err = v.c.Store.DeleteSession(ctx, v.session.Hash)
		if err != nil {
			return fmt.Errorf("end the session before: %w", err)
		}
	}
	secret := rand.Text()
	v.operator, v.signedIn = operator, true
	v.session = store.OperatorSession{
		Hash: hashOf(secret), OperatorID: operator.ID, Role: operator.Role, CreatedAt: now, SeenAt: now, ConfirmedAt: now,
	}
	err = v.c.Store.CreateSession(ctx, v.session)
	if err != nil {
		return fmt.Errorf("store the session: %w", err)
	}
	v.rec.Actor = v.actor()
	v.setSession(secret)
	return nil
}

func (v *visit) setSession(secret string) {
	left := absoluteLimit - v.c.Now().Sub(v.session.CreatedAt)
	http.SetCookie(v.w, v.origin.cookie(v.origin.cookieName(), secret, left))
}

func (v *visit) dropSession() {
	cookie := v.origin.cookie(v.origin.cookieName(), "", 0) //nolint:gosec // G124: as in cookie
	cookie.MaxAge = -1
	http.SetCookie(v.w, cookie)
}

// confirmed says that the operator has shown a credential lately.
func (v *visit) confirmed() bool {
	return v.c.Now().Sub(v.session.ConfirmedAt) < confirmLimit
}

func actorOf(o store.Operator) string { return "operator:" + o.Name }

func (v *visit) actor() string { return actorOf(v.operator) }
