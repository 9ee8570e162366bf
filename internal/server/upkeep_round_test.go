package server

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// TestARoundOfUpkeepReachesTheStore is about the wiring: what the server's own
// upkeep does to a real store.
func TestARoundOfUpkeepReachesTheStore(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	cfg, err := config.Load(config.Sources{Dev: true, Flags: map[string]string{"data_dir": dir}})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(dir, "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := &Server{
		Config: cfg, Store: db, Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
		Now: func() time.Time { return now },
	}
	err = s.prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.wire()
	secret := store.Secret{ID: "secret", Name: "secret", Hash: make([]byte, 32), CreatedAt: now}
	revocation := store.Revocation{ID: store.TokenID{1}, ExpiresAt: now.Add(time.Hour)}
	_, err = db.Write(t.Context(), store.Origin{Actor: "test", At: now},
		store.CreateClient{Client: store.Client{ID: "key", Name: "key", Mode: store.Live, Secrets: []store.Secret{secret}, CreatedAt: now, UpdatedAt: now}},
		store.RevokeToken{Revocation: revocation},
	)
	if err != nil {
		t.Fatal(err)
	}
	round := func() {
		t.Helper()
		err := s.mirror.Sync(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		u := s.upkeep()
		u.failing = map[string]bool{}
		u.round(t.Context())
		for duty := range u.failing {
			if u.failing[duty] {
				t.Errorf("%s failed", duty)
			}
		}
	}

	s.usage.uses.Return([]store.SecretUse{{ClientID: "key", Hash: secret.Hash, At: now, From: "192.0.2.1"}})
	round()
	key, err := db.Client(t.Context(), "key")
	if err != nil || !key.Secrets[0].LastUsedAt.Equal(now) || key.Secrets[0].LastUsedFrom != "192.0.2.1" {
		t.Errorf("the use of the secret was not written down: %+v, %v", key.Secrets, err)
	}
	told, err := db.Nodes(t.Context())
	if err != nil || len(told) != 1 || told[0].Node != s.node || told[0].Keys != 1 || !told[0].ReportedAt.Equal(now) || !told[0].StartedAt.Equal(now) {
		t.Errorf("the node told %+v of itself, %v", told, err)
	}
	if n := s.mirror.Revocations(); n != 1 {
		t.Errorf("the mirror knows %d revocations, want 1", n)
	}

	now = now.Add(3 * time.Hour)
	round()
	left, err := db.Revocations(t.Context(), store.Revocation{}, 10)
	if err != nil || len(left) != 0 || s.mirror.Revocations() != 0 {
		t.Errorf("the store keeps %v and the mirror %d revocations that have expired, %v", left, s.mirror.Revocations(), err)
	}

	statuses := func() []keys.Status {
		t.Helper()
		records, err := db.SigningKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s.schedule.Statuses(records, now)
	}
	if n := len(statuses()); n != 1 {
		t.Errorf("there are %d signing keys long before the first must rotate", n)
	}
	now = now.Add(cfg.SigningKeys.RotateEvery)
	round()
	round()
	rotated := statuses()
	if len(rotated) != 2 || rotated[1].State != keys.StatePending || !rotated[1].ActivatesAt.Equal(now.Add(cfg.SigningKeys.JWKSMaxAge+cfg.MaxStaleness)) {
		t.Errorf("after %s the signing keys are %+v", cfg.SigningKeys.RotateEvery, rotated)
	}
	now = now.Add(8 * 24 * time.Hour)
	round()
	if after := statuses(); len(after) != 1 || after[0].ID != rotated[1].ID {
		t.Errorf("a week later the signing keys are %+v", after)
	}
}
