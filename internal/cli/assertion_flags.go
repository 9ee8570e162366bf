package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// assertionFlags say how a key authenticates.
type assertionFlags struct {
	Auth              []oauth.AuthMethod       `sep:"none" enum:"client_secret_basic,client_secret_post,private_key_jwt" placeholder:"METHOD" help:"How the key authenticates: client_secret_basic, client_secret_post, or private_key_jwt with --jwks. Repeat it for both ways of sending a secret; without it, both."`
	JWKS              word                     `name:"jwks" placeholder:"FILE" help:"File with the public keys for private_key_jwt, at most 8: a JWK set, or PEM; - reads standard input."`
	AssertionAlg      []string                 `sep:"none" enum:"ES256,RS256,PS256,EdDSA" placeholder:"ALG" help:"Algorithm the key may sign its assertions with. Repeat it for several; without it, those that its public keys are good for."`
	AssertionAudience *store.AssertionAudience `enum:"issuer,issuer_or_token_endpoint" placeholder:"WHO" help:"Who its assertions may be made out to: issuer, or for older clients issuer_or_token_endpoint."`
}

// keys reads the public keys, nil when the flag is not there.
func (f assertionFlags) keys(a *app) (jsontext.Value, error) {
	if f.JWKS == "" {
		return nil, nil
	}
	text, err := a.readSmall(string(f.JWKS))
	if err != nil {
		return nil, err
	}
	set, err := assertion.ReadPublicKeys([]byte(text))
	wrong, ok := errors.AsType[*assertion.Fault](err)
	if ok {
		return nil, fault.Hint(fmt.Errorf("%s: %w", source(string(f.JWKS)), wrong), "%s", wrong.Hint)
	}
	return jsontext.Value(set), err
}

// audience is empty for a flag that is not there.
func (f assertionFlags) audience() store.AssertionAudience {
	if f.AssertionAudience == nil {
		return ""
	}
	return *f.AssertionAudience
}

// assertionFields show the public keys of a key.
func assertionFields(key admin.Key) [][2]string {
	if len(key.JWKS) == 0 {
		return nil
	}
	record := store.Assertions{JWKS: string(key.JWKS)}
	var fields [][2]string
	for _, one := range assertion.Describe(record) {
		name := one.ID
		if name == "" {
			name = "without a kid"
		}
		fields = append(fields, [2]string{"public key", name + ", " + strings.Join(one.Algorithms, " or ") + ", thumbprint " + one.Thumbprint})
	}
	if len(key.AssertionAlgorithms) > 0 {
		fields = append(fields, [2]string{"assertion algorithms", join(key.AssertionAlgorithms)})
	}
	audience := string(key.AssertionAudience)
	if key.AssertionAudience == store.IssuerOrEndpointAudience {
		audience += ", which is weaker than issuer alone"
	}
	return append(fields, [2]string{"assertion audience", audience})
}
