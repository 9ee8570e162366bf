package admin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// UpdateAPI changes the API with this id or audience and returns it as it is now.
func (u *UseCases) UpdateAPI(ctx context.Context, actor, idOrAudience string, in APIChange) (API, error) {
	return u.UpdateAPIIf(ctx, actor, idOrAudience, in, "")
}

// UpdateAPIIf is UpdateAPI as long as the API has the version, unless that is empty. The
// error is a *[ChangedSince] when it has another.
func (u *UseCases) UpdateAPIIf(ctx context.Context, actor, idOrAudience string, in APIChange, version string) (API, error) {
	return untilUnchanged(func() (API, error) { return u.updateAPIOnce(ctx, actor, idOrAudience, in, version) })
}

func (u *UseCases) updateAPIOnce(ctx context.Context, actor, idOrAudience string, in APIChange, version string) (API, error) {
	defer u.lockAPIs()()
	before, err := u.Store.APIs(ctx)
	if err != nil {
		return API{}, storeProblem(err)
	}
	i, err := findAmong(before, idOrAudience)
	if err != nil {
		return API{}, err
	}
	old := before[i]
	record, catalogue, err := in.applyTo(manifestAPIFrom(old)).record()
	if err == nil {
		err = checkVersion(version, apiFields(old), apiFields(record))
	}
	if err != nil {
		return API{}, err
	}
	record.ID, record.NotBefore, record.CreatedAt, record.UpdatedAt = old.ID, old.NotBefore, old.CreatedAt, old.UpdatedAt
	err = checkOverlaps([]catalogued{{record: record, catalogue: catalogue}}, slices.Delete(slices.Clone(before), i, i+1))
	if err != nil {
		return API{}, err
	}
	after := slices.Clone(before)
	after[i] = record
	if !in.Force {
		err = u.checkLosses(ctx, before, after)
	}
	if err != nil {
		return API{}, err
	}
	at := u.now()
	mutations, err := u.updateAPI(ctx, old, record, at)
	if err != nil || len(mutations) == 0 {
		return apiFrom(record), err
	}
	err = u.write(ctx, actor, at, mutations...)
	if err != nil {
		return API{}, apiProblem(record.Audience, err)
	}
	record.UpdatedAt = at
	return apiFrom(record), nil
}

// updateAPI returns what must be written to make the one API of the other.
func (u *UseCases) updateAPI(ctx context.Context, old, record store.API, at time.Time) ([]store.Mutation, error) {
	var mutations []store.Mutation
	if len(apiDifferences(withoutServers(old), withoutServers(record))) > 0 {
		made, err := u.firstSigningKey(ctx, record.Algorithm, at)
		if err != nil {
			return nil, err
		}
		mutations = append(made, store.UpdateAPI{API: record, Seen: store.Seen{Time: old.UpdatedAt}})
	}
	added := slices.DeleteFunc(slices.Clone(record.ResourceServers), func(id string) bool { return slices.Contains(old.ResourceServers, id) })
	servers, err := u.addResourceServers(ctx, record.ID, added)
	if err != nil {
		return nil, err
	}
	return append(append(mutations, removeServers(old, record)...), servers...), nil
}

// removeServers takes away the resource servers that the API does not have any more.
func removeServers(old, record store.API) []store.Mutation {
	var mutations []store.Mutation
	for _, id := range old.ResourceServers {
		if !slices.Contains(record.ResourceServers, id) {
			mutations = append(mutations, store.RemoveResourceServer{APIID: record.ID, ClientID: id})
		}
	}
	return mutations
}

func withoutServers(a store.API) store.API {
	a.ResourceServers = nil
	return a
}

// applyTo returns the API as it is to be.
func (in APIChange) applyTo(api NewAPI) NewAPI {
	change(&api.Mode, in.Mode)
	change(&api.Scopes, in.Scopes)
	change(&api.Parameters, in.Parameters)
	change(&api.Routes, in.Routes)
	change(&api.TokenFormat, in.TokenFormat)
	change(&api.Algorithm, in.Algorithm)
	change(&api.Type, in.Type)
	change(&api.AccessTokenLifetime, in.AccessTokenLifetime)
	change(&api.RefreshTokenLifetime, in.RefreshTokenLifetime)
	change(&api.RefreshTokenIdleLifetime, in.RefreshTokenIdleLifetime)
	change(&api.ResourceServers, in.ResourceServers)
	return api
}

// change sets a member that was sent.
func change[T any](member *T, to *T) {
	if to != nil {
		*member = *to
	}
}

// DeleteAPI removes the API with this id or audience for good. Its tokens end. It
// is refused while a key is granted a scope of the API.
func (u *UseCases) DeleteAPI(ctx context.Context, actor, idOrAudience string) error {
	defer u.lockAPIs()()
	before, err := u.Store.APIs(ctx)
	if err != nil {
		return storeProblem(err)
	}
	i, err := findAmong(before, idOrAudience)
	if err != nil {
		return err
	}
	err = u.checkLosses(ctx, before, slices.Delete(slices.Clone(before), i, i+1))
	if err != nil {
		return err
	}
	err = u.write(ctx, actor, u.now(), store.DeleteAPI{ID: before[i].ID})
	return err
}

// checkLosses refuses a change of the APIs that leaves a grant of a key without its
// definition.
func (u *UseCases) checkLosses(ctx context.Context, before, after []store.API) error {
	if !loses(before, after) {
		return nil
	}
	hint := "take it from the key first"
	if len(after) == len(before) {
		hint += "; a change of the API goes on with force (grantd api update --force)"
	}
	was, is := newDirectory(before), newDirectory(after)
	return u.eachKey(ctx, func(key store.Client) error {
		grant, lost := lostGrant(key, was, is)
		if !lost {
			return nil
		}
		return lossProblem("scopes", key, grant, hint)
	})
}

// lostGrant returns a grant of the key that meant something and does not any more.
func lostGrant(key store.Client, was, is directory) (string, bool) {
	for _, grant := range key.Scopes {
		if !is.defines(key.Mode, grant) && was.defines(key.Mode, grant) {
			return grant, true
		}
	}
	return "", false
}

func lossProblem(field string, key store.Client, grant, hint string) error {
	return conflict(field, fmt.Sprintf("key %s (%s) is granted %s, which would mean nothing any more", quoted(key.ID), quoted(key.Name), grant), hint)
}

// loses says whether a grant could have lost its definition. It is asked before
// all keys are looked at, which may be many.
func loses(before, after []store.API) bool {
	for _, old := range before {
		i := slices.IndexFunc(after, func(a store.API) bool { return a.ID == old.ID })
		if i < 0 || after[i].Mode != old.Mode || !slices.Equal(after[i].Parameters, old.Parameters) {
			return true
		}
		kept := asSet(after[i].Scopes)
		if slices.ContainsFunc(old.Scopes, func(s string) bool { return !kept[s] }) {
			return true
		}
	}
	return false
}

func asSet[T comparable](values []T) map[T]bool {
	set := make(map[T]bool, len(values))
	for _, value := range values {
		set[value] = true
	}
	return set
}

// eachKey calls f with every key, until it returns an error.
func (u *UseCases) eachKey(ctx context.Context, f func(store.Client) error) error {
	after := ""
	for {
		page, err := u.Store.Clients(ctx, after, maxPageSize)
		if err != nil {
			return storeProblem(err)
		}
		for _, key := range page {
			err = f(key)
			if err != nil {
				return err
			}
		}
		if len(page) < maxPageSize {
			return nil
		}
		after = page[len(page)-1].ID
	}
}
