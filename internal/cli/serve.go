package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/server"
	"github.com/grantd/grantd/internal/telemetry"
)

type serveCmd struct {
	Settings settingFlags `embed:""`
}

// Help shows examples.
func (serveCmd) Help() string {
	return "Every setting is also in the configuration file and in the environment; see grantd config print.\n\nExamples:\n\n" +
		"\tgrantd serve --dev\n" +
		"\tgrantd serve --issuer https://auth.example.com --database-url 'postgres://grantd@db1,db2/grantd?sslmode=verify-full'\n" +
		"\tgrantd serve --issuer https://auth.example.com --tls-cert tls.crt --tls-key tls.key --data /var/lib/grantd\n"
}

// Run serves until SIGINT, SIGTERM or SIGHUP, then lets the requests under way finish.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// The first signal drains; without the handler a second one ends at once.
	context.AfterFunc(ctx, stop)

	loaded, err := c.Settings.load(a)
	if err == nil {
		err = c.checkDev(loaded)
	}
	if err != nil {
		return err
	}
	// Only --data: a variable that is exported for the commands of production must
	// not lead --dev to its database.
	if !c.Settings.Dev || c.Settings.Data != "" {
		return c.serve(ctx, a, loaded, "")
	}
	c.Settings.Data, err = os.MkdirTemp("", "grantd-dev-")
	if err != nil {
		return fmt.Errorf("make a temporary data directory: %w", err)
	}
	loaded, err = c.Settings.load(a)
	if err == nil {
		err = c.serve(ctx, a, loaded, "removed at exit")
	}
	return errors.Join(err, os.RemoveAll(c.Settings.Data))
}

// serve opens what the server needs and runs it. The note says what will become
// of the data directory.
func (c *serveCmd) serve(ctx context.Context, a *app, loaded config.Config, note string) error {
	err := prepareDataDir(loaded.DataDir)
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	db, err := openDatabase(ctx, loaded, registry)
	if err != nil {
		return err
	}
	log := &telemetry.Buffer{To: a.stderr}
	logging, stop := context.WithCancel(context.WithoutCancel(ctx))
	var writing sync.WaitGroup
	writing.Go(func() { log.Run(logging) })
	s := &server.Server{
		Config:   loaded,
		Store:    db.Store,
		Logger:   telemetry.NewLogger(log, telemetry.Format(loaded.Log.Format), loaded.Log.Level),
		Registry: registry,
		Now:      a.now,
		Dev:      c.Settings.Dev,
		Listen:   db.listen,
		Ready: func(i server.Info) {
			printBanner(a.stdout, i, loaded.DataDir, note, db.location)
			giveBack()
		},
	}
	db.warn(ctx, s.Logger)
	ballast := a.ballast()
	err = s.Run(ctx)
	runtime.KeepAlive(ballast)
	err = errors.Join(err, db.Close())
	stop()
	awaitLog(&writing)
	return err
}

// awaitLog waits for the last lines, but not for a reader that does not read.
func awaitLog(writing *sync.WaitGroup) {
	const patience = time.Second
	written := make(chan struct{})
	go func() {
		writing.Wait()
		close(written)
	}()
	select {
	case <-written:
	case <-time.After(patience):
	}
}

// countStatements counts what the store runs, to show that tokens cost none.
func countStatements(registry prometheus.Registerer) func(name string) {
	statements := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "grantd_store_statements_total",
		Help: "SQL statements run, by name.",
	}, []string{"statement"})
	registry.MustRegister(statements)
	return func(name string) { statements.WithLabelValues(name).Inc() }
}
