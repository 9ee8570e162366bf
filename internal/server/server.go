package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/console"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/token"
	counting "github.com/grantd/grantd/internal/usage"
	"github.com/grantd/grantd/internal/web"
)

// Server is one grantd process. All fields are required but Dev, Listen and Ready.
type Server struct {
	// Config says where to listen and who we are.
	Config config.Config
	// Store is open; Run does not close it.
	Store store.Store
	// Logger gets one record a request and what else happens.
	Logger *slog.Logger
	// Registry gets the metrics and is served on the admin listener.
	Registry *prometheus.Registry
	// Now is the clock.
	Now func() time.Time
	// Dev makes a demo API with two demo keys, and takes the issuer from the
	// address when none is configured.
	Dev bool
	// Listen calls wake when the store may have changed, until ctx ends or it cannot any
	// more. Nil means that changes are found by polling alone.
	Listen func(ctx context.Context, wake func()) error
	// Ready is called once requests are served.
	Ready func(Info)

	issuer        string
	secrets       secrets
	sealer        *keys.Sealer
	schedule      keys.Schedule
	ring          *keys.Ring
	mirror        *mirror.Mirror
	snapshot      *mirror.Snapshot
	metrics       *telemetry.Metrics
	plumbing      *web.Plumbing
	pepper        *clientauth.Pepper
	usage         *usage
	node          store.NodeID
	started       time.Time
	decoys        *assertion.Keys
	authenticator *clientauth.Authenticator
	reader        *token.Reader
	endpoint      *token.Endpoint
	usecases      *admin.UseCases
	pages         *console.Console
	console       http.Handler
	draining      atomic.Bool
	// ending is closed when the server drains, and streams end.
	ending chan struct{}
	// established says that the database was seen, and is this node's own. Until then
	// nothing may be written to it.
	established atomic.Bool
	// rotated is what this node has acknowledged of refresh tokens.
	rotated *rotated
	// hints are for the mirror.
	hints chan struct{}
	// lateHint is what the operator could do about a store that did not answer at the
	// start.
	lateHint string
}

// Info says what a server that is ready looks like from outside.
type Info struct {
	Issuer     string
	PublicAddr string
	AdminAddr  string
	// ConsoleURL is the console, and FirstLink the link for its first operator, empty
	// when there is one.
	ConsoleURL string
	FirstLink  string
	// MasterKeyFile and PepperFile are empty when they came from elsewhere.
	MasterKeyFile string
	PepperFile    string
	// CreatedFiles are those of the two that this start created.
	CreatedFiles []string
	// Demo is there with Dev.
	Demo *Demo
}

// Run serves until ctx ends, then lets the requests under way finish and
// returns nil.
func (s *Server) Run(ctx context.Context) error {
	err := s.prepare(ctx)
	if err != nil {
		return err
	}
	l, err := s.listen(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	s.issuer = s.issuerFor(l.public)
	s.wire()
	err = s.wireConsole(l)
	if err != nil {
		return err
	}
	demo, err := s.demo(ctx)
	if err != nil {
		return err
	}

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { s.snapshots().run(background) })
	running.Go(func() {
		if s.awaitStore(background) {
			running.Go(func() { s.mirror.Run(background) })
			running.Go(func() { s.listenForHints(background) })
			running.Go(func() { s.upkeep().run(background) })
		}
	})
	defer running.Wait()
	defer stop()

	return s.serve(ctx, l, func() {
		if s.Ready != nil {
			s.Ready(s.info(ctx, l, demo))
		}
	})
}

// prepare opens the secrets and gets everything into memory.
func (s *Server) prepare(ctx context.Context) error {
	s.schedule = scheduleOf(s.Config)
	rand.Read(s.node[:])
	s.started = s.Now()
	err := s.begin(ctx)
	if err != nil {
		return err
	}
	s.metrics = telemetry.NewMetrics(s.Registry)
	s.registerGauges()
	s.plumbing = &web.Plumbing{
		Logger:      s.Logger,
		Metrics:     s.metrics,
		Now:         s.Now,
		BodyTimeout: s.Config.Limits.BodyTimeout,
		Origins:     s.mirror,
		Proxies:     web.NewProxies(s.Config.Proxies.Trusted, string(s.Config.Proxies.Header)),
	}
	s.pepper = clientauth.NewPepper(s.secrets.pepper)
	s.decoys, err = assertion.Decoys()
	return err
}

