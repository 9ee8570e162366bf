package admin

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// usualAuthMethods are those of a key that names none.
func (k ManifestKey) usualAuthMethods() []oauth.AuthMethod {
	if hasMembers(k.JWKS) {
		return []oauth.AuthMethod{oauth.PrivateKeyJWT}
	}
	return defaultAuthMethods()
}

func hasMembers(object jsontext.Value) bool {
	text := strings.Join(strings.Fields(string(object)), "")
	return text != "" && text != "{}"
}

// assertions returns how the key authenticates with what it signs, in the form that
// is stored. A key that does so has no other method: whoever gets hold of a request
// must not be able to choose a weaker one.
func (k ManifestKey) assertions() (store.Assertions, error) {
	wanted, given := slices.Contains(k.AuthMethods, oauth.PrivateKeyJWT), hasMembers(k.JWKS)
	switch {
	case wanted && len(once(k.AuthMethods)) > 1:
		return store.Assertions{}, invalid("auth_methods", "private_key_jwt stands beside another method",
			"name it alone: with two methods a key is as strong as the weaker one")
	case wanted && !given:
		return store.Assertions{}, invalid("jwks", "there is no public key for private_key_jwt",
			"send the public keys of its owner as a JWK set")
	case given && !wanted:
		return store.Assertions{}, invalid("auth_methods", "there are public keys, but private_key_jwt is not allowed",
			"set auth_methods to private_key_jwt, or leave the public keys out")
	}
	a := store.Assertions{Algorithms: k.AssertionAlgorithms, Audience: k.AssertionAudience}
	if given {
		a.JWKS = string(k.JWKS)
	}
	stored, err := assertion.Normalize(a)
	fault, ok := errors.AsType[*assertion.Fault](err)
	if ok {
		return store.Assertions{}, invalid(fault.Field, fault.Reason, fault.Hint)
	}
	return stored, err
}

// checkWithoutSecret is checkPair for a key that signs what it authenticates with.
func checkWithoutSecret(id, secret, hash string) error {
	if secret != "" || hash != "" {
		return invalid("client_secret", "there is a secret beside the public keys", "leave it out: a key with private_key_jwt has none")
	}
	if id == "" {
		return nil
	}
	return checkClientID(id, "leave it out to get a new one")
}

// signs reports whether the key authenticates with what it signs, and not with a
// secret.
func signs(c store.Client) bool { return slices.Contains(c.AuthMethods, oauth.PrivateKeyJWT) }

// publicKeys lists the public keys of a key for people.
func publicKeys(c store.Client) []string {
	var list []string
	for _, one := range assertion.Describe(c.Assertions) {
		name := strings.Join(one.Algorithms, " ") + " " + one.Thumbprint
		if one.ID != "" {
			name += " (kid " + one.ID + ")"
		}
		list = append(list, name)
	}
	return list
}
