package admin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

const (
	maxNameRunes      = 200
	maxGrantedScopes  = 1000
	maxClientIDBytes  = 128
	maxListedElements = 16
)

// record checks the request by itself and returns what would be stored: all but
// the id, the secret and the times of a key that is not imported.
func (in NewKey) record() (store.Client, error) {
	if len(in.GrantTypes) == 0 {
		in.GrantTypes = []oauth.GrantType{oauth.ClientCredentials}
	}
	if len(in.AuthMethods) == 0 {
		in.AuthMethods = []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost}
	}
	in.RefreshRotation = cmp.Or(in.RefreshRotation, RotationOn)
	err := cmp.Or(
		checkName(in.Name, maxNameRunes, "use 1 to 200 characters that say whose key it is"),
		checkGrantTypes(in.GrantTypes),
		checkEach("auth_methods", in.AuthMethods, oauth.ClientSecretBasic, oauth.ClientSecretPost),
		checkOneOf("refresh_rotation", string(in.RefreshRotation), string(RotationOn), string(RotationOff)),
		checkPair(in.ClientID, in.ClientSecret, in.ClientSecretHash),
	)
	if err != nil {
		return store.Client{}, err
	}
	if in.AccessTokenLifetime != 0 {
		err = checkLifetime("access_token_lifetime", in.AccessTokenLifetime, minAccessTokenLifetime, maxAccessTokenLifetime)
	}
	if err != nil {
		return store.Client{}, err
	}
	return store.Client{
		ID:                  in.ClientID,
		Name:                in.Name,
		GrantTypes:          once(in.GrantTypes),
		AuthMethods:         once(in.AuthMethods),
		Scopes:              once(in.Scopes),
		AccessTokenLifetime: in.AccessTokenLifetime.Duration(),
		KeepsRefreshTokens:  in.RefreshRotation == RotationOff,
	}, nil
}

func checkName(name string, most int, hint string) error {
	if strings.TrimSpace(name) == "" {
		return invalid("name", "the name is missing", hint)
	}
	if utf8.RuneCountInString(name) > most {
		return invalid("name", fmt.Sprintf("the name is longer than %d characters", most), hint)
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, misleading) {
		return invalid("name", "the name holds a control character", hint)
	}
	return nil
}

// misleading characters would break a line or turn around what stands beside
// the name in a list.
func misleading(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

func checkGrantTypes(types []oauth.GrantType) error {
	err := checkEach("grant_types", types, oauth.ClientCredentials, oauth.RefreshToken)
	if err != nil {
		return err
	}
	if !slices.Contains(types, oauth.ClientCredentials) {
		return invalid("grant_types", "the grant type refresh_token alone never gets a first token",
			"name client_credentials beside it")
	}
	return nil
}

func checkEach[T ~string](field string, values []T, known ...T) error {
	if len(values) > maxListedElements {
		return invalid(field, fmt.Sprintf("%s has more than %d entries", field, maxListedElements), "name each once")
	}
	names := make([]string, len(known))
	for i, one := range known {
		names[i] = string(one)
	}
	for _, value := range values {
		err := checkOneOf(field, string(value), names...)
		if err != nil {
			return err
		}
	}
	return nil
}

// checkPair looks at an id that another server made, with its secret or the hash
// of it.
func checkPair(id, secret, hash string) error {
	const hint = "send a client_id with its secret or hash to import a pair, or none to get a new one"
	switch {
	case id == "" && secret != "":
		return invalid("client_id", "there is a client_secret without its client_id", hint)
	case id == "" && hash != "":
		return invalid("client_id", "there is a client_secret_hash without its client_id", hint)
	case id == "":
		return nil
	case secret == "" && hash == "":
		return invalid("client_secret", "there is a client_id without its client_secret", hint)
	// RFC 6749 §A.1: client-id is made of VSCHAR, %x20-7E.
	case len(id) > maxClientIDBytes || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r > '~' }):
		return invalid("client_id", "the client_id is not 1 to 128 characters of printable ASCII", "leave it out to get a new one")
	}
	return checkSecret(secret, hash)
}

// checkGrants refuses a scope that stands in none of the APIs' catalogues.
func checkGrants(scopes []string, apis []store.API) error {
	if len(scopes) == 0 {
		return invalid("scopes", "the key is granted no scopes and could get no token", "name at least one scope of an API")
	}
	if len(scopes) > maxGrantedScopes {
		return invalid("scopes", fmt.Sprintf("the key is granted more than %d scopes", maxGrantedScopes), "grant a template instead of its values")
	}
	catalogues := make([]*scope.Catalogue, len(apis))
	for i, api := range apis {
		catalogue, err := scope.ParseCatalogue(api.Scopes)
		if err != nil {
			return fmt.Errorf("read the catalogue of API %s: %w", api.ID, err)
		}
		catalogues[i] = catalogue
	}
	for _, grant := range scopes {
		err := checkGrant(grant, catalogues)
		if err != nil {
			return err
		}
	}
	return nil
}

func checkGrant(grant string, catalogues []*scope.Catalogue) error {
	_, err := scope.ParseDefinition(grant)
	if err != nil {
		return invalid("scopes", err.Error(), "")
	}
	for _, catalogue := range catalogues {
		err = catalogue.CheckGrant(grant)
		if err == nil {
			return nil
		}
	}
	if len(catalogues) == 1 {
		return invalid("scopes", err.Error(), "")
	}
	return invalid("scopes", fmt.Sprintf("scope %s is in the catalogue of no API", grant),
		"list the APIs to see their scopes, or create an API that has it")
}

// once keeps the first of equal values.
func once[T comparable](values []T) []T {
	seen := make(map[T]bool, len(values))
	kept := make([]T, 0, len(values))
	for _, value := range values {
		if !seen[value] {
			kept = append(kept, value)
		}
		seen[value] = true
	}
	return kept
}
