package server_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// unreachable is a store that answers nothing while it is away.
type unreachable struct {
	store.Store
	away *atomic.Bool
}

var errAway = errors.Join(store.ErrUnavailable, errors.New("the cable was cut"))

func (u unreachable) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	if u.away.Load() {
		return store.Position{}, errAway
	}
	return u.Store.Write(ctx, by, mutations...)
}

func (u unreachable) Rotate(ctx context.Context, r store.Rotation) (store.Rotated, error) {
	if u.away.Load() {
		return store.Rotated{}, errAway
	}
	return u.Store.Rotate(ctx, r)
}

func (u unreachable) RecordUses(ctx context.Context, uses []store.SecretUse) error {
	if u.away.Load() {
		return errAway
	}
	return u.Store.RecordUses(ctx, uses)
}

func (u unreachable) Changes(ctx context.Context, after store.Position, limit int) ([]store.Change, error) {
	if u.away.Load() {
		return nil, errAway
	}
	return u.Store.Changes(ctx, after, limit)
}

func (u unreachable) Client(ctx context.Context, id string) (store.Client, error) {
	if u.away.Load() {
		return store.Client{}, errAway
	}
	return u.Store.Client(ctx, id)
}

func (u unreachable) Head(ctx context.Context) (store.Position, error) {
	if u.away.Load() {
		return store.Position{}, errAway
	}
	return u.Store.Head(ctx)
}

func (u unreachable) Setting(ctx context.Context, name string) ([]byte, error) {
	if u.away.Load() {
		return nil, errAway
	}
	return u.Store.Setting(ctx, name)
}

func (u unreachable) SigningKeys(ctx context.Context) ([]store.SigningKey, error) {
	if u.away.Load() {
		return nil, errAway
	}
	return u.Store.SigningKeys(ctx)
}

func (u unreachable) APIs(ctx context.Context) ([]store.API, error) {
	if u.away.Load() {
		return nil, errAway
	}
	return u.Store.APIs(ctx)
}

func (u unreachable) Clients(ctx context.Context, after string, limit int) ([]store.Client, error) {
	if u.away.Load() {
		return nil, errAway
	}
	return u.Store.Clients(ctx, after, limit)
}

// While the store is away, a server answers what it knows, does at once what it
// can, and promises nothing it cannot keep.
func TestWhatGoesOnWhileTheStoreIsAway(t *testing.T) {
	clock, away := newStanding(), &atomic.Bool{}
	i := launch(t, options{now: clock.Now, wrap: func(s store.Store) store.Store { return unreachable{s, away} }})
	key := i.twoFormats(t)
	bystander := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}})
	old := i.holdings(t, key)
	away.Store(true)
	clock.advance(time.Minute)

	i.token(t, key, "&scope=/ping.read").granted(t)
	i.introspect(t, key, old.jwt.fields["access_token"]).active(t)
	i.introspect(t, key, old.opaque.fields["access_token"]).active(t)
	i.revoke(t, key, old.opaque.fields["access_token"], "").comeAgain(t)
	i.introspect(t, key, old.opaque.fields["access_token"]).inactive(t)
	i.refresh(t, key, old.jwt.fields["refresh_token"], "").comeAgain(t)
	if got := i.do(t, get("/oauth2/jwks")); got.status != http.StatusOK {
		t.Errorf("the JWKS: got %d %s", got.status, got.body)
	}
	_, err := i.admin.SetKeyDisabled(t.Context(), bystander.ClientID, true)
	if err == nil {
		t.Error("an operator's change was accepted")
	}
	_, err = i.admin.ListSecrets(t.Context(), key.ClientID, admin.SecretRange{})
	if err == nil {
		t.Error("an operator was told when secrets were last used, which could not be written")
	}
	i.introspect(t, key, i.token(t, bystander, "").fields["access_token"]).inactive(t)
	used := clock.Now()

	away.Store(false)
	clock.advance(time.Minute)
	secrets, err := i.admin.ListSecrets(t.Context(), key.ClientID, admin.SecretRange{})
	must(t, err)
	if got := secrets.Items[0].LastUsedAt; !got.Equal(used.Truncate(time.Second)) {
		t.Errorf("the secret was last used at %s, want %s, when the store was away", got, used)
	}
	i.refresh(t, key, old.jwt.fields["refresh_token"], "").granted(t)
	i.revoke(t, key, old.opaque.fields["access_token"], "").revoked(t)
	i.introspect(t, key, old.opaque.fields["access_token"]).inactive(t)
	if !strings.Contains(i.log.String(), "the cable was cut") {
		t.Error("the log does not say why")
	}
}
