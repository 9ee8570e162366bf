package server_test

import (
	"context"
	"errors"
	"log/slog"
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
)

// Master keys of the tests.
var (
	masterA = strings.Repeat("A", 43)
	masterB = strings.Repeat("B", 42) + "A"
	masterC = strings.Repeat("C", 42) + "A"
)

func writeMasterKeys(t *testing.T, dir string, lines ...string) {
	t.Helper()
	path := filepath.Join(dir, "keys", "master.key")
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err != nil {
		t.Fatal(err)
	}
	err = os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
}

// resealed counts the signing keys that the audit trail says were resealed.
func (i *instance) resealed(t *testing.T) int {
	t.Helper()
	n := 0
	for _, row := range i.audit(t) {
		if row.Event != store.EventSigningKeyResealed {
			continue
		}
		n++
		if row.Actor != "system" {
			t.Errorf("%s resealed a signing key", row.Actor)
		}
	}
	return n
}

func TestTheMasterKeyIsReplaced(t *testing.T) {
	dir := t.TempDir()
	listen := "127.0.0.1:0"
	begin := func(lines ...string) *instance {
		t.Helper()
		writeMasterKeys(t, dir, lines...)
		// The issuer has the port in it.
		i := launch(t, options{dir: dir, flags: map[string]string{"listen": listen}})
		listen = i.PublicAddr
		return i
	}
	i := begin(masterA)
	key := i.twoFormats(t)
	i.operate(t, http.MethodPost, "/admin/v1/signing-keys/rotate", map[string]any{"alg": "ES256", "now": true}, nil)
	jwks := i.do(t, request{method: http.MethodGet, path: "/oauth2/jwks"}).body
	if strings.Count(jwks, `"kid"`) != 2 {
		t.Fatalf("two keys are published, or so this test thinks: %s", jwks)
	}
	tokens := func(i *instance) (jwt, opaque answer) {
		return i.token(t, key, "&scope=/ping.read"), i.token(t, key, "&scope=/opaque.read")
	}
	sameKeys := func(t *testing.T, i *instance) {
		t.Helper()
		got := i.do(t, request{method: http.MethodGet, path: "/oauth2/jwks"}).body
		if got != jwks {
			t.Errorf("the JWKS was %s\nand is %s", jwks, got)
		}
	}
	jwtOfA, opaqueOfA := tokens(i)
	i.end()

	i = begin(masterB, masterA)
	t.Run("with the new key before the old one, everything goes on", func(t *testing.T) {
		sameKeys(t, i)
		i.introspect(t, key, jwtOfA.fields["access_token"]).active(t)
		i.introspect(t, key, opaqueOfA.fields["access_token"]).active(t)
		i.introspect(t, key, opaqueOfA.fields["refresh_token"]).active(t)
		child := i.refresh(t, key, jwtOfA.fields["refresh_token"], "").granted(t)
		i.refresh(t, key, child, "").granted(t)
	})
	t.Run("the signing keys are sealed anew", func(t *testing.T) {
		if n := i.resealed(t); n != 2 {
			t.Errorf("%d were, want 2", n)
		}
	})
	jwtOfB, opaqueOfB := tokens(i)
	i.end()

	i = begin(masterB, masterA)
	t.Run("another start writes nothing", func(t *testing.T) {
		sameKeys(t, i)
		if n := i.resealed(t); n != 2 {
			t.Errorf("%d signing keys were sealed anew in all, want 2", n)
		}
	})
	i.end()

	i = begin(masterB)
	t.Run("without the old key, what it sealed for clients has ended, and nothing else", func(t *testing.T) {
		sameKeys(t, i)
		i.introspect(t, key, opaqueOfA.fields["access_token"]).inactive(t)
		i.introspect(t, key, opaqueOfA.fields["refresh_token"]).inactive(t)
		i.refresh(t, key, opaqueOfA.fields["refresh_token"], "").refused(t)
		i.introspect(t, key, jwtOfA.fields["access_token"]).active(t)
		for _, a := range []answer{jwtOfB, opaqueOfB} {
			i.introspect(t, key, a.fields["access_token"]).active(t)
			i.refresh(t, key, a.fields["refresh_token"], "").granted(t)
		}
	})
	i.end()

	i = begin(masterC, masterA, masterB)
	t.Run("the old key may stand in any place after the new one", func(t *testing.T) {
		sameKeys(t, i)
		i.introspect(t, key, opaqueOfA.fields["access_token"]).active(t)
		i.introspect(t, key, opaqueOfB.fields["access_token"]).active(t)
	})
	i.end()
}

