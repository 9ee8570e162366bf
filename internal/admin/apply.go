package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// The most that one manifest may hold.
const (
	maxManifestAPIs = 1000
	maxManifestKeys = 100_000
)

// TouchedKey is a key that a plan creates or changes.
type TouchedKey struct {
	// Path is its place in the manifest.
	Path string
	// Old is what it was, with New what it is to be; Old has no ClientID when it is new.
	Old, New Key
}

// Apply makes the APIs and keys as a manifest says: all of it, or nothing. What is
// so already is not written again.
func (u *UseCases) Apply(ctx context.Context, actor string, in Apply) (Plan, error) {
	return u.ApplyIf(ctx, actor, in, nil)
}

// ApplyIf is Apply as long as allowed, unless it is nil, has nothing against the plan.
func (u *UseCases) ApplyIf(ctx context.Context, actor string, in Apply, allowed func(Plan, []TouchedKey) error) (Plan, error) {
	// 1. What the manifest says by itself.
	w, err := in.read()
	if err != nil {
		return Plan{}, err
	}
	// 2. What there is.
	defer u.lockAPIs()()
	have, err := u.inventory(ctx, w, in.Prune)
	if err != nil {
		return Plan{}, err
	}
	// 3. What there would be, and whether it goes together.
	g := w.goal(have, in.Prune)
	err = u.checkGoal(ctx, w, have, g)
	if err != nil {
		return Plan{}, err
	}
	// 4. What must be done for it.
	at := u.now()
	s := steps{plan: Plan{Changes: []PlannedChange{}}, algorithms: map[string]bool{}}
	s.planDeletions(have.surplus, g.doomed)
	s.planAPIs(w, have, at)
	s.planKeys(w, have, at)
	s.planServers(w, have, g)
	if allowed != nil {
		err = allowed(s.plan, s.touchedKeys(at))
	}
	if err != nil {
		return Plan{}, err
	}
	if in.DryRun {
		return s.plan, nil
	}
	// 5. All in one transaction.
	err = u.addSigningKeys(ctx, &s, at)
	if err != nil {
		return Plan{}, err
	}
	if len(s.mutations) > 0 {
		err = u.write(ctx, actor, at, s.mutations...)
	}
	if err != nil {
		return Plan{}, s.problem(err)
	}
	s.plan.Applied = true
	return s.plan, nil
}

// wanted is a manifest that is acceptable by itself. A section that is not in it
// is nil.
type wanted struct {
	apis []catalogued
	keys []wantedKey
	// The sections as they were sent, for the places of what is at fault.
	sentAPIs []ManifestAPI
	sentKeys []ManifestKey
}

type wantedKey struct {
	path   string
	record store.Client
}

// read checks every API and key of the manifest by itself.
func (m Manifest) read() (wanted, error) {
	var w wanted
	err := w.readAPIs(m.APIs)
	if err != nil {
		return wanted{}, err
	}
	err = w.readKeys(m.Keys)
	if err != nil {
		return wanted{}, err
	}
	return w, nil
}

func (w *wanted) readAPIs(section *[]ManifestAPI) error {
	if section == nil {
		return nil
	}
	w.sentAPIs = *section
	if len(w.sentAPIs) > maxManifestAPIs {
		return invalid("apis", fmt.Sprintf("there are more than %d APIs", maxManifestAPIs), "keep the scopes of one service in one API")
	}
	w.apis = make([]catalogued, 0, len(w.sentAPIs))
	first := make(map[string]int, len(w.sentAPIs))
	for i, sent := range w.sentAPIs {
		path := at("apis", i)
		record, catalogue, err := sent.record()
		if err != nil {
			return within(path, err)
		}
		before, twice := first[record.Audience]
		if twice {
			return invalid(path+".audience", fmt.Sprintf("%s is there twice, first as %s", record.Audience, at("apis", before)), "keep one of the two")
		}
		first[record.Audience] = i
		w.apis = append(w.apis, catalogued{path, record, catalogue})
	}
	return nil
}

func (w *wanted) readKeys(section *[]ManifestKey) error {
	if section == nil {
		return nil
	}
	w.sentKeys = *section
	if len(w.sentKeys) > maxManifestKeys {
		return invalid("keys", fmt.Sprintf("there are more than %d keys", maxManifestKeys), "share them out between several files, and apply those without prune")
	}
	w.keys = make([]wantedKey, 0, len(w.sentKeys))
	first := make(map[string]int, len(w.sentKeys))
	for i, sent := range w.sentKeys {
		path := at("keys", i)
		record, err := sent.record()
		if sent.ClientID == "" {
			err = invalid("client_id", "the client_id is missing; it says which key is meant", "choose one of your own, such as payments-backend")
		} else if err == nil {
			err = checkClientID(sent.ClientID, "choose one such as payments-backend")
		}
		if err != nil {
			return within(path, err)
		}
		before, twice := first[record.ID]
		if twice {
			return invalid(path+".client_id", fmt.Sprintf("key %s is there twice, first as %s", quoted(record.ID), at("keys", before)), "keep one of the two")
		}
		first[record.ID] = i
		w.keys = append(w.keys, wantedKey{path, record})
	}
	return nil
}

