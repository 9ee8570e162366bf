package admin

import (
	"context"
	"fmt"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

// Export returns all APIs and keys as a manifest, without secrets. Applying it
// changes nothing.
func (u *UseCases) Export(ctx context.Context) (Manifest, error) {
	// Nothing changes between the look at the APIs and the look at the keys.
	u.apis.Lock()
	defer u.apis.Unlock()
	records, err := u.Store.APIs(ctx)
	if err != nil {
		return Manifest{}, storeProblem(err)
	}
	if len(records) > maxManifestAPIs {
		return Manifest{}, tooManyToExport("APIs", maxManifestAPIs)
	}
	apis := make([]ManifestAPI, 0, len(records))
	for _, record := range records {
		apis = append(apis, manifestAPIFrom(record).brief())
	}
	keys := []ManifestKey{}
	err = u.eachKey(ctx, func(record store.Client) error {
		if len(keys) == maxManifestKeys {
			return tooManyToExport("keys", maxManifestKeys)
		}
		keys = append(keys, manifestKeyFrom(record).brief())
		return nil
	})
	if err != nil {
		return Manifest{}, err
	}
	return Manifest{APIs: &apis, Keys: &keys}, nil
}

// brief leaves out what a manifest need not say, but for the mode, which everybody
// wants to see.
func (a ManifestAPI) brief() ManifestAPI {
	return ManifestAPI{
		Audience:                 a.Audience,
		Mode:                     a.Mode,
		Scopes:                   a.Scopes,
		Parameters:               a.Parameters,
		Routes:                   a.Routes,
		TokenFormat:              unless(a.TokenFormat, store.JWT),
		Algorithm:                unless(a.Algorithm, defaultAlgorithm),
		Type:                     unless(a.Type, defaultType),
		AccessTokenLifetime:      unless(a.AccessTokenLifetime, defaultAccessTokenLifetime),
		RefreshTokenLifetime:     unless(a.RefreshTokenLifetime, defaultRefreshTokenLifetime),
		RefreshTokenIdleLifetime: a.RefreshTokenIdleLifetime,
		ResourceServers:          a.ResourceServers,
	}
}

func (k ManifestKey) brief() ManifestKey {
	if slices.Equal(k.GrantTypes, defaultGrantTypes()) {
		k.GrantTypes = nil
	}
	if slices.Equal(k.AuthMethods, k.usualAuthMethods()) {
		k.AuthMethods = nil
	}
	k.AssertionAudience = unless(k.AssertionAudience, store.IssuerAudience)
	k.RefreshRotation = unless(k.RefreshRotation, RotationOn)
	return k
}

// unless returns the value, or nothing when it is the default.
func unless[T comparable](value, usual T) T {
	if value == usual {
		var none T
		return none
	}
	return value
}

func tooManyToExport(what string, most int) error {
	return conflict("", fmt.Sprintf("there are more than %d %s, which is the most that a manifest may hold", most, what),
		"back up the database instead")
}
