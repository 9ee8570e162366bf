package mirror

import (
	"context"
	"log/slog"
	"slices"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// directory is the set of APIs; a change publishes another one.
type directory struct {
	list       []*API
	byAudience map[string]*API
	byID       map[string]*API
	live, test *scope.Index[*API]
}

// newDirectory makes the directory that comes after another one, which may be
// nil. An API whose scopes cannot be used is there without them: one bad record
// must not keep a node from serving the others.
func (m *Mirror) newDirectory(ctx context.Context, records []store.API, before *directory) *directory {
	d := &directory{
		byAudience: make(map[string]*API, len(records)),
		byID:       make(map[string]*API, len(records)),
		live:       scope.NewIndex[*API](),
		test:       scope.NewIndex[*API](),
	}
	for _, record := range records {
		var old *API
		if before != nil {
			old = before.byID[record.ID]
		}
		api, faults := newAPI(record, old)
		for _, fault := range faults {
			m.complain(ctx, api, fault)
		}
		err := d.index(api)
		if err != nil && (old == nil || !old.leftOut) {
			m.complain(ctx, api, err)
		}
		d.list = append(d.list, api)
		d.byAudience[record.Audience] = api
		d.byID[record.ID] = api
	}
	return d
}

// index adds the scopes of the API to those of its mode.
func (d *directory) index(api *API) error {
	if api.catalogue == nil {
		api.leftOut = true
		return nil
	}
	err := d.scopes(api.Mode).Add(api.catalogue, api)
	api.leftOut = err != nil
	return err
}

func (m *Mirror) complain(ctx context.Context, api *API, cause error) {
	m.Logger.LogAttrs(ctx, slog.LevelError, "an API cannot be served with all that its record says; the others are",
		slog.String("api", api.ID), slog.String("audience", api.Audience), slog.String("cause", cause.Error()))
}

func (d *directory) scopes(mode store.Mode) *scope.Index[*API] {
	if mode == store.Test {
		return d.test
	}
	return d.live
}

// servedBy returns the first API that the key is a resource server of, or nil.
func (d *directory) servedBy(clientID string) *API {
	for _, api := range d.list {
		if api.MayIntrospect(clientID) {
			return api
		}
	}
	return nil
}

// names reports whether the key is a resource server of one of the APIs.
func (d *directory) names(clientID string) bool {
	return slices.ContainsFunc(d.list, func(api *API) bool { return api.MayIntrospect(clientID) })
}
