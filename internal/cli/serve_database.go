package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/server"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// database is an open database with what the banner says about it.
type database struct {
	*sqlstore.Store
	// location is where it is, without a password; empty for the file in the data
	// directory.
	location string
	// lock is that of the data directory, where the database does not have it.
	lock io.Closer
	// exposed are the hosts that are not known to be the database's.
	exposed []string
	// listen waits for changes of other nodes; nil where there are none.
	listen func(ctx context.Context, wake func()) error
}

// openDatabase opens the SQLite file in the data directory, or the PostgreSQL
// database that is configured. A second server on the same directory is refused
// with either: the admin socket is one.
func openDatabase(ctx context.Context, c config.Config, registry prometheus.Registerer) (*database, error) {
	settings, name, err := databaseOf(c)
	if err != nil {
		return nil, err
	}
	settings.OnStatement = countStatements(registry)
	if settings.URL == "" {
		db, err := sqlstore.Open(ctx, settings)
		return &database{Store: db}, err
	}
	settings.MayBeLate = server.HasSnapshot(c.DataDir)
	lock, err := lockDataDir(c.DataDir)
	if err != nil {
		return nil, err
	}
	db, err := sqlstore.Open(ctx, settings)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &database{Store: db, location: name, exposed: sqlstore.Exposed(settings.URL), lock: lock, listen: db.Listen}, nil
}

// databaseOf says where the configured database is, and what to call it: the path of a
// file, or the hosts and the name of a database, without a password.
func databaseOf(c config.Config) (where sqlstore.Config, name string, err error) {
	url, err := c.Database()
	if err != nil {
		return sqlstore.Config{}, "", err
	}
	if url.Reveal() == "" {
		path := filepath.Join(c.DataDir, databaseName)
		return sqlstore.Config{Path: path}, path, nil
	}
	return sqlstore.Config{URL: url.Reveal()}, sqlstore.Location(url.Reveal()), nil
}

// warn says that whoever is between this node and the database can read and change what
// goes between them.
func (d *database) warn(ctx context.Context, log *slog.Logger) {
	if len(d.exposed) > 0 {
		log.LogAttrs(ctx, slog.LevelWarn, "the connection to the database is not protected; add sslmode=verify-full to its URL, "+
			"and sslrootcert if its authority is your own", slog.Any("hosts", d.exposed))
	}
}

// Close closes the database and gives the data directory back.
func (d *database) Close() error {
	err := d.Store.Close()
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// checkDatabase looks at the URL of the database without connecting.
func checkDatabase(c config.Config) error {
	url, err := c.Database()
	if err != nil || url.Reveal() == "" {
		return err
	}
	return sqlstore.CheckURL(url.Reveal())
}

// checkDev keeps a development server away from a database that somebody else
// uses, and from one that would outlive its keys.
func (c *serveCmd) checkDev(loaded config.Config) error {
	url, err := loaded.Database()
	if !c.Settings.Dev || err != nil || url.Reveal() == "" {
		return err
	}
	if c.Settings.DatabaseURL == "" {
		return fault.Hint(
			errors.New("a PostgreSQL database is configured, but --dev takes one from the command line only"),
			"unset GRANTD_DATABASE_URL and database_url, or give --database-url",
		)
	}
	if c.Settings.Data == "" {
		return fault.Hint(
			errors.New("--dev makes a temporary data directory, and with it would go the keys of the database in PostgreSQL"),
			"name a data directory that stays with --data",
		)
	}
	return nil
}
