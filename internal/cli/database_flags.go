package cli

import (
	"errors"
	"os/user"
	"path/filepath"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

// databaseFlags name a database that no server need have open.
type databaseFlags struct {
	Config      string `placeholder:"FILE" help:"Configuration file (YAML)."`
	Data        word   `placeholder:"DIR" help:"Data directory. Without it, GRANTD_DATA_DIR or ./grantd-data."`
	DatabaseURL word   `name:"database-url" placeholder:"URL" help:"PostgreSQL database, as for grantd serve."`
}

// load reads the configuration. What only a running server needs may be missing.
func (f databaseFlags) load(a *app) (config.Config, error) {
	return config.Load(config.Sources{
		File: f.Config, Env: a.env, Dev: true,
		Flags: map[string]string{"data_dir": string(f.Data), "database_url": string(f.DatabaseURL)},
	})
}

// find returns the settings of the database, which must be there if it is a file, and
// how to name it.
func (f databaseFlags) find(a *app) (loaded config.Config, settings sqlstore.Config, where string, err error) {
	loaded, err = f.load(a)
	if err != nil {
		return loaded, settings, "", err
	}
	url, err := loaded.Database()
	if err != nil {
		return loaded, settings, "", err
	}
	settings.URL = url.Reveal()
	if settings.URL != "" {
		return loaded, settings, sqlstore.Location(settings.URL), nil
	}
	settings.Path = filepath.Join(loaded.DataDir, databaseName)
	_, err = sqlstore.Find(settings.Path)
	return loaded, settings, settings.Path, err
}

// sqlite returns the path of the SQLite database, or an error that says what to do
// with one of PostgreSQL.
func (f databaseFlags) sqlite(a *app, command, hint string) (loaded config.Config, path string, err error) {
	loaded, err = f.load(a)
	if err != nil {
		return loaded, "", err
	}
	url, err := loaded.Database()
	if err != nil {
		return loaded, "", err
	}
	if url.Reveal() != "" {
		err = errors.New(command + " is for SQLite, and a PostgreSQL database is configured: " + sqlstore.Location(url.Reveal()))
		return loaded, "", fault.Hint(err, "%s", hint)
	}
	return loaded, filepath.Join(loaded.DataDir, databaseName), nil
}

// operator is who runs this command, for the audit trail.
func (a *app) operator() store.Origin {
	by := store.Origin{Actor: "uid:unknown", At: a.now().UTC()}
	who, err := user.Current()
	if err == nil {
		by.Actor = "uid:" + who.Uid
	}
	return by
}
