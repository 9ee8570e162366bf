package admin

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

const (
	maxNameRunes      = 200
	maxGrantedScopes  = 1000
	maxClientIDBytes  = 128
	maxOwnerBytes     = 128
	maxListedElements = 16
)

// record checks the request by itself and returns what would be stored: all but
// the id, the secret and the times of a key that is not imported.
func (in NewKey) record() (store.Client, error) {
	check := checkPair
	if hasMembers(in.JWKS) {
		check = checkWithoutSecret
	}
	err := check(in.ClientID, in.ClientSecret, in.ClientSecretHash)
	if err == nil && hasMembers(in.JWKS) && (in.SecretExpiresAt != nil || in.SecretExpiresIn != 0) {
		err = invalid("secret_expires_at", "there is no secret that could expire", "leave it out, or bound the key with valid_until")
	}
	if err != nil {
		return store.Client{}, err
	}
	return ManifestKey{
		ClientID:            in.ClientID,
		Name:                in.Name,
		Owner:               in.Owner,
		Mode:                in.Mode,
		Scopes:              in.Scopes,
		GrantTypes:          in.GrantTypes,
		AuthMethods:         in.AuthMethods,
		JWKS:                in.JWKS,
		AssertionAlgorithms: in.AssertionAlgorithms,
		AssertionAudience:   in.AssertionAudience,
		AccessTokenLifetime: in.AccessTokenLifetime,
		RefreshRotation:     in.RefreshRotation,
		Origins:             in.Origins,
		Networks:            in.Networks,
		RequestsPerSecond:   in.RequestsPerSecond,
		Burst:               in.Burst,
		TokensPerHour:       in.TokensPerHour,
		TokensPerDay:        in.TokensPerDay,
		Claims:              in.Claims,
		ValidFrom:           in.ValidFrom,
		ValidUntil:          in.ValidUntil,
	}.record()
}

func defaultGrantTypes() []oauth.GrantType { return []oauth.GrantType{oauth.ClientCredentials} }

func defaultAuthMethods() []oauth.AuthMethod {
	return []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost}
}

// record checks what the key is like by itself and returns what would be stored:
// all but the secrets and the times. It does not look at the id.
func (k ManifestKey) record() (store.Client, error) {
	if len(k.GrantTypes) == 0 {
		k.GrantTypes = defaultGrantTypes()
	}
	if len(k.AuthMethods) == 0 {
		k.AuthMethods = k.usualAuthMethods()
	}
	k.Mode = cmp.Or(k.Mode, store.Live)
	k.RefreshRotation = cmp.Or(k.RefreshRotation, RotationOn)
	assertions, unreadable := k.assertions()
	rules, err := k.policy()
	err = cmp.Or(
		checkName(k.Name, maxNameRunes, "use 1 to 200 characters that say whose key it is"),
		checkOwner(k.Owner),
		checkMode(k.Mode),
		checkGrantTypes(k.GrantTypes),
		checkEach("auth_methods", k.AuthMethods, oauth.ClientSecretBasic, oauth.ClientSecretPost, oauth.PrivateKeyJWT),
		checkOneOf("refresh_rotation", string(k.RefreshRotation), string(RotationOn), string(RotationOff)),
		checkOwnLifetime(k.AccessTokenLifetime),
		unreadable,
		err,
	)
	if err != nil {
		return store.Client{}, err
	}
	return store.Client{
		ID:                  k.ClientID,
		Name:                k.Name,
		Owner:               k.Owner,
		Mode:                k.Mode,
		GrantTypes:          once(k.GrantTypes),
		AuthMethods:         once(k.AuthMethods),
		Scopes:              once(k.Scopes),
		Policy:              rules,
		Assertions:          assertions,
		AccessTokenLifetime: k.AccessTokenLifetime.Duration(),
		KeepsRefreshTokens:  k.RefreshRotation == RotationOff,
		Disabled:            k.Disabled != nil && *k.Disabled,
	}, nil
}

// policy returns what else the requests of the key must comply with, in the form
// that is stored.
func (k ManifestKey) policy() (store.Policy, error) {
	rules, err := policy.Normalize(store.Policy{
		Origins:           k.Origins,
		Networks:          k.Networks,
		ValidFrom:         instant(k.ValidFrom),
		ValidUntil:        instant(k.ValidUntil),
		RequestsPerSecond: k.RequestsPerSecond,
		Burst:             k.Burst,
		TokensPerHour:     k.TokensPerHour,
		TokensPerDay:      k.TokensPerDay,
		Claims:            string(k.Claims),
	})
	wrong, ok := errors.AsType[*policy.Fault](err)
	if ok {
		return store.Policy{}, invalid(wrong.Field, wrong.Error(), wrong.Hint)
	}
	return rules, err
}

func instant(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// checkOwnLifetime looks at the lifetime of a key's access tokens; the API has one
// for those that have none.
func checkOwnLifetime(lifetime Seconds) error {
	if lifetime == 0 {
		return nil
	}
	return checkLifetime("access_token_lifetime", lifetime, minAccessTokenLifetime, maxAccessTokenLifetime)
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

func checkOwner(owner string) error {
	const hint = "use the name that your own systems have for the customer, up to 128 bytes"
	if len(owner) > maxOwnerBytes {
		return invalid("owner", fmt.Sprintf("the owner is longer than %d bytes", maxOwnerBytes), hint)
	}
	if !utf8.ValidString(owner) || strings.ContainsFunc(owner, misleading) {
		return invalid("owner", "the owner holds a control character", hint)
	}
	if strings.TrimSpace(owner) != owner {
		return invalid("owner", "the owner begins or ends with a space", hint)
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
	}
	return cmp.Or(checkClientID(id, "leave it out to get a new one"), checkSecret(secret, hash))
}

func checkClientID(id, hint string) error {
	// RFC 6749 §A.1: client-id is made of VSCHAR, %x20-7E.
	if id == "" || len(id) > maxClientIDBytes || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r > '~' }) {
		return invalid("client_id", "the client_id is not 1 to 128 characters of printable ASCII", hint)
	}
	return nil
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
