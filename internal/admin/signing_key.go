package admin

import (
	"time"

	"github.com/grantd/grantd/internal/keys"
)

// SigningKey is a signing key, as it is shown. A time is absent when it does not
// apply.
type SigningKey struct {
	ID        string `json:"kid"`
	Algorithm string `json:"alg"`
	// State is pending, active, retiring, gone or revoked.
	State     keys.State `json:"state"`
	CreatedAt time.Time  `json:"created_at"`
	// ActivatesAt is from when on it signs.
	ActivatesAt time.Time `json:"activates_at,omitzero"`
	// RetiresAt is from when on a later key signs instead.
	RetiresAt time.Time `json:"retires_at,omitzero"`
	// GoneAt is from when on it is not published any more.
	GoneAt    time.Time `json:"gone_at,omitzero"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

// SigningKeyRotation asks for a new signing key.
type SigningKeyRotation struct {
	// Algorithm is which algorithm's; it can be left out while all APIs sign with
	// one.
	Algorithm string `json:"alg,omitempty"`
	// Now has it sign at once, before caches of the JWKS know it.
	Now bool `json:"now,omitzero"`
}

// RevokedSigningKey says what the revocation of a signing key did.
type RevokedSigningKey struct {
	SigningKey
	// ReplacedBy is the key that signs from now on; absent when the revoked one
	// did not sign.
	ReplacedBy *SigningKey `json:"replaced_by,omitempty"`
	// Effect says in a sentence what happened.
	Effect string `json:"effect"`
}

func signingKeyFrom(s keys.Status) SigningKey {
	return SigningKey{
		ID:          s.ID,
		Algorithm:   s.Algorithm,
		State:       s.State,
		CreatedAt:   s.CreatedAt,
		ActivatesAt: s.ActivatesAt,
		RetiresAt:   s.RetiresAt,
		GoneAt:      s.GoneAt,
		RevokedAt:   s.RevokedAt,
	}
}
