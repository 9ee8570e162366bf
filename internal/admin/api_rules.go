package admin

import (
	"cmp"
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

	minAccessTokenLifetime  = Seconds(1)
	maxAccessTokenLifetime  = Seconds(store.LongestAccessToken / time.Second)
	minRefreshTokenLifetime = Seconds(60)
	maxRefreshTokenLifetime = Seconds(8760 * 3600)
)

// record checks the request by itself and returns what would be stored: all but
// the id and the times.
func (in NewAPI) record() (store.API, *scope.Catalogue, error) {
	in.Algorithm = cmp.Or(in.Algorithm, "ES256")
	in.Type = cmp.Or(in.Type, "at+jwt")
	in.TokenFormat = cmp.Or(in.TokenFormat, store.JWT)
	in.AccessTokenLifetime = cmp.Or(in.AccessTokenLifetime, seconds(time.Hour))
	in.RefreshTokenLifetime = cmp.Or(in.RefreshTokenLifetime, seconds(720*time.Hour))
	catalogue, err := checkCatalogue(in.Scopes)
	err = cmp.Or(
		checkAudience(in.Audience),
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
		Scopes:                   in.Scopes,
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

func checkCatalogue(scopes []string) (*scope.Catalogue, error) {
	if len(scopes) == 0 {
		return nil, invalid("scopes", "the API has no scopes", "name at least one scope, such as /accounts.read")
	}
	if len(scopes) > maxCatalogueItems {
		return nil, invalid("scopes", fmt.Sprintf("the API has more than %d scopes", maxCatalogueItems),
			"use templates such as /accounts/{accountID}/wallets.read, or more than one API")
	}
	catalogue, err := scope.ParseCatalogue(scopes)
	if err != nil {
		return nil, invalid("scopes", err.Error(), "")
	}
	return catalogue, nil
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

// checkOverlap refuses a catalogue in which a scope could mean something in
// another API, too.
func checkOverlap(mine *scope.Catalogue, others []store.API) error {
	for _, other := range others {
		theirs, err := scope.ParseCatalogue(other.Scopes)
		if err != nil {
			return fmt.Errorf("read the catalogue of API %s: %w", other.ID, err)
		}
		here, there, found := mine.Overlap(theirs)
		if found && here == there {
			return conflict("scopes", fmt.Sprintf("scope %s belongs to %s already", here, other.Audience),
				"a scope belongs to one API; give this one another name")
		}
		if found {
			return conflict("scopes", fmt.Sprintf("scope %s could mean the same as %s of %s", here, there, other.Audience),
				"a scope belongs to one API; rename one of the two")
		}
	}
	return nil
}
