package server_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// raced is a store in which another node changes a record between the look at it and the
// next write.
type raced struct {
	store.Store
	armed *atomic.Bool
}

func (r raced) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	if r.armed.Swap(false) {
		var other store.Mutation
		switch m := mutations[0].(type) {
		case store.UpdateClient:
			m.Client.Name = "of the other node"
			other = m
		case store.UpdateAPI:
			m.API.AccessTokenLifetime = 77e9
			other = m
		}
		_, err := r.Store.Write(ctx, by, other)
		if err != nil {
			return store.Position{}, err
		}
	}
	return r.Store.Write(ctx, by, mutations...)
}

func TestAChangeByAnotherNodeInBetweenIsSeen(t *testing.T) {
	armed := &atomic.Bool{}
	i := launch(t, options{wrap: func(s store.Store) store.Store { return raced{s, armed} }})
	c := i.administrator(t, "", append(admin.Scopes(), "/accounts.read")...)
	api := c.call(t, "POST", "/admin/v1/apis", `{"audience":"https://other.example","scopes":["/other.read"]}`)
	apiID, _ := api.fields["id"].(string)
	for path, tt := range map[string]struct{ body, field, now, wanted string }{
		"/admin/v1/keys/" + c.madeKey(t, ""): {`{"name":"mine"}`, "name", "of the other node", "mine"},
		"/admin/v1/apis/" + apiID:            {`{"access_token_lifetime":99}`, "access_token_lifetime", "1m17s", "1m39s"},
	} {
		etag := c.call(t, "GET", path, "").header.Get("ETag")
		armed.Store(true)
		got := c.call(t, "PATCH", path, tt.body, "If-Match", etag)
		want := []any{map[string]any{"field": tt.field, "now": tt.now, "wanted": tt.wanted}}
		if got.status != http.StatusPreconditionFailed || !cmp.Equal(got.fields["differences"], any(want)) {
			t.Errorf("%s: got %d %s", path, got.status, got.body)
		}
	}
}
