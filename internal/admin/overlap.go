package admin

import (
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// catalogued is an API with its catalogue, and where the request has it: apis[2],
// or empty when the request is about it alone.
type catalogued struct {
	path      string
	record    store.API
	catalogue *scope.Catalogue
}

// checkOverlaps refuses a catalogue in which a scope could mean something in
// another API of its mode, too: one of the others, or one that comes before it.
func checkOverlaps(mine []catalogued, others []store.API) error {
	catalogues := readCatalogues(others)
	modes := map[store.Mode]*scope.Index[string]{
		store.Live: scope.NewIndex[string](),
		store.Test: scope.NewIndex[string](),
	}
	for _, other := range catalogues {
		// They were checked when they were saved; a change of the rules since then is
		// no fault of this request.
		_ = modes[other.record.Mode].Add(other.catalogue, other.record.Audience)
	}
	for _, one := range mine {
		err := modes[one.record.Mode].Add(one.catalogue, one.record.Audience)
		if err != nil {
			return within(one.path, overlap(one, catalogues, err))
		}
		catalogues = append(catalogues, one)
	}
	return nil
}

// readCatalogues leaves out those that cannot be read; no token is for them.
func readCatalogues(apis []store.API) []catalogued {
	var read []catalogued
	for _, api := range apis {
		catalogue, err := scope.ParseCatalogue(api.Scopes, parametersFrom(api.Parameters))
		if err == nil {
			read = append(read, catalogued{record: api, catalogue: catalogue})
		}
	}
	return read
}

// overlap says with whose scope one of mine stands in conflict.
func overlap(mine catalogued, others []catalogued, err error) error {
	field := "scopes"
	e, ok := errors.AsType[*scope.Error](err)
	if ok && e.Entry > 0 {
		field = at(field, e.Entry-1)
	}
	const hint = "a scope belongs to one API; rename one of the two"
	for _, other := range others {
		if other.record.Mode != mine.record.Mode {
			continue
		}
		clash, found := mine.catalogue.Overlap(other.catalogue)
		switch {
		case !found || ok && clash.Mine != e.Scope:
			continue
		case clash.Mine == clash.Theirs:
			return conflict(field, fmt.Sprintf("scope %s belongs to %s already", clash.Mine, other.record.Audience),
				"a scope belongs to one API; give this one another name")
		case clash.Example == "":
			return conflict(field, fmt.Sprintf("scope %s could mean the same as %s of %s: their patterns are too large to compare",
				clash.Mine, clash.Theirs, other.record.Audience), hint)
		}
		return conflict(field, fmt.Sprintf("scope %s could mean the same as %s of %s: %s is both",
			clash.Mine, clash.Theirs, other.record.Audience, clash.Example), hint)
	}
	return conflict(field, err.Error(), hint)
}
