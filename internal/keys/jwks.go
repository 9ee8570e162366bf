package keys

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Document is a JWK Set (RFC 7517 §5) as it is served.
type Document struct {
	// Body is the JSON.
	Body []byte
	// ETag changes when the body does.
	ETag string
	// MaxAge is how long it may be kept, in whole seconds.
	MaxAge time.Duration
}

// newDocument writes the public keys; each has kid, use and alg, since some
// readers refuse a set in which one key lacks them.
//
// RFC 7517 §5: the set is an object with the array keys.
func newDocument(set jose.JSONWebKeySet) (Document, error) {
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

// maxAge is how long a document may be kept that is replaced after left, if it
// is. Zero would make every verifier ask all the time.
func maxAge(longest, left time.Duration, replaced bool) time.Duration {
	if replaced {
		longest = min(longest, left)
	}
	return max(longest.Truncate(time.Second), time.Second)
}

// kid shortens a thumbprint (RFC 7638 §3) to 16 characters: it stands in every
// token, and 96 bits are plenty to tell the keys of one server apart.
//
// RFC 7517 §4.5: the kids of a set are distinct.
func kid(thumbprint []byte) string {
	return base64.RawURLEncoding.EncodeToString(thumbprint[:12])
}