// beginWith tries to start a server on the directory with these master keys, and
// stops it when it is ready.
func beginWith(t *testing.T, dir string, wrap func(store.Store) store.Store, masters ...string) error {
	t.Helper()
	cfg, err := config.Load(config.Sources{Dev: true, Flags: map[string]string{
		"listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "data_dir": dir, "master_key": strings.Join(masters, " "),
	}})
	if err != nil {
		t.Fatal(err)
	}
	db, err := openSQLite(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	s := &server.Server{
		Config:   cfg,
		Store:    wrap(db),
		Logger:   slog.New(slog.DiscardHandler),
		Registry: prometheus.NewRegistry(),
		Now:      time.Now,
		Dev:      true,
		Ready:    func(server.Info) { stop() },
	}
	return s.Run(ctx)
}

func asItIs(s store.Store) store.Store { return s }

// crashing ends a start at a write, before it or after it.
type crashing struct {
	store.Store
	inWrite, beforeSetting, afterSetting bool
}

var errCrash = errors.New("crashed")

func (c crashing) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	position, err := c.Store.Write(ctx, by, mutations...)
	if c.inWrite {
		return position, errCrash
	}
	return position, err
}

func (c crashing) SetSetting(ctx context.Context, name string, value []byte) error {
	if c.beforeSetting {
		return errCrash
	}
	err := c.Store.SetSetting(ctx, name, value)
	if c.afterSetting {
		return errCrash
	}
	return err
}

func TestACrashWhileTheMasterKeyIsReplaced(t *testing.T) {
	tests := []struct {
		name  string
		crash crashing
	}{
		{"after the signing keys were sealed anew", crashing{inWrite: true}},
		{"before the fingerprint was replaced", crashing{beforeSetting: true}},
		{"after the fingerprint was replaced", crashing{afterSetting: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			err := beginWith(t, dir, asItIs, masterA)
			if err != nil {
				t.Fatal(err)
			}
			crash := func(s store.Store) store.Store {
				tt.crash.Store = s
				return tt.crash
			}
			err = beginWith(t, dir, crash, masterB, masterA)
			if !errors.Is(err, errCrash) {
				t.Fatalf("the start ended with %v", err)
			}
			err = beginWith(t, dir, asItIs, masterB, masterA)
			if err != nil {
				t.Fatalf("with both keys: %v", err)
			}
			err = beginWith(t, dir, asItIs, masterB)
			if err != nil {
				t.Errorf("with the new key alone: %v", err)
			}
		})
	}
	t.Run("before the fingerprint was replaced, the old key is still demanded", func(t *testing.T) {
		dir := t.TempDir()
		err := beginWith(t, dir, asItIs, masterA)
		if err != nil {
			t.Fatal(err)
		}
		err = beginWith(t, dir, func(s store.Store) store.Store { return crashing{Store: s, beforeSetting: true} }, masterB, masterA)
		if !errors.Is(err, errCrash) {
			t.Fatalf("the start ended with %v", err)
		}
		err = beginWith(t, dir, asItIs, masterB)
		if err == nil || !strings.Contains(fault.HintOf(err), "from your backup") {
			t.Errorf("with the new key alone: %v, hint %q", err, fault.HintOf(err))
		}
		err = beginWith(t, dir, asItIs, masterA)
		if err == nil || !strings.Contains(fault.HintOf(err), "the master key that sealed it") {
			t.Errorf("with the old key alone: %v, hint %q", err, fault.HintOf(err))
		}
		err = beginWith(t, dir, asItIs, masterA, masterB)
		if err != nil {
			t.Errorf("back to the old key, with the new one after it: %v", err)
		}
		err = beginWith(t, dir, asItIs, masterA)
		if err != nil {
			t.Errorf("then with the old key alone: %v", err)
		}
	})
}

func TestMasterKeysOfAnotherDatabase(t *testing.T) {
	dir := t.TempDir()
	err := beginWith(t, dir, asItIs, masterA)
	if err != nil {
		t.Fatal(err)
	}
	for name, masters := range map[string][]string{
		"another":                    {masterB},
		"several others":             {masterB, masterC},
		"the right one and rubbish":  {masterA, "rubbish"},
		"the right one twice":        {masterA, masterA},
		"more than there is room":    {masterA, masterB, masterC, strings.Repeat("D", 42) + "A", strings.Repeat("E", 42) + "A"},
		"the right one with padding": {masterA + "="},
	} {
		err = beginWith(t, dir, asItIs, masters...)
		if err == nil || fault.HintOf(err) == "" {
			t.Errorf("%s: got %v, hint %q", name, err, fault.HintOf(err))
		}
		for _, master := range masters {
			if err != nil && strings.Contains(err.Error()+fault.HintOf(err), master) {
				t.Errorf("%s: the error shows a master key: %v", name, err)
			}
		}
	}
	err = beginWith(t, dir, asItIs, masterA)
	if err != nil {
		t.Errorf("with its own: %v", err)
	}
}

func TestThePepperIsOne(t *testing.T) {
	dir := t.TempDir()
	err := beginWith(t, dir, asItIs, masterA)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "keys", "pepper.key")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	err = os.WriteFile(path, append([]byte(masterB+"\n"), text...), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	err = beginWith(t, dir, asItIs, masterA)
	if err == nil || !strings.Contains(fault.HintOf(err), "cannot be replaced") {
		t.Errorf("got %v, hint %q", err, fault.HintOf(err))
	}
}