// inventory is what there is, as far as it matters to a manifest.
type inventory struct {
	apis []store.API
	// keys are those that the manifest names, by id.
	keys map[string]store.Client
	// surplus are the ids of those it does not name, when they are to be deleted.
	surplus []string
}

func (u *UseCases) inventory(ctx context.Context, w wanted, prune bool) (inventory, error) {
	apis, err := u.Store.APIs(ctx)
	if err != nil {
		return inventory{}, storeProblem(err)
	}
	have := inventory{apis: apis, keys: make(map[string]store.Client, len(w.keys))}
	// To read all keys in order takes less than to look many of them up.
	if w.keys != nil && (prune || len(w.keys) > maxPageSize) {
		return have, u.allKeys(ctx, w, &have, prune)
	}
	for _, key := range w.keys {
		record, err := u.Store.Client(ctx, key.record.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return inventory{}, storeProblem(err)
		}
		have.keys[record.ID] = record
	}
	return have, nil
}

func (u *UseCases) allKeys(ctx context.Context, w wanted, have *inventory, prune bool) error {
	named := make(map[string]bool, len(w.keys))
	for _, key := range w.keys {
		named[key.record.ID] = true
	}
	return u.eachKey(ctx, func(key store.Client) error {
		switch {
		case named[key.ID]:
			have.keys[key.ID] = key
		case prune:
			have.surplus = append(have.surplus, key.ID)
		}
		return nil
	})
}

// goal is what there would be.
type goal struct {
	// apis are all of them, and kept those of which the manifest says nothing.
	apis, kept []store.API
	// doomed are the APIs that are deleted.
	doomed []store.API
	// deleted are the ids of the keys that are deleted.
	deleted map[string]bool
}

func (w wanted) goal(have inventory, prune bool) goal {
	g := goal{deleted: asSet(have.surplus)}
	named := make(map[string]bool, len(w.apis))
	for _, api := range w.apis {
		named[api.record.Audience] = true
	}
	ids := make(map[string]store.API, len(have.apis))
	for _, api := range have.apis {
		ids[api.Audience] = api
		switch {
		case named[api.Audience]:
		case prune && w.apis != nil:
			g.doomed = append(g.doomed, api)
		default:
			g.kept = append(g.kept, api)
		}
	}
	for i := range w.apis {
		record := &w.apis[i].record
		old, there := ids[record.Audience]
		if there {
			record.ID, record.NotBefore, record.CreatedAt = old.ID, old.NotBefore, old.CreatedAt
		}
		g.apis = append(g.apis, *record)
	}
	g.apis = append(g.apis, g.kept...)
	return g
}

// steps are the mutations of a plan, each with the place in the manifest that it
// comes from.
type steps struct {
	plan      Plan
	mutations []store.Mutation
	paths     []string
	// algorithms are those that the created and changed APIs sign with.
	algorithms map[string]bool
	touched    []touched
}

// touched is a key that is created or changed; old is empty when it is new.
type touched struct {
	path        string
	old, record store.Client
}

func (s *steps) touchedKeys(at time.Time) []TouchedKey {
	keys := make([]TouchedKey, 0, len(s.touched))
	for _, t := range s.touched {
		key := TouchedKey{Path: t.path, New: keyFrom(t.record, at)}
		if t.old.ID != "" {
			key.Old = keyFrom(t.old, at)
		}
		keys = append(keys, key)
	}
	return keys
}

func (s *steps) add(path string, mutations ...store.Mutation) {
	for _, m := range mutations {
		s.mutations = append(s.mutations, m)
		s.paths = append(s.paths, path)
	}
}

// problem says what the store found in the way, which another process may have put
// there since we looked.
func (s *steps) problem(err error) error {
	refused, ok := errors.AsType[*store.MutationError](err)
	_, told := errors.AsType[*web.Problem](err)
	if told || !ok || refused.Index >= len(s.paths) || errors.Is(err, store.ErrInvalid) {
		return err
	}
	members := map[string]string{"audience": ".audience", "scope": ".scopes", "id": ".client_id"}
	path := s.paths[refused.Index]
	what := "what this is about was changed by somebody else at the same moment"
	if errors.Is(err, store.ErrConflict) {
		what = fmt.Sprintf("somebody else made %s %s at the same moment", refused.Field, quoted(refused.Value))
		path += members[refused.Field]
	}
	return conflict(path, what+"; nothing was changed", "look at the plan again with a dry run, and apply it again")
}

func indexByAudience(apis []store.API, audience string) int {
	return slices.IndexFunc(apis, func(a store.API) bool { return a.Audience == audience })
}
