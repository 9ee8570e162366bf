package admin

import (
	"context"
	"slices"

	"github.com/grantd/grantd/internal/store"
)

// UpdateKey changes a key and returns it as it is now.
func (u *UseCases) UpdateKey(ctx context.Context, actor, id string, in KeyChange) (Key, error) {
	return u.UpdateKeyIf(ctx, actor, id, in, "", nil)
}

// UpdateKeyIf is UpdateKey as long as the key has the version, unless that is empty, and
// allowed, unless it is nil, has nothing against what it was and what it would be. The
// error is a *[ChangedSince] when it has another version.
func (u *UseCases) UpdateKeyIf(
	ctx context.Context, actor, id string, in KeyChange, version string, allowed func(old, wanted Key) error,
) (Key, error) {
	return untilUnchanged(func() (Key, error) { return u.updateKey(ctx, actor, id, in, version, allowed) })
}

func (u *UseCases) updateKey(
	ctx context.Context, actor, id string, in KeyChange, version string, allowed func(old, wanted Key) error,
) (Key, error) {
	// An update writes all of the key: of two at once, one would undo the other.
	u.apis.Lock()
	defer u.apis.Unlock()
	old, err := u.Store.Client(ctx, id)
	if err != nil {
		return Key{}, keyProblem(id, err)
	}
	wanted := in.applyTo(manifestKeyFrom(old))
	record, err := wanted.record()
	if err == nil && allowed != nil {
		err = allowed(keyFrom(old, u.now()), keyFrom(record, u.now()))
	}
	if err == nil {
		err = checkVersion(version, keyFields(old), keyFields(record))
	}
	if err != nil {
		return Key{}, err
	}
	keep(&record, old)
	if in.Scopes != nil || in.Mode != nil {
		err = u.checkChangedGrants(ctx, old, wanted.Scopes, record.Mode, in.Force)
	}
	if err != nil {
		return Key{}, err
	}
	at := u.now()
	if len(keyDifferences(old, record)) == 0 {
		return keyFrom(old, at), nil
	}
	err = u.write(ctx, actor, at, store.UpdateClient{Client: record, Seen: store.Seen{Time: old.UpdatedAt}, Former: old.Owner})
	if err != nil {
		return Key{}, keyProblem(id, err)
	}
	record.UpdatedAt = at
	return keyFrom(record, at), nil
}

// keep gives a key what an update does not change.
func keep(record *store.Client, old store.Client) {
	record.Secrets, record.NotBefore = old.Secrets, old.NotBefore
	record.CreatedAt, record.UpdatedAt = old.CreatedAt, old.UpdatedAt
}

// checkChangedGrants refuses grants that mean nothing. With force those that the
// key has may stay.
func (u *UseCases) checkChangedGrants(ctx context.Context, old store.Client, scopes []string, mode store.Mode, force bool) error {
	apis, err := u.Store.APIs(ctx)
	if err != nil {
		return storeProblem(err)
	}
	err = checkCount(scopes, servesOne(apis, old.ID))
	if err != nil {
		return err
	}
	d := newDirectory(apis)
	return d.check(mode, scopes, func(grant string) bool {
		has := slices.Contains(old.Scopes, grant)
		// What meant nothing before is not lost now.
		return has && (force || !d.defines(old.Mode, grant))
	})
}

// servesOne says whether the key is a resource server of one of the APIs.
func servesOne(apis []store.API, clientID string) bool {
	return slices.ContainsFunc(apis, func(a store.API) bool { return slices.Contains(a.ResourceServers, clientID) })
}

// applyTo returns the key as it is to be.
func (in KeyChange) applyTo(key ManifestKey) ManifestKey {
	change(&key.Name, in.Name)
	change(&key.Owner, in.Owner)
	change(&key.Mode, in.Mode)
	change(&key.Scopes, in.Scopes)
	change(&key.GrantTypes, in.GrantTypes)
	change(&key.AuthMethods, in.AuthMethods)
	change(&key.JWKS, in.JWKS)
	if in.JWKS != nil && !hasMembers(*in.JWKS) {
		key.AssertionAlgorithms, key.AssertionAudience = nil, ""
	}
	change(&key.AssertionAlgorithms, in.AssertionAlgorithms)
	change(&key.AssertionAudience, in.AssertionAudience)
	change(&key.AccessTokenLifetime, in.AccessTokenLifetime)
	change(&key.RefreshRotation, in.RefreshRotation)
	change(&key.Origins, in.Origins)
	change(&key.Networks, in.Networks)
	change(&key.RequestsPerSecond, in.RequestsPerSecond)
	change(&key.Burst, in.Burst)
	change(&key.TokensPerHour, in.TokensPerHour)
	change(&key.TokensPerDay, in.TokensPerDay)
	change(&key.Claims, in.Claims)
	if in.ValidFrom != nil {
		key.ValidFrom = pointerTo(*in.ValidFrom)
	}
	if in.ValidUntil != nil {
		key.ValidUntil = pointerTo(*in.ValidUntil)
	}
	return key
}
