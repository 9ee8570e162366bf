package mirror_test

import (
	"context"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// busy is a source in which somebody writes right after a list was read, once.
type busy struct {
	mirror.Source
	read  string
	write func()
}

func (b *busy) wrote(list string) {
	if b.read == list {
		b.read = ""
		b.write()
	}
}

func (b *busy) SigningKeys(ctx context.Context) ([]store.SigningKey, error) {
	defer b.wrote("signing keys")
	return b.Source.SigningKeys(ctx)
}

func (b *busy) APIs(ctx context.Context) ([]store.API, error) {
	defer b.wrote("APIs")
	return b.Source.APIs(ctx)
}

func (b *busy) Clients(ctx context.Context, after string, limit int) ([]store.Client, error) {
	defer b.wrote("keys")
	return b.Source.Clients(ctx, after, limit)
}

func TestAChangeDuringTheLoadIsNotLost(t *testing.T) {
	const audience = "https://late.example"
	for _, read := range []string{"signing keys", "APIs", "keys"} {
		t.Run("right after the "+read+" were read", func(t *testing.T) {
			db := open(t)
			write(t, db, store.CreateClient{Client: client("early")}, store.CreateClient{Client: client("short")})
			source := &busy{Source: db, read: read, write: func() {
				write(t, db,
					store.CreateAPI{API: store.API{ID: "late", Mode: store.Live, Audience: audience, Scopes: []string{"/late.read"}, TokenFormat: store.JWT, Algorithm: "ES256", Type: "at+jwt", AccessTokenLifetime: time.Hour, RefreshTokenLifetime: time.Hour}},
					store.CreateSigningKey{SigningKey: store.SigningKey{ID: "late", Algorithm: "ES256", Sealed: []byte("x")}},
					store.CreateClient{Client: client("late")},
					store.SetClientDisabled{ID: "early", Disabled: true},
					store.DeleteClient{ID: "short"},
				)
			}}
			m, ring := newMirror(t, source)
			err := m.Sync(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if source.read != "" {
				t.Fatal("nothing was written during the load")
			}
			if m.API(audience) == nil || len(ring.loaded) != 1 {
				t.Errorf("API there: %v, signing keys: %d; want both", m.API(audience) != nil, len(ring.loaded))
			}
			if m.Client("late") == nil || m.Client("short") != nil || !m.Client("early").Disabled() {
				t.Errorf("new key there: %v, deleted key there: %v, disabled key disabled: %v",
					m.Client("late") != nil, m.Client("short") != nil, m.Client("early").Disabled())
			}
		})
	}
}
