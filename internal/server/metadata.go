package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// The paths of the endpoints, behind the issuer's own path.
const (
	authorizationPath = "/oauth2/authorize"
	tokenPath         = "/oauth2/token" //nolint:gosec // a path, not a credential
	revocationPath    = "/oauth2/revoke"
	introspectionPath = "/oauth2/introspect"
	jwksPath          = "/oauth2/jwks"
)

// metadataMaxAge is how many seconds clients may keep the metadata.
const metadataMaxAge = 300

// metadata is the document of RFC 8414 §2 and where it is found.
type metadata struct {
	document web.Document
	paths    []string
}

func (m metadata) get() web.Document { return m.document }

func newMetadata(issuer string) (metadata, error) {
	methods := []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost, oauth.PrivateKeyJWT}
	document := oauth.Metadata{
		// RFC 8414 §2: the issuer, an https URL without query and fragment.
		Issuer:                 issuer,
		AuthorizationEndpoint:  issuer + authorizationPath,
		TokenEndpoint:          issuer + tokenPath,
		RevocationEndpoint:     issuer + revocationPath,
		IntrospectionEndpoint:  issuer + introspectionPath,
		JWKSURI:                issuer + jwksPath,
		ResponseTypesSupported: []string{},
		GrantTypesSupported:    []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken},
	}
	document.TokenEndpointAuthMethodsSupported = methods
	document.RevocationEndpointAuthMethodsSupported = methods
	document.IntrospectionEndpointAuthMethodsSupported = methods
	// RFC 8414 §2: with private_key_jwt come the algorithms, and none is not among them.
	document.TokenEndpointAuthSigningAlgValuesSupported = assertion.Algorithms()
	document.RevocationEndpointAuthSigningAlgValuesSupported = assertion.Algorithms()
	document.IntrospectionEndpointAuthSigningAlgValuesSupported = assertion.Algorithms()
	// RFC 9701 §7: the algorithms of signed introspection responses.
	document.IntrospectionSigningAlgValuesSupported = keys.Algorithms()
	// Clients of OpenID Connect insist on these, though no response type leads to an ID token.
	document.SubjectTypesSupported = []string{"public"}
	document.IDTokenSigningAlgValuesSupported = keys.Algorithms()
	body, err := json.Marshal(document)
	if err != nil {
		return metadata{}, fmt.Errorf("write the metadata: %w", err)
	}
	sum := sha256.Sum256(body)
	return metadata{
		document: web.Document{
			Body:   body,
			ETag:   `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
			MaxAge: metadataMaxAge,
		},
		paths: metadataPaths(pathOf(issuer)),
	}, nil
}

// metadataPaths are all the places where clients look for it: some read one
// name, some the other, and an issuer with a path doubles each.
func metadataPaths(issuerPath string) []string {
	var paths []string
	for _, name := range []string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"} {
		paths = append(paths, name)
		if issuerPath != "" {
			// RFC 8414 §3.1: the well-known part goes between host and path.
			paths = append(paths, name+issuerPath, issuerPath+name)
		}
	}
	return paths
}

// bases are the path prefixes of the endpoints: the issuer's own, and none, for
// a proxy in front that cuts it off.
func bases(issuer string) []string {
	prefix := pathOf(issuer)
	if prefix == "" {
		return []string{""}
	}
	return []string{"", prefix}
}

func pathOf(issuer string) string {
	parsed, err := url.Parse(issuer)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(parsed.Path, "/")
}
