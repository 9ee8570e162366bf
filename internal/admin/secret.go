package admin

import (
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Secret is one secret of a key, as it is shown.
type Secret struct {
	ID string `json:"id"`
	// Name is for people, unique among the secrets of its key.
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	// ExpiresAt is from when on it is refused; absent when it never is.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// Expired says that it is refused now.
	Expired bool `json:"expired"`
	// Scheme is how another server hashed it: argon2id, bcrypt or pbkdf2. Absent
	// when grantd did.
	Scheme string `json:"scheme,omitempty"`
	// LastUsedAt and LastUsedFrom are when and from what address it was last used;
	// absent when it never was.
	LastUsedAt   time.Time `json:"last_used_at,omitzero"`
	LastUsedFrom string    `json:"last_used_from,omitempty"`
}

// SecretStatus is a secret with the verdict whether it may go.
type SecretStatus struct {
	Secret
	// SafeToRetire says that nobody seems to need it any more.
	SafeToRetire bool `json:"safe_to_retire"`
	// Why says what the verdict rests on.
	Why string `json:"why"`
}

// SecretRange is what a list of secrets rests on.
type SecretRange struct {
	// UnusedFor is for how long a secret must not have been used to be safe to
	// retire; zero means 7 days.
	UnusedFor Seconds
}

// NewSecret asks for one more secret of a key. ClientSecret and
// ClientSecretHash import one; without them a new one is made.
type NewSecret struct {
	// Name is for people. Required.
	Name string `json:"name"`
	// ExpiresAt or ExpiresIn is when it ends; without either it never does.
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	ExpiresIn Seconds    `json:"expires_in,omitzero"`
	// ClientSecret is an existing secret.
	ClientSecret string `json:"client_secret,omitempty"`
	// ClientSecretHash is the hash that another server made of one, as a PHC
	// string.
	ClientSecretHash string `json:"client_secret_hash,omitempty"`
}

// CreatedSecret is a new secret with its text, which is shown here and never
// again.
type CreatedSecret struct {
	Secret
	// ClientID is the key it belongs to.
	ClientID string `json:"client_id"`
	// ClientSecret is absent when the secret was imported.
	ClientSecret string `json:"client_secret,omitempty"`
}

// Retirement asks to end a secret: at once, or at a time to come.
type Retirement struct {
	// At or In is when; without either, now.
	At *time.Time `json:"at,omitempty"`
	In Seconds    `json:"in,omitzero"`
	// Force ends it even if it does not look safe to.
	Force bool `json:"force,omitzero"`
	// UnusedFor is as in SecretRange.
	UnusedFor Seconds `json:"unused_for,omitzero"`
}

// RetiredSecret is a secret that was ended, or will be.
type RetiredSecret struct {
	Secret
	// Removed says that it is gone; otherwise it ends at ExpiresAt.
	Removed bool `json:"removed"`
}

func secretFrom(s store.Secret, now time.Time) Secret {
	return Secret{
		ID:           s.ID,
		Name:         s.Name,
		CreatedAt:    s.CreatedAt,
		ExpiresAt:    s.ExpiresAt,
		Expired:      !worksAt(s, now),
		Scheme:       schemeOf(s),
		LastUsedAt:   s.LastUsedAt,
		LastUsedFrom: s.LastUsedFrom,
	}
}

func secretsFrom(records []store.Secret, now time.Time) []Secret {
	shown := make([]Secret, 0, len(records))
	for _, record := range records {
		shown = append(shown, secretFrom(record, now))
	}
	return shown
}

// worksAt says whether the secret is accepted at the instant.
func worksAt(s store.Secret, at time.Time) bool {
	return s.ExpiresAt.IsZero() || at.Before(s.ExpiresAt)
}

// schemeOf names the algorithm of an imported hash, which is all of the hash
// that is ever shown.
func schemeOf(s store.Secret) string {
	if !s.Imported {
		return ""
	}
	scheme, _, _ := strings.Cut(strings.TrimPrefix(string(s.Hash), "$"), "$")
	switch {
	case strings.HasPrefix(scheme, "argon2"):
		return "argon2id"
	case strings.HasPrefix(scheme, "pbkdf2"):
		return "pbkdf2"
	default:
		return "bcrypt"
	}
}
