package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/token"
	"github.com/grantd/grantd/internal/web"
)

// Server is one grantd process. All fields are required but Dev and Ready.
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
	authenticator *clientauth.Authenticator
	reader        *token.Reader
	endpoint      *token.Endpoint
	usecases      *admin.UseCases
	draining      atomic.Bool
	// established says that begin has seen the database.
	established bool
}

// Info says what a server that is ready looks like from outside.
type Info struct {
	Issuer     string
	PublicAddr string
	AdminAddr  string
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
			running.Go(func() { s.upkeep().run(background) })
		}
	})
	defer running.Wait()
	defer stop()

	return s.serve(ctx, l, func() {
		if s.Ready != nil {
			s.Ready(s.info(l, demo))
		}
	})
}

// prepare opens the secrets and gets everything into memory.
func (s *Server) prepare(ctx context.Context) error {
	s.schedule = scheduleOf(s.Config)
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
	return nil
}

// wire makes what several handlers share, once the issuer is known.
func (s *Server) wire() {
	s.usage = newUsage(s.Store)
	s.authenticator = &clientauth.Authenticator{
		Clients:  s.mirror,
		Pepper:   s.pepper,
		Imported: clientauth.NewImported(s.pepper),
		Uses:     s.usage.uses,
		Failures: &policy.Failures{},
		Now:      s.Now,
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
		Families:      s.Store,
		Metrics:       s.metrics,
	}
	s.usecases = &admin.UseCases{
		Store:     s.Store,
		Keys:      s.ring,
		Schedule:  s.schedule,
		Mirror:    s.mirror,
		Pepper:    s.pepper,
		Uses:      s.usage,
		Tokens:    inspector{s.reader},
		Explainer: explainer{s.mirror, s.endpoint, s.reader},
		Now:       s.Now,
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
		Usage:       s.usage,
		Mirror:      s.mirror,
		SigningKeys: s.usecases,
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
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "grantd_mirror_keys",
			Help: "How many keys this node knows.",
		}, func() float64 { return float64(s.mirror.Clients()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "grantd_mirror_revocations",
			Help: "How many revoked tokens and families this node knows.",
		}, func() float64 { return float64(s.mirror.Revocations()) }),
	)
}

func (s *Server) info(l *listeners, demo *Demo) Info {
	return Info{
		Issuer:        s.issuer,
		PublicAddr:    l.public.Addr().String(),
		AdminAddr:     l.operator.Addr().String(),
		MasterKeyFile: s.Config.MasterKeyFile,
		PepperFile:    s.Config.PepperFile,
		CreatedFiles:  s.secrets.created,
		Demo:          demo,
	}
}
