package storetest

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/store"
)

// A run has few APIs, audiences and definitions, so that they meet.
var (
	fewAPIs        = rapid.SampledFrom([]string{"-a", "-b", "-c"})
	fewAudiences   = rapid.SampledFrom([]string{"/a", "/b", "/c", "/d"})
	fewDefinitions = rapid.SampledFrom([]string{"/a", "/b", "/{c}"})
)

func (m *machine) drawAPIID(t *rapid.T) string { return m.model.id + fewAPIs.Draw(t, "API") }

func (m *machine) drawAPI(t *rapid.T) store.API {
	api := changedAPI(m.drawAPIID(t))
	api.Audience = "https://" + m.model.id + fewAudiences.Draw(t, "audience")
	api.Mode = rapid.SampledFrom([]store.Mode{store.Live, store.Test}).Draw(t, "mode")
	api.Scopes = nil
	for _, definition := range rapid.SliceOfN(fewDefinitions, 0, 2).Draw(t, "scopes") {
		api.Scopes = append(api.Scopes, "/"+m.model.id+definition)
	}
	if rapid.Bool().Draw(t, "plain") {
		api.Parameters, api.Routes = nil, nil
	}
	api.ResourceServers = nil
	return api
}

// changeAPIs writes a few changes at once: all of them are there after it, or none.
func (m *machine) changeAPIs(t *rapid.T) {
	var mutations []store.Mutation
	var want error
	apis := maps.Clone(m.model.apis)
	for range rapid.IntRange(1, 3).Draw(t, "changes") {
		var mutation store.Mutation
		switch rapid.IntRange(0, 4).Draw(t, "change") {
		case 0, 1:
			mutation = store.CreateAPI{API: m.drawAPI(t)}
		case 2, 3:
			mutation = store.UpdateAPI{API: m.drawAPI(t)}
		default:
			mutation = store.DeleteAPI{ID: m.drawAPIID(t)}
		}
		mutations = append(mutations, mutation)
		if want == nil {
			want = changeModel(apis, mutation, m.now)
		}
	}
	m.write(t, want, mutations...)
	if want == nil {
		m.model.apis = apis
	}
}

// changeModel applies one mutation to the APIs, or says why it cannot.
func changeModel(apis map[string]*store.API, mutation store.Mutation, at time.Time) error {
	_, id := mutation.Subject()
	old := apis[id]
	switch mutation := mutation.(type) {
	case store.CreateAPI:
		api := mutation.API
		if old != nil || meets(apis, api) {
			return store.ErrConflict
		}
		apis[id] = &api
	case store.UpdateAPI:
		api := mutation.API
		if old == nil {
			return store.ErrNotFound
		}
		if meets(apis, api) {
			return store.ErrConflict
		}
		api.NotBefore, api.ResourceServers, api.CreatedAt, api.UpdatedAt = old.NotBefore, old.ResourceServers, old.CreatedAt, at
		apis[id] = &api
	default:
		if old == nil {
			return store.ErrNotFound
		}
		delete(apis, id)
	}
	return nil
}

// meets reports whether the API has something that is another's, or a definition
// twice.
func meets(apis map[string]*store.API, api store.API) bool {
	if len(api.Scopes) == 2 && api.Scopes[0] == api.Scopes[1] {
		return true
	}
	for id, other := range apis {
		if id == api.ID {
			continue
		}
		shared := slices.ContainsFunc(api.Scopes, func(s string) bool { return slices.Contains(other.Scopes, s) })
		if other.Audience == api.Audience || shared && other.Mode == api.Mode {
			return true
		}
	}
	return false
}

func (m *machine) revokeAPITokens(t *rapid.T, before time.Time) {
	revoke := store.RevokeAPITokens{ID: m.drawAPIID(t), Before: before}
	api := m.model.apis[revoke.ID]
	if api == nil {
		m.write(t, store.ErrNotFound, revoke)
		return
	}
	m.write(t, nil, revoke)
	api.NotBefore = later(api.NotBefore, before)
}

func (m *machine) resourceServer(t *rapid.T) {
	id, client := m.drawAPIID(t), m.model.client.ID
	api := m.model.apis[id]
	add := rapid.Bool().Draw(t, "add")
	var mutation store.Mutation = store.RemoveResourceServer{APIID: id, ClientID: client}
	if add {
		mutation = store.AddResourceServer{APIID: id, ClientID: client}
	}
	if api == nil || !add && len(api.ResourceServers) == 0 {
		m.write(t, store.ErrNotFound, mutation)
		return
	}
	m.write(t, nil, mutation)
	api.ResourceServers = nil
	if add {
		api.ResourceServers = []string{client}
	}
}

func (m *machine) compareAPIs(t *rapid.T) {
	for _, suffix := range []string{"-a", "-b", "-c"} {
		id := m.model.id + suffix
		got, err := m.env.store.API(m.env.ctx, id)
		want := m.model.apis[id]
		if want == nil {
			agree(t, "API "+id, err, store.ErrNotFound)
			continue
		}
		equal(t, "API "+id, got, err, *want)
	}
}
