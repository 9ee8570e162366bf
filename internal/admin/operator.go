package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// OperatorReader reads the people who use the console.
type OperatorReader interface {
	Operator(ctx context.Context, id string) (store.Operator, error)
	OperatorNamed(ctx context.Context, name string) (store.Operator, error)
	Operators(ctx context.Context) ([]store.Operator, error)
	DeleteSessions(ctx context.Context, operatorID string) error
}

// Operator is a person who uses the console, as they are shown.
type Operator struct {
	Name string `json:"name"`
	// Role is viewer, developer or admin.
	Role store.Role `json:"role"`
	// Passkeys is how many passkeys they sign in with.
	Passkeys int `json:"passkeys"`
	// Password says that they have a password with one-time codes.
	Password  bool      `json:"password"`
	CreatedAt time.Time `json:"created_at"`
	// LastSignInAt is absent when they never signed in.
	LastSignInAt time.Time `json:"last_sign_in_at,omitzero"`
	// LinkExpiresAt is until when a link is open with which they set up how they sign
	// in; absent without one.
	LinkExpiresAt time.Time `json:"link_expires_at,omitzero"`
}

// NewOperator asks for an operator.
type NewOperator struct {
	// Name is what they sign in with.
	Name string `json:"name"`
	// Role is viewer, the default, developer or admin.
	Role store.Role `json:"role,omitempty"`
}

// OperatorChange asks for another role.
type OperatorChange struct {
	Role store.Role `json:"role"`
}

// InvitedOperator is an operator with the link by which they set up how they sign in. It
// is shown here and never again.
type InvitedOperator struct {
	Operator
	Link string `json:"link"`
}

// CanSignIn says whether they have set up how.
func (o Operator) CanSignIn() bool { return o.Passkeys > 0 || o.Password }

func operatorFrom(o store.Operator, now time.Time) Operator {
	shown := Operator{Name: o.Name, Role: o.Role, CreatedAt: o.CreatedAt}
	for _, c := range o.Credentials {
		switch c.Kind {
		case store.Passkey:
			shown.Passkeys++
		case store.Password:
			shown.Password = true
		case store.Link:
			if now.Before(c.ExpiresAt) {
				shown.LinkExpiresAt = c.ExpiresAt
			}
		case store.TOTP:
		}
		if c.LastUsedAt.After(shown.LastSignInAt) {
			shown.LastSignInAt = c.LastUsedAt
		}
	}
	return shown
}

const (
	linkID       = "link"
	linkLifetime = 24 * time.Hour
)

// newLink makes a link and the credential that stands for it.
func (u *UseCases) newLink(operatorID string, at time.Time) (string, store.OperatorCredential) {
	secret := rand.Text()
	hash := sha256.Sum256([]byte(secret))
	return u.ConsoleURL + "/console/welcome?link=" + operatorID + "." + secret, store.OperatorCredential{
		ID: linkID, Kind: store.Link, Data: hash[:], CreatedAt: at, ExpiresAt: at.Add(linkLifetime),
	}
}

// OperatorOfLink returns the operator whom a link is for, and the id of the credential
// that it is. It is false for one that is unknown, used or expired, all alike.
func (u *UseCases) OperatorOfLink(ctx context.Context, link string) (store.Operator, string, bool) {
	id, secret, _ := strings.Cut(link, ".")
	operator, err := u.Operators.Operator(ctx, id)
	if err != nil {
		return store.Operator{}, "", false
	}
	hash := sha256.Sum256([]byte(secret))
	for _, c := range operator.Credentials {
		same := subtle.ConstantTimeCompare(c.Data, hash[:]) == 1
		if c.Kind == store.Link && same && u.now().Before(c.ExpiresAt) {
			return operator, c.ID, true
		}
	}
	return store.Operator{}, "", false
}
