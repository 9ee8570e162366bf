package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/server"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tb is what the harness needs of a test; the one of rapid has it as well.
type tb interface {
	rapid.TB
	Cleanup(f func())
	Context() context.Context
}

// engine is a kind of store that the tests can run on.
type engine struct {
	name string
	open func(ctx context.Context, dir string, onStatement func(name string)) (store.Store, error)
}

// engines are all there are.
func engines() []engine { return []engine{{"SQLite", openSQLite}} }

func openSQLite(ctx context.Context, dir string, onStatement func(name string)) (store.Store, error) {
	return sqlstore.Open(ctx, sqlstore.Config{Path: filepath.Join(dir, databaseName), OnStatement: onStatement})
}

const databaseName = "grantd.db"

// instance is a server that runs in this process on real sockets and a real
// database.
type instance struct {
	server.Info
	dir   string
	log   *logBuffer
	now   func() time.Time
	http  *http.Client
	admin *admin.Client
	// stop tells the server to end; the test's end waits for it.
	stop func()
	// end stops the server and waits until its database is closed.
	end func()
}

// logBuffer is a log that is written and read at once.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// clock is time.Now plus an offset that tests move.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// start runs a server until the test ends.
func start(t *testing.T, flags map[string]string) *instance {
	t.Helper()
	return startWith(t, &clock{}, flags)
}

func startWith(t *testing.T, c *clock, flags map[string]string) *instance {
	t.Helper()
	return startOn(t, c, flags, func(s store.Store) store.Store { return s })
}

// startOn runs a server on what wrap makes of the real store.
func startOn(t *testing.T, c *clock, flags map[string]string, wrap func(store.Store) store.Store) *instance {
	t.Helper()
	return launch(t, options{now: c.Now, flags: flags, wrap: wrap})
}

// options are how a server is started; the zero value is a server of its own.
type options struct {
	// now is the clock; nil is the real one.
	now   func() time.Time
	flags map[string]string
	// engine is what store it has; the zero value is the first of engines.
	engine engine
	// wrap puts something around the store; nil leaves it as it is.
	wrap func(store.Store) store.Store
	// onStatement is called for each statement of the store; it may be nil.
	onStatement func(name string)
	// dir is the data directory of a server that has ended; empty makes a new one.
	dir string
}

func (o options) filled(t tb) options {
	t.Helper()
	if o.now == nil {
		o.now = time.Now
	}
	if o.engine.open == nil {
		o.engine = engines()[0]
	}
	if o.wrap == nil {
		o.wrap = func(s store.Store) store.Store { return s }
	}
	if o.dir != "" {
		return o
	}
	// The tests of rapid have no TempDir.
	dir, err := os.MkdirTemp("", "grantd-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	o.dir = dir
	return o
}

// launch runs a server until the test ends, or end is called.
func launch(t tb, o options) *instance {
	t.Helper()
	i, err := tryLaunch(t, o)
	if err != nil {
		t.Fatalf("the server did not start: %v", err)
	}
	return i
}

// tryLaunch is launch for a server that may refuse to start.
func tryLaunch(t tb, o options) (*instance, error) {
	t.Helper()
	o = o.filled(t)
	settings := map[string]string{
		"listen":       "127.0.0.1:0",
		"admin_listen": "127.0.0.1:0",
		"data_dir":     o.dir,
	}
	maps.Copy(settings, o.flags)
	cfg, err := config.Load(config.Sources{Dev: true, Flags: settings})
	if err != nil {
		t.Fatal(err)
	}
	db, err := o.engine.open(t.Context(), cfg.DataDir, o.onStatement)
	if err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	ready := make(chan server.Info, 1)
	s := &server.Server{
		Config:   cfg,
		Store:    o.wrap(db),
		Logger:   telemetry.NewLogger(log, telemetry.JSON, slog.LevelDebug),
		Registry: prometheus.NewRegistry(),
		Now:      o.now,
		Dev:      true,
		Ready:    func(info server.Info) { ready <- info },
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	end := sync.OnceFunc(func() {
		transport.CloseIdleConnections()
		stop()
		err := <-ended
		if err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		err = db.Close()
		if err != nil {
			t.Errorf("the store closed with: %v", err)
		}
	})
	t.Cleanup(end)
	i := &instance{
		dir: cfg.DataDir, log: log, now: o.now, stop: stop, end: end,
		http:  &http.Client{Transport: transport, Timeout: 10 * time.Second},
		admin: admin.NewClient(cfg.DataDir),
	}
	select {
	case i.Info = <-ready:
	case err := <-ended:
		ended <- nil
		end()
		return nil, err
	}
	return i, nil
}

// answer is a response, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
	fields map[string]any
}

// request is one request to the token endpoint.
type request struct {
	method, path, contentType, body string
	// user and password go into Authorization: Basic, raw; header replaces it.
	user, password, header string
	accept                 string
	// more are other headers, which may be nil.
	more http.Header
}

func (i *instance) do(t tb, r request) answer {
	t.Helper()
	a, err := i.exchange(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// exchange is do for goroutines that are not the test's own.
func (i *instance) exchange(ctx context.Context, r request) (answer, error) {
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.path == "" {
		r.path = "/oauth2/token"
	}
	req, err := http.NewRequestWithContext(ctx, r.method, i.Issuer+r.path, strings.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	if r.accept != "" {
		req.Header.Set("Accept", r.accept)
	}
	if r.user != "" {
		req.SetBasicAuth(r.user, r.password)
	}
	if r.header != "" {
		req.Header.Set("Authorization", r.header)
	}
	maps.Copy(req.Header, r.more)
	response, err := i.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: response.StatusCode, header: response.Header, body: string(body)}
	if strings.HasPrefix(a.body, "{") && a.header.Get("Content-Type") != "application/x-ndjson" {
		err = json.Unmarshal(body, &a.fields)
		if err != nil {
			return answer{}, fmt.Errorf("the answer is not JSON: %s", a.body)
		}
	}
	return a, nil
}

const formType = "application/x-www-form-urlencoded"

// form sends a form with Basic credentials of the demo key.
func (i *instance) form(t *testing.T, body string) answer {
	t.Helper()
	return i.do(t, request{contentType: formType, body: body, user: i.Demo.Plain.ClientID, password: i.Demo.Plain.ClientSecret})
}

// socket connects to the Unix socket, whatever the host of a request.
func (i *instance) socket() *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(i.dir, admin.SocketName))
	}}
}

// operate calls the admin API over the socket, as the CLI does.
func (i *instance) operate(t tb, method, path string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	transport := i.socket()
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://grantd"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost && in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if in == nil {
		req.Body, req.ContentLength = nil, 0
	}
	response, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, text)
	}
	if out == nil {
		return
	}
	err = json.Unmarshal(text, out)
	if err != nil {
		t.Fatal(err)
	}
}

// untilReady waits until the server is fresh again after its clock was moved.
func (i *instance) untilReady(t tb) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for i.do(t, request{method: http.MethodGet, path: "/readyz"}).status != http.StatusOK {
		if time.Now().After(deadline) {
			t.Fatal("the server did not become ready")
		}
	}
}
