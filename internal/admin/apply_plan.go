package admin

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// planDeletions makes room for what is created with the scopes and audiences of
// what is deleted.
func (s *steps) planDeletions(keys []string, apis []store.API) {
	for _, api := range apis {
		s.add("apis", store.DeleteAPI{ID: api.ID})
		s.plan.Changes = append(s.plan.Changes, PlannedChange{Action: ActionDelete, Kind: KindAPI, Name: api.Audience})
	}
	for _, id := range keys {
		s.add("keys", store.DeleteClient{ID: id})
		s.plan.Changes = append(s.plan.Changes, PlannedChange{Action: ActionDelete, Kind: KindKey, Name: id})
	}
}

// planAPIs creates and changes APIs. Definitions that move from one to another are
// given up before any are taken.
func (s *steps) planAPIs(w wanted, have inventory, at time.Time) {
	var takes steps
	gained := gains(w, have.apis)
	for i := range w.apis {
		api := &w.apis[i]
		j := indexByAudience(have.apis, api.record.Audience)
		if j < 0 {
			api.record.ID = rand.Text()
			api.record.CreatedAt, api.record.UpdatedAt = at, at
			takes.add(api.path, store.CreateAPI{API: api.record})
			s.plan.Changes = append(s.plan.Changes, PlannedChange{Action: ActionCreate, Kind: KindAPI, Name: api.record.Audience})
			s.algorithms[api.record.Algorithm] = true
			continue
		}
		old := have.apis[j]
		found := apiDifferences(old, api.record)
		if len(found) == 0 {
			continue
		}
		s.plan.Changes = append(s.plan.Changes, PlannedChange{Action: ActionUpdate, Kind: KindAPI, Name: api.record.Audience, Differences: found})
		if len(found) == 1 && found[0].Field == "resource_servers" {
			continue
		}
		s.algorithms[api.record.Algorithm] = true
		rest, seen := remainder(old, api.record), store.Seen{Time: old.UpdatedAt}
		switch {
		case !givesUp(old, rest, gained):
			takes.add(api.path, store.UpdateAPI{API: api.record, Seen: seen})
		case rest.Mode == api.record.Mode && slices.Equal(rest.Scopes, api.record.Scopes):
			s.add(api.path, store.UpdateAPI{API: api.record, Seen: seen})
		default:
			s.add(api.path, store.UpdateAPI{API: rest, Seen: seen})
			takes.add(api.path, store.UpdateAPI{API: api.record}) // as it is after the one before
		}
	}
	for i, mutation := range takes.mutations {
		s.add(takes.paths[i], mutation)
	}
}

// addSigningKeys adds the first signing keys of the algorithms that have none.
func (u *UseCases) addSigningKeys(ctx context.Context, s *steps, at time.Time) error {
	for _, algorithm := range slices.Sorted(maps.Keys(s.algorithms)) {
		made, err := u.firstSigningKey(ctx, algorithm, at)
		if err != nil {
			return err
		}
		s.add("apis", made...)
	}
	return nil
}

// definition is a scope definition in the world where it is unique.
type definition struct {
	mode store.Mode
	text string
}

// gains returns the definitions that some API of the manifest does not have yet.
func gains(w wanted, have []store.API) map[definition]bool {
	gained := map[definition]bool{}
	for _, api := range w.apis {
		var old store.API
		j := indexByAudience(have, api.record.Audience)
		if j >= 0 {
			old = have[j]
		}
		held := asSet(old.Scopes)
		for _, text := range api.record.Scopes {
			if !held[text] || old.Mode != api.record.Mode {
				gained[definition{api.record.Mode, text}] = true
			}
		}
	}
	return gained
}

// givesUp says whether the API loses a definition that another one is to have;
// rest is what it keeps.
func givesUp(old, rest store.API, gained map[definition]bool) bool {
	stays := asSet(rest.Scopes)
	return slices.ContainsFunc(old.Scopes, func(text string) bool { return !stays[text] && gained[definition{old.Mode, text}] })
}

// remainder is an API with the definitions that it keeps.
func remainder(old, record store.API) store.API {
	kept := asSet(record.Scopes)
	old.Scopes = slices.DeleteFunc(slices.Clone(old.Scopes), func(text string) bool { return old.Mode != record.Mode || !kept[text] })
	return old
}

// planKeys creates and changes keys. Secrets stay as they are.
func (s *steps) planKeys(w wanted, have inventory, at time.Time) {
	for i, key := range w.keys {
		record := key.record
		old, there := have.keys[record.ID]
		if !there {
			record.CreatedAt, record.UpdatedAt = at, at
			s.add(key.path, store.CreateClient{Client: record})
			s.touched = append(s.touched, touched{path: key.path, record: record})
			s.plan.Changes = append(s.plan.Changes, PlannedChange{Action: ActionCreate, Kind: KindKey, Name: record.ID, WithoutSecret: !signs(record)})
			continue
		}
		keep(&record, old)
		if w.sentKeys[i].Disabled == nil {
			record.Disabled = old.Disabled
		}
		found := keyDifferences(old, record)
		if len(found) == 0 {
			continue
		}
		s.plan.Changes = append(s.plan.Changes, PlannedChange{
			Action: ActionUpdate, Kind: KindKey, Name: record.ID, Differences: found, WithoutSecret: len(old.Secrets) == 0 && !signs(record),
		})
		s.touched = append(s.touched, touched{key.path, old, record})
		switched := record.Disabled != old.Disabled
		if len(found) > 1 || !switched {
			s.add(key.path, store.UpdateClient{Client: record, Seen: store.Seen{Time: old.UpdatedAt}, Former: old.Owner})
		}
		if switched {
			s.add(key.path, store.SetClientDisabled{ID: record.ID, Disabled: record.Disabled})
		}
	}
}

// planServers takes away and adds resource servers, once all keys are there.
func (s *steps) planServers(w wanted, have inventory, g goal) {
	for _, api := range w.apis {
		var old []string
		j := indexByAudience(have.apis, api.record.Audience)
		if j >= 0 {
			old = have.apis[j].ResourceServers
		}
		// A key that is deleted is gone from the list already.
		for _, id := range without(old, api.record.ResourceServers) {
			if !g.deleted[id] {
				s.add(api.path, store.RemoveResourceServer{APIID: api.record.ID, ClientID: id})
			}
		}
		for _, id := range without(api.record.ResourceServers, old) {
			s.add(api.path, store.AddResourceServer{APIID: api.record.ID, ClientID: id})
		}
	}
}
