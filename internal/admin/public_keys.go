package admin

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/store"
)

// ReadPublicKeys makes a JWK set of what a person has: a JWK set, one JWK, or public keys
// or certificates in PEM. The error is a problem of the field jwks.
func ReadPublicKeys(text string) (jsontext.Value, error) {
	set, err := assertion.ReadPublicKeys([]byte(text))
	fault, ok := errors.AsType[*assertion.Fault](err)
	if ok {
		return nil, invalid(fault.Field, fault.Reason, fault.Hint)
	}
	return jsontext.Value(set), err
}

// PublicKeys describes each of the public keys of a key in a few words.
func (k Key) PublicKeys() []string {
	return publicKeys(store.Client{Assertions: store.Assertions{JWKS: string(k.JWKS)}})
}