// wire makes what several handlers share, once the issuer is known.
func (s *Server) wire() {
	own := s.ownStore()
	s.ending = make(chan struct{})
	s.usage = newUsage(own, s.Now, s.node)
	s.plumbing.Usage = s.usage
	s.authenticator = &clientauth.Authenticator{
		Clients:  s.mirror,
		Pepper:   s.pepper,
		Imported: clientauth.NewImported(s.pepper),
		Uses:     s.usage.uses,
		Failures: &policy.Failures{},
		Now:      s.Now,
		Assertions: &clientauth.Assertions{
			Issuer:        s.issuer,
			TokenEndpoint: s.issuer + tokenPath,
			Replay:        own,
			Decoys:        s.decoys,
		},
	}
	s.reader = &token.Reader{
		Issuer:    s.issuer,
		Ring:      s.ring,
		Sealer:    s.sealer,
		Directory: s.mirror,
		Now:       s.Now,
	}
	s.endpoint = &token.Endpoint{
		Issuer:        s.issuer,
		Authenticator: s.authenticator,
		Directory:     s.mirror,
		MaxStaleness:  s.Config.MaxStaleness,
		Ring:          s.ring,
		Sealer:        s.sealer,
		Families:      own,
		Metrics:       s.metrics,
	}
	s.usecases = &admin.UseCases{
		Store:         own,
		UsageCounts:   own,
		Operators:     own,
		Keys:          s.ring,
		Schedule:      s.schedule,
		Mirror:        s.mirror,
		Pepper:        s.pepper,
		Uses:          s.usage,
		Tokens:        inspector{s.reader},
		Explainer:     explainer{s.mirror, s.endpoint, s.reader},
		Node:          s.node,
		AdminAudience: s.adminAudience(),
		Derive:        s.sealer.Derive,
		Now:           s.Now,
	}
}

func (s *Server) snapshots() *snapshots {
	return &snapshots{
		Snapshot: s.snapshot,
		Mirror:   s.mirror,
		Logger:   s.Logger,
		Now:      s.Now,
		MaxAge:   s.Config.MaxStaleness,
	}
}

func (s *Server) upkeep() *upkeep {
	return &upkeep{
		Store:       s.Store,
		Node:        s.node,
		Usage:       s.usage,
		Merger:      &counting.Merger{Store: s.Store, Logger: s.Logger},
		Mirror:      s.mirror,
		SigningKeys: s.usecases,
		Reports:     s.reports(),
		Logger:      s.Logger,
		Now:         s.Now,
	}
}

// firstSigningKey makes the default key at the first start, so that the JWKS is
// never empty.
func (s *Server) firstSigningKey(ctx context.Context) error {
	have, err := s.Store.SigningKeys(ctx)
	if err != nil {
		return fmt.Errorf("read the signing keys: %w", err)
	}
	if len(have) > 0 {
		return nil
	}
	now := s.Now().UTC()
	key, err := s.ring.New(keys.ES256, now, now)
	if err != nil {
		return err
	}
	_, err = s.Store.Write(ctx, store.Origin{Actor: "system", At: now}, store.CreateSigningKey{SigningKey: key})
	if err != nil {
		return fmt.Errorf("save the first signing key: %w", err)
	}
	return nil
}

func (s *Server) registerGauges() {
	s.Registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "grantd_mirror_staleness_seconds",
			Help: "How old what this node knows may be.",
		}, func() float64 { return s.mirror.Staleness().Seconds() }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "grantd_feed_forks_total",
			Help: "How often the database was found to have another history than this node: restored, or failed over with a loss.",
		}, func() float64 { return float64(s.mirror.Forks()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "grantd_mirror_keys",
			Help: "How many keys this node knows.",
		}, func() float64 { return float64(s.mirror.Clients()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "grantd_mirror_revocations",
			Help: "How many revoked tokens and families this node knows.",
		}, func() float64 { return float64(s.mirror.Revocations()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "grantd_usage_batches_waiting",
			Help: "How many batches of usage wait for the store.",
		}, func() float64 { return float64(s.usage.waiting()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "grantd_usage_batches_dropped_total",
			Help: "Batches of usage that were dropped because too many waited for the store.",
		}, func() float64 { return float64(s.usage.dropped()) }),
	)
}

func (s *Server) info(ctx context.Context, l *listeners, demo *Demo) Info {
	return Info{
		Issuer:        s.issuer,
		PublicAddr:    l.public.Addr().String(),
		AdminAddr:     l.operator.Addr().String(),
		ConsoleURL:    s.usecases.ConsoleURL + consolePath,
		FirstLink:     s.firstLink(ctx),
		MasterKeyFile: s.Config.MasterKeyFile,
		PepperFile:    s.Config.PepperFile,
		CreatedFiles:  s.secrets.created,
		Demo:          demo,
	}
}
