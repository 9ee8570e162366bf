package admin

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

// manifestAPIFrom describes an API as a manifest does, with every member that has
// a value.
func manifestAPIFrom(a store.API) ManifestAPI {
	return ManifestAPI{
		Audience:                 a.Audience,
		Mode:                     a.Mode,
		Scopes:                   a.Scopes,
		Parameters:               parametersFrom(a.Parameters),
		Routes:                   routesFrom(a.Routes),
		TokenFormat:              a.TokenFormat,
		Algorithm:                a.Algorithm,
		Type:                     a.Type,
		AccessTokenLifetime:      seconds(a.AccessTokenLifetime),
		RefreshTokenLifetime:     seconds(a.RefreshTokenLifetime),
		RefreshTokenIdleLifetime: seconds(a.RefreshTokenIdleLifetime),
		ResourceServers:          a.ResourceServers,
	}
}

// manifestKeyFrom describes a key as a manifest does, with every member that has a
// value.
func manifestKeyFrom(c store.Client) ManifestKey {
	described := ManifestKey{
		ClientID:            c.ID,
		Name:                c.Name,
		Owner:               c.Owner,
		Mode:                c.Mode,
		Scopes:              c.Scopes,
		GrantTypes:          c.GrantTypes,
		AuthMethods:         c.AuthMethods,
		JWKS:                objectFrom(c.Assertions.JWKS),
		AssertionAlgorithms: c.Assertions.Algorithms,
		AssertionAudience:   c.Assertions.Audience,
		AccessTokenLifetime: seconds(c.AccessTokenLifetime),
		RefreshRotation:     rotationOf(c),
		Origins:             c.Policy.Origins,
		Networks:            c.Policy.Networks,
		RequestsPerSecond:   c.Policy.RequestsPerSecond,
		Burst:               c.Policy.Burst,
		TokensPerHour:       c.Policy.TokensPerHour,
		TokensPerDay:        c.Policy.TokensPerDay,
		Claims:              objectFrom(c.Policy.Claims),
		ValidFrom:           pointerTo(c.Policy.ValidFrom),
		ValidUntil:          pointerTo(c.Policy.ValidUntil),
	}
	// One that is enabled says nothing of it, so that applying an old export does
	// not bring it back once it was disabled.
	if c.Disabled {
		described.Disabled = new(true)
	}
	return described
}

func rotationOf(c store.Client) RefreshRotation {
	if c.KeepsRefreshTokens {
		return RotationOff
	}
	return RotationOn
}

func pointerTo(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
