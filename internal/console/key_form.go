package console

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

// keyForm is the form of a key, new or not. Its fields are called what the members of the
// Admin API are, so that a refusal finds the field it is about.
type keyForm struct {
	// ID is empty for a new key, and so is Version.
	ID, Version string
	Typed       url.Values
	APIs        []pickedAPI
	Wrong       map[string]string
}

// Text is what was typed into a field.
func (f keyForm) Text(name string) string { return f.Typed.Get(name) }

// Has says whether one of the values of a field was chosen.
func (f keyForm) Has(name, value string) bool { return slices.Contains(f.Typed[name], value) }

// Any says whether anything was typed into one of the fields, which are in a part of the
// form that is folded otherwise.
func (f keyForm) Any(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return f.Typed.Get(name) != "" || f.Wrong[name] != "" })
}

// bothSecrets is the choice of a key that may send its secret either way.
const bothSecrets = "client_secret"

// typedOf fills the form in with a key as it is.
func typedOf(key admin.Key, apis []admin.API) url.Values {
	typed := url.Values{
		"name": {key.Name}, "owner": {key.Owner}, "mode": {string(key.Mode)},
		"origins": {strings.Join(key.Origins, "\n")}, "networks": {strings.Join(key.Networks, "\n")},
		"auth_methods": {bothSecrets}, "jwks": {indented(key.JWKS)}, "assertion_algorithms": key.AssertionAlgorithms,
		"assertion_audience":    {string(key.AssertionAudience)},
		"access_token_lifetime": {lasting(key.AccessTokenLifetime)}, "refresh_rotation": {string(key.RefreshRotation)},
		"requests_per_second": {limit(key.RequestsPerSecond)}, "burst": {limit(key.Burst)},
		"tokens_per_hour": {limit(key.TokensPerHour)}, "tokens_per_day": {limit(key.TokensPerDay)},
		"claims": {indented(key.Claims)}, "valid_from": {localTime(key.ValidFrom)}, "valid_until": {localTime(key.ValidUntil)},
	}
	if len(key.AuthMethods) == 1 {
		typed.Set("auth_methods", string(key.AuthMethods[0]))
	}
	if slices.Contains(key.GrantTypes, oauth.RefreshToken) {
		typed.Set("grant_types", string(oauth.RefreshToken))
	}
	pick(typed, key.Scopes, apis)
	return typed
}

func indented(object []byte) string {
	if len(object) == 0 {
		return ""
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(json.RawMessage(object))
	if err != nil {
		return string(object)
	}
	return strings.TrimSpace(text.String())
}

func limit(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// method is one of the ways to authenticate.
type method struct{ Value, Text string }

// Methods are those that can be chosen: a key has secrets or public keys, never both.
func (keyForm) Methods() []method {
	return []method{
		{bothSecrets, "a secret, as HTTP Basic or in the body"},
		{string(oauth.ClientSecretBasic), "a secret, as HTTP Basic only"},
		{string(oauth.ClientSecretPost), "a secret, in the body only"},
		{string(oauth.PrivateKeyJWT), "signatures, with a private key of its own (private_key_jwt)"},
	}
}
