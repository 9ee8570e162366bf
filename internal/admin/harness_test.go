package admin_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
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

// schedule rotates fast enough to be watched, in whole minutes.
var schedule = keys.Schedule{
	PublishAhead: 10 * time.Minute, RotateEvery: 90 * 24 * time.Hour, Retain: 24 * time.Hour, MaxAge: 5 * time.Minute,
}

// running is a server of the admin calls on a real socket and a real store.
type running struct {
	*admin.Client
	usecases *admin.UseCases
	dataDir  string
	store    *sqlstore.Store
	mirror   *mirror.Mirror
	ring     *keys.Ring
	auth     *clientauth.Authenticator
	issued   *issued
	clock    *clock
	log      *bytes.Buffer

	leaseOnce sync.Once
	lease     store.Lease
}

func start(t *testing.T, dataDir string) *running {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := keys.NewSealer(keys.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	clock := &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	log := &bytes.Buffer{}
	logger := telemetry.NewLogger(log, telemetry.Text, slog.LevelDebug)
	ring := &keys.Ring{Sealer: sealer, Schedule: schedule, Now: clock.Now}
	m := &mirror.Mirror{Source: db, Keyring: ring, Logger: logger, Now: clock.Now}
	err = m.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pepper := clientauth.NewPepper([32]byte{2})
	uses := &clientauth.Uses{}
	known := &issued{mirror: m}
	usecases := &admin.UseCases{
		Store: db, UsageCounts: db, Keys: ring, Schedule: schedule, Mirror: m, Pepper: pepper,
		Uses: usage{uses, db}, Tokens: known, Explainer: explained{m}, Derive: sealer.Derive, Now: clock.Now,
	}
	listener, err := admin.Listen(t.Context(), dataDir)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ConnContext: admin.ConnContext, Handler: admin.Routes(usecases,
		&web.Plumbing{Logger: logger, Metrics: telemetry.NewMetrics(prometheus.NewRegistry()), Now: time.Now, BodyTimeout: time.Second},
	)}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		err := errors.Join(server.Close(), db.Close())
		if err != nil || !errors.Is(<-done, http.ErrServerClosed) {
			t.Errorf("stop: %v", err)
		}
	})
	auth := &clientauth.Authenticator{Clients: m, Pepper: pepper, Imported: clientauth.NewImported(pepper), Uses: uses, Now: clock.Now}
	return &running{
		Client: admin.NewClient(dataDir), usecases: usecases, dataDir: dataDir, store: db, mirror: m, ring: ring, auth: auth,
		issued: known, clock: clock, log: log,
	}
}

// clock stands still until it is told to go on.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// usage writes the uses of secrets down when it is asked to, as the server does.
type usage struct {
	uses *clientauth.Uses
	db   *sqlstore.Store
}

func (u usage) Flush(ctx context.Context) error { return u.db.RecordUses(ctx, u.uses.Drain()) }

// issued are the tokens of this server; what ends them is read from the mirror.
type issued struct {
	mirror *mirror.Mirror
	tokens map[string]admin.Inspection
}

func (i *issued) Inspect(token string) admin.Inspection {
	seen, ours := i.tokens[token]
	if !ours {
		return admin.Inspection{Why: "it is no token of this server: its signing key is unknown"}
	}
	seen.Active = !i.mirror.Revoked(seen.Revocation.ID)
	if !seen.Active {
		seen.Why = "it has been revoked"
	}
	return seen
}

// explained answers for the keys that the mirror knows.
type explained struct{ mirror *mirror.Mirror }

func (e explained) ExplainRequest(clientID string, q admin.ExplainQuestion) (admin.Explanation, bool) {
	if e.mirror.Client(clientID) == nil {
		return admin.Explanation{}, false
	}
	return admin.Explanation{
		Granted: true, Sentence: fmt.Sprintf("%s for %s at %s", q.GrantType, q.Scope, q.At.Format(time.RFC3339)),
		Steps: []admin.ExplainedStep{{Rule: "key", Passed: true, Sentence: "it is there"}},
	}, true
}

func (explained) ExplainAccess(token, method, path, audience string) admin.Explanation {
	return admin.Explanation{Sentence: fmt.Sprintf("%d bytes, %s %s of %q", len(token), method, path, audience)}
}

// use authenticates with a secret of the key from an address.
func (s *running) use(t *testing.T, clientID, secret, from string) error {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(clientID + ":" + secret))
	_, err := s.auth.Authenticate(t.Context(), &web.Request{
		At:            s.clock.Now(),
		Authorization: "Basic " + basic, Peer: from + ":4711", Record: &web.Record{},
	})
	return err
}

// works fails the test unless the secret is accepted, or is not.
func (s *running) works(t *testing.T, clientID, secret string, want bool) {
	t.Helper()
	err := s.use(t, clientID, secret, "10.0.0.7")
	if (err == nil) != want {
		t.Errorf("the secret of %s is accepted: %v (%v), want %v", clientID, err == nil, err, want)
	}
}

// key makes an API and a key for it.
func (s *running) key(t *testing.T) admin.CreatedKey {
	t.Helper()
	_, err := s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://a.example", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.CreateKey(t.Context(), admin.NewKey{Name: "backend", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// events returns what the audit trail says was done, and fails the test when its
// chain is broken.
func (s *running) events(t *testing.T) []string {
	t.Helper()
	verdict, err := s.VerifyAudit(t.Context())
	if err != nil || !verdict.Intact {
		t.Errorf("the audit trail: %+v, %v", verdict, err)
	}
	rows, err := s.ListAudit(t.Context(), admin.Range{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, row := range rows.Items {
		events = append(events, row.Event)
	}
	return events
}

// notLogged fails the test when a text that is nobody's business is in the log.
func (s *running) notLogged(t *testing.T, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if secret == "" || strings.Contains(s.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// keepSigningKeys does it as the node that has the lease.
func (s *running) keepSigningKeys(t *testing.T) error {
	t.Helper()
	s.leaseOnce.Do(func() {
		at := s.clock.Now()
		var err error
		s.lease, err = s.store.AcquireLease(t.Context(), store.LeaseRequest{Name: "upkeep", At: at, Until: at.Add(time.Minute)})
		if err != nil {
			t.Error(err)
		}
	})
	return s.usecases.KeepSigningKeys(t.Context(), s.lease)
}
