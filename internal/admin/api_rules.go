package admin

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

const (
	maxAudienceBytes  = 512
	maxCatalogueItems = 1000
	maxRoutes         = 1000

	minAccessTokenLifetime  = Seconds(1)
	maxAccessTokenLifetime  = Seconds(store.LongestAccessToken / time.Second)
	minRefreshTokenLifetime = Seconds(60)
	maxRefreshTokenLifetime = Seconds(8760 * 3600)

	defaultAlgorithm            = keys.ES256
	defaultType                 = "at+jwt"
	defaultAccessTokenLifetime  = Seconds(3600)
	defaultRefreshTokenLifetime = Seconds(720 * 3600)
)

// record checks the request by itself and returns what would be stored: all but
// the id and the times.
func (in NewAPI) record() (store.API, *scope.Catalogue, error) {
	in.Mode = cmp.Or(in.Mode, store.Live)
	in.Algorithm = cmp.Or(in.Algorithm, defaultAlgorithm)
	in.Type = cmp.Or(in.Type, defaultType)
	in.TokenFormat = cmp.Or(in.TokenFormat, store.JWT)
	in.AccessTokenLifetime = cmp.Or(in.AccessTokenLifetime, defaultAccessTokenLifetime)
	in.RefreshTokenLifetime = cmp.Or(in.RefreshTokenLifetime, defaultRefreshTokenLifetime)
	catalogue, err := checkCatalogue(in.Scopes, in.Parameters)
	if err == nil {
		err = checkRoutes(in.Routes, catalogue)
	}
	err = cmp.Or(
		checkAudience(in.Audience),
		checkMode(in.Mode),
		err,
		checkOneOf("token_format", string(in.TokenFormat), string(store.JWT), string(store.Opaque)),
		checkOneOf("alg", in.Algorithm, keys.Algorithms()...),
		// RFC 9068 §2.1: at+jwt keeps an access token from being taken for
		// another JWT; JWT is there for verifiers that know nothing else.
		checkOneOf("typ", in.Type, "at+jwt", "JWT"),
		checkLifetime("access_token_lifetime", in.AccessTokenLifetime, minAccessTokenLifetime, maxAccessTokenLifetime),
		checkLifetime("refresh_token_lifetime", in.RefreshTokenLifetime, minRefreshTokenLifetime, maxRefreshTokenLifetime),
		checkIdleLifetime(in.RefreshTokenIdleLifetime, in.RefreshTokenLifetime),
		checkResourceServers(in.ResourceServers),
	)
	if err != nil {
		return store.API{}, nil, err
	}
	return store.API{
		Audience:                 in.Audience,
		Mode:                     in.Mode,
		Scopes:                   in.Scopes,
		Parameters:               parameterRecords(in.Parameters),
		Routes:                   routeRecords(in.Routes),
		TokenFormat:              in.TokenFormat,
		Algorithm:                in.Algorithm,
		Type:                     in.Type,
		AccessTokenLifetime:      in.AccessTokenLifetime.Duration(),
		RefreshTokenLifetime:     in.RefreshTokenLifetime.Duration(),
		RefreshTokenIdleLifetime: in.RefreshTokenIdleLifetime.Duration(),
		ResourceServers:          slices.Compact(slices.Sorted(slices.Values(in.ResourceServers))),
	}, catalogue, nil
}

func checkAudience(audience string) error {
	const hint = "use the URL of the API, such as https://api.example.com"
	if audience == "" {
		return invalid("audience", "the audience is missing", hint)
	}
	if len(audience) > maxAudienceBytes {
		return invalid("audience", fmt.Sprintf("the audience is longer than %d bytes", maxAudienceBytes), hint)
	}
	if strings.ContainsFunc(audience, notInURI) {
		return invalid("audience", "the audience holds a character that a URI may not hold", "percent-encode it")
	}
	// RFC 8707 §2: the resource has no fragment, not even an empty one.
	if strings.Contains(audience, "#") {
		return invalid("audience", "the audience has a fragment", "leave out the # and what follows it")
	}
	// RFC 8707 §2: the resource is an absolute URI.
	u, err := url.Parse(audience)
	if err != nil || !u.IsAbs() || (u.Host == "" && u.Opaque == "") {
		return invalid("audience", "the audience is not an absolute URI", hint)
	}
	return nil
}

