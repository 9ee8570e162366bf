package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/web"
)

// running is a console on a real store, with a clock that stands still.
type running struct {
	*Console
	t       *testing.T
	db      *sqlstore.Store
	handler http.Handler
	now     time.Time
	log     *bytes.Buffer
}

type sealing struct{ *keys.Sealer }

func (s sealing) Seal(context string, plain []byte) []byte {
	return s.Sealer.Seal(keys.Operator, context, plain)
}

func (s sealing) Open(context string, sealed []byte) ([]byte, error) {
	return s.Sealer.Open(keys.Operator, context, sealed)
}

type flushed struct{}

func (flushed) Flush(context.Context) error { return nil }

func start(t *testing.T) *running {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	sealer, err := keys.NewSealer(keys.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, db: db, now: time.Now().UTC().Truncate(time.Second), log: &bytes.Buffer{}}
	now := func() time.Time { return r.now }
	logger := telemetry.NewLogger(r.log, telemetry.Text, slog.LevelDebug)
	schedule := keys.Schedule{PublishAhead: 10 * time.Minute, RotateEvery: 90 * 24 * time.Hour, Retain: 24 * time.Hour, MaxAge: 5 * time.Minute}
	ring := &keys.Ring{Sealer: sealer, Schedule: schedule, Now: now}
	m := &mirror.Mirror{Source: db, Keyring: ring, Logger: logger, Now: now}
	err = m.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	usecases := &admin.UseCases{
		Store: db, UsageCounts: db, Keys: ring, Schedule: schedule, Mirror: m, Pepper: clientauth.NewPepper([32]byte{2}),
		Uses: flushed{}, Operators: db, ConsoleURL: "http://localhost", Derive: sealer.Derive, Now: now,
	}
	r.Console = &Console{
		UseCases: usecases, Store: db, Sealer: sealing{sealer}, Issuer: "https://auth.example.com", Now: now,
		Plumbing: &web.Plumbing{Logger: logger, Metrics: telemetry.NewMetrics(prometheus.NewRegistry()), Now: now, BodyTimeout: time.Second},
		Node:     func() Node { return Node{Version: "1", Started: r.now} },
	}
	r.handler, err = r.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	body string
}

// request sends a request with a cookie, "" for none; change may do more to it.
func (r *running) request(method, path, cookie string, form url.Values, change ...func(*http.Request)) answer {
	r.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	request := httptest.NewRequest(method, "http://localhost"+path, body)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		request.AddCookie(&http.Cookie{Name: "grantd_console", Value: cookie})
	}
	for _, c := range change {
		c(request)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, request)
	return answer{w, w.Body.String()}
}

// session returns the new secret in the cookie that an answer sets; "" without one.
func (a answer) session() string {
	for _, c := range a.Result().Cookies() {
		if c.Name == "grantd_console" {
			return c.Value
		}
	}
	return ""
}

// signedIn makes an operator and a session.
func (r *running) signedIn(name string, role store.Role) string {
	r.t.Helper()
	o := store.Operator{ID: name, Name: name, Role: role, CreatedAt: r.now, UpdatedAt: r.now}
	_, err := r.db.Write(r.t.Context(), store.Origin{Actor: "test", At: r.now}, store.CreateOperator{Operator: o})
	secret := rand.Text()
	if err == nil {
		err = r.db.CreateSession(r.t.Context(), store.OperatorSession{
			Hash: hashOf(secret), OperatorID: o.ID, Role: role, CreatedAt: r.now, SeenAt: r.now, ConfirmedAt: r.now,
		})
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return secret
}

// isIn says whether a session is good for a page.
func (r *running) isIn(cookie string) bool {
	r.t.Helper()
	return r.request("GET", "/console/account", cookie, nil).Code == http.StatusOK
}
