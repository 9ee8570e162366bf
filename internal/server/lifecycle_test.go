package server_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/server"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// once runs a server on the directory until it is ready, and stops it.
func once(t *testing.T, dir string, flags map[string]string) (server.Info, error) {
	t.Helper()
	settings := map[string]string{"listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "data_dir": dir}
	for key, value := range flags {
		settings[key] = value
	}
	cfg, err := config.Load(config.Sources{Dev: true, Flags: settings})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(dir, "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var seen server.Info
	s := &server.Server{
		Config:   cfg,
		Store:    db,
		Logger:   slog.New(slog.DiscardHandler),
		Registry: prometheus.NewRegistry(),
		Now:      time.Now,
		Dev:      true,
		Ready: func(info server.Info) {
			seen = info
			stop()
		},
	}
	err = s.Run(ctx)
	return seen, err
}

func TestARestartKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	first, err := once(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := once(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.CreatedFiles) != 2 || len(second.CreatedFiles) != 0 {
		t.Errorf("key files created: first %v, second %v", first.CreatedFiles, second.CreatedFiles)
	}
	if *first.Demo != *second.Demo {
		t.Errorf("the demo keys changed: %v, then %v", first.Demo, second.Demo)
	}
}

func TestAServerRefusesToStart(t *testing.T) {
	tests := []struct {
		name   string
		spoil  func(t *testing.T, dir string) map[string]string
		fail   string
		advice string
	}{
		{
			"without its master key",
			func(t *testing.T, dir string) map[string]string { return remove(t, dir, "keys/master.key") },
			"the file of the master key is missing", "signing keys cannot be opened",
		},
		{
			"without its pepper",
			func(t *testing.T, dir string) map[string]string { return remove(t, dir, "keys/pepper.key") },
			"the file of the pepper is missing", "no key can authenticate",
		},
		{
			"with another master key",
			func(*testing.T, string) map[string]string {
				return map[string]string{"master_key": strings.Repeat("A", 43)}
			},
			"this master key is not the one", "from your backup",
		},
		{
			"with a key file that others can read",
			func(t *testing.T, dir string) map[string]string {
				err := os.Chmod(filepath.Join(dir, "keys/pepper.key"), 0o640)
				if err != nil {
					t.Fatal(err)
				}
				return nil
			},
			"can be read by others", "chmod 600",
		},
		{
			"with a master key that is none",
			func(*testing.T, string) map[string]string { return map[string]string{"master_key": "short"} },
			"not 43 characters", "openssl",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := once(t, dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = once(t, dir, tt.spoil(t, dir))
			if err == nil || !strings.Contains(err.Error(), tt.fail) {
				t.Fatalf("got %v, want something about %q", err, tt.fail)
			}
			if !strings.Contains(fault.HintOf(err), tt.advice) {
				t.Errorf("the hint is %q, want something about %q", fault.HintOf(err), tt.advice)
			}
		})
	}
}

func remove(t *testing.T, dir, name string) map[string]string {
	t.Helper()
	err := os.Remove(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return nil
}

func TestAnAddressInUseIsNamed(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = once(t, t.TempDir(), map[string]string{"listen": taken.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), "is in use") || !strings.Contains(fault.HintOf(err), "--listen") {
		t.Errorf("got %v, hint %q", err, fault.HintOf(err))
	}
}

// unreadable is a store whose feed cannot be read once it is cut.
type unreadable struct {
	store.Store
	cut chan struct{}
}

func (u unreadable) Changes(ctx context.Context, after store.Position, limit int) ([]store.Change, error) {
	select {
	case <-u.cut:
		return nil, errors.Join(store.ErrUnavailable, errors.New("disk on fire"))
	default:
		return u.Store.Changes(ctx, after, limit)
	}
}

func TestTokensGoOnForAWhileWithoutTheStore(t *testing.T) {
	c, cut := &clock{}, make(chan struct{})
	i := startOn(t, c, nil, func(s store.Store) store.Store { return unreadable{s, cut} })
	close(cut)
	c.advance(4 * time.Minute)
	if got := i.form(t, grantForm); got.status != http.StatusOK {
		t.Errorf("after four minutes: got %d %s", got.status, got.body)
	}
	c.advance(2 * time.Minute)
	got := i.form(t, grantForm)
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || got.fields["error"] != "temporarily_unavailable" {
		t.Errorf("after six minutes: got %d %s, Retry-After %q", got.status, got.body, got.header.Get("Retry-After"))
	}
	if strings.Contains(got.body, "fire") {
		t.Errorf("the answer shows the cause: %s", got.body)
	}
	if status := i.do(t, get("/readyz")).status; status != http.StatusServiceUnavailable {
		t.Errorf("readyz: got %d", status)
	}
	if status := i.do(t, get("/healthz")).status; status != http.StatusOK {
		t.Errorf("healthz: got %d", status)
	}
}