// notInURI is true of what has no place in a URI, nor in the sentence of an
// OAuth error.
func notInURI(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\^{|}`+"`", r) }

func checkMode(mode store.Mode) error {
	return checkOneOf("mode", string(mode), string(store.Live), string(store.Test))
}

func checkCatalogue(scopes []string, types map[string]string) (*scope.Catalogue, error) {
	if len(scopes) == 0 {
		return nil, invalid("scopes", "the API has no scopes", "name at least one scope, such as /accounts.read")
	}
	if len(scopes) > maxCatalogueItems {
		return nil, invalid("scopes", fmt.Sprintf("the API has more than %d scopes", maxCatalogueItems),
			"use templates such as /accounts/{accountID}/wallets.read, or more than one API")
	}
	catalogue, err := scope.ParseCatalogue(scopes, types)
	if err != nil {
		return nil, catalogueProblem(scopes, err)
	}
	return catalogue, nil
}

// catalogueProblem points at the scope or the parameter that is at fault.
func catalogueProblem(scopes []string, err error) error {
	const (
		ofScopes = "write scopes in printable ASCII, such as /accounts.read or /accounts/{accountID}/wallets.read"
		ofNamed  = "change this entry or leave it out; a catalogue gives each scope one meaning"
		ofTypes  = "a type is slug, uuid, enum:a|b or pattern: with an RE2 expression, of a parameter that the scopes have"
	)
	e, ok := errors.AsType[*scope.Error](err)
	switch {
	case ok && e.Parameter != "":
		return invalid("parameters."+e.Parameter, err.Error(), ofTypes)
	case ok && e.Entry > 0 && e.Entry <= len(scopes) && e.Scope != "":
		return invalid(at("scopes", e.Entry-1), err.Error(), ofNamed)
	case ok && e.Entry > 0 && e.Entry <= len(scopes):
		return invalid(at("scopes", e.Entry-1), err.Error(), ofScopes)
	default:
		return invalid("parameters", err.Error(), ofTypes)
	}
}

func checkRoutes(routes []Route, catalogue *scope.Catalogue) error {
	const hint = "write a route with its method, a path such as /accounts/{accountID}/wallets, and scopes of this API whose parameters the path has"
	if len(routes) > maxRoutes {
		return invalid("routes", fmt.Sprintf("the API has more than %d routes", maxRoutes), "leave out those that need no scope")
	}
	parsed := make([]scope.Route, len(routes))
	for i, route := range routes {
		parsed[i] = scope.Route(route)
	}
	_, err := scope.ParseRoutes(parsed, catalogue)
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*scope.Error](err)
	if ok && e.Entry > 0 {
		return invalid(at("routes", e.Entry-1), err.Error(), hint)
	}
	return invalid("routes", err.Error(), hint)
}

func checkOneOf(field, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return invalid(field, fmt.Sprintf("%s cannot be %s", field, quoted(value)), "use one of "+strings.Join(known, ", "))
}

func checkLifetime(field string, value, least, most Seconds) error {
	if value >= least && value <= most {
		return nil
	}
	return invalid(field, fmt.Sprintf("%s is out of range", field),
		fmt.Sprintf("use %d to %d seconds", least, most))
}

// checkIdleLifetime looks at a limit that need not be there.
func checkIdleLifetime(idle, lifetime Seconds) error {
	const field = "refresh_token_idle_lifetime"
	if idle > lifetime {
		return invalid(field, field+" is longer than refresh_token_lifetime", fmt.Sprintf("use no more than %d seconds, or leave it out", lifetime))
	}
	if idle == 0 {
		return nil
	}
	return checkLifetime(field, idle, minRefreshTokenLifetime, lifetime)
}

func checkResourceServers(clientIDs []string) error {
	if len(clientIDs) > maxResourceServers {
		return invalid("resource_servers", fmt.Sprintf("there are more than %d resource servers", maxResourceServers),
			"name only keys that introspect the tokens of this API")
	}
	return nil
}
