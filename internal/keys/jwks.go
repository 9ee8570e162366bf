package keys

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Document is a JWK Set (RFC 7517 §5) as it is served.
type Document struct {
	// Body is the JSON.
	Body []byte
	// ETag changes when the body does.
	ETag string
}

// newDocument writes the public keys; each has kid, use and alg, since some
// readers refuse a set in which one key lacks them.
//
// RFC 7517 §5: the set is an object with the array keys.
func newDocument(set jose.JSONWebKeySet) (Document, error) {
	if set.Keys == nil {
		set.Keys = []jose.JSONWebKey{}
	}
	order(&set)
	for _, key := range set.Keys {
		// RFC 7517 §9.2: what is private stays private.
		if !key.IsPublic() {
			return Document{}, fmt.Errorf("signing key %s would be published with its private part", key.KeyID)
		}
	}
	body, err := json.Marshal(set)
	if err != nil {
		return Document{}, fmt.Errorf("write the JWKS: %w", err)
	}
	sum := sha256.Sum256(body)
	return Document{Body: body, ETag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}, nil
}

// kid shortens a thumbprint (RFC 7638 §3) to 16 characters: it stands in every
// token, and 96 bits are plenty to tell the keys of one server apart.
func kid(thumbprint []byte) string {
	return base64.RawURLEncoding.EncodeToString(thumbprint[:12])
}
