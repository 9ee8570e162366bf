package sqlstore_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/test/postgres"
)

// later are schemas of later releases, and what they say of earlier ones: how much newer
// the schema is and the oldest that can use it, both from the one of this release on.
var later = []struct {
	name            string
	newer, oldest   int64
	silent, refused bool
}{
	{name: "the next release, whose migrations this one can run with", newer: 1, oldest: 0},
	{name: "the next release with several migrations", newer: 3, oldest: 0},
	{name: "the next release, with one that this one cannot run with", newer: 1, oldest: 1, refused: true},
	{name: "the release after the next", newer: 2, oldest: 1, refused: true},
	{name: "one migration more, and nothing is said", newer: 1, silent: true},
	{name: "two more, and nothing is said", newer: 2, silent: true, refused: true},
}

// schemaCase is a database of this release, made one of a later release behind its back.
func schemaCase(t *testing.T, cfg sqlstore.Config, behind func(statement string, args ...any)) {
	t.Helper()
	schema, err := sqlstore.ReadSchema(t.Context(), cfg)
	if err != nil || schema.Have != schema.Wanted || schema.Have == 0 {
		t.Fatalf("a new database: %+v, %v", schema, err)
	}
	for _, test := range later {
		t.Run(test.name, func(t *testing.T) {
			have := schema.Have + test.newer
			behind("DELETE FROM migrations WHERE version_id > $1", schema.Have)
			behind("INSERT INTO migrations (version_id, is_applied) VALUES ($1, $2)", have, true)
			behind("DELETE FROM settings")
			if !test.silent {
				behind("INSERT INTO settings (name, value) VALUES ($1, $2)",
					"oldest schema of a release that can use this one", fmt.Append(nil, schema.Wanted+test.oldest))
			}
			s, err := sqlstore.Open(t.Context(), cfg)
			_, looked := sqlstore.ReadSchema(t.Context(), cfg)
			if !test.refused {
				if err != nil || looked != nil {
					t.Fatalf("open: %v, look: %v", err, looked)
				}
				defer s.Close()
				create(t, s, test.name)
				return
			}
			for _, got := range []error{err, looked} {
				if got == nil || !strings.Contains(got.Error(), fmt.Sprintf("the database has schema %d", have)) || fault.HintOf(got) == "" {
					t.Errorf("got %v, hint %q", got, fault.HintOf(got))
				}
			}
		})
	}
}

func TestReleaseRunsOnTheNextSchemaAndNoLaterOne(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "grantd.db")
		openWith(t, sqlstore.Config{Path: path}).Close()
		schemaCase(t, sqlstore.Config{Path: path}, func(statement string, args ...any) {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			_, err = db.Exec(statement, args...)
			if err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		c := onCluster(t, postgres.Release15)
		name := c.newDatabase(t)
		schemaCase(t, sqlstore.Config{URL: c.URL(readCommitted, name)}, func(statement string, args ...any) {
			c.behind(t, name, statement, args...)
		})
	})
}

func TestSchemaOfADatabaseThatIsNotThereYet(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	path := filepath.Join(t.TempDir(), "grantd.db")
	for _, cfg := range []sqlstore.Config{{Path: path}, {URL: c.URL(readCommitted, c.newDatabaseFrom(t, "TEMPLATE template0"))}} {
		before, err := sqlstore.ReadSchema(t.Context(), cfg)
		if err != nil || before.Have != 0 || before.Wanted == 0 {
			t.Errorf("got %+v, %v", before, err)
		}
		s := openWith(t, cfg)
		during, err := sqlstore.ReadSchema(t.Context(), cfg)
		if err != nil || during.Have != before.Wanted {
			t.Errorf("while it is open: got %+v, %v", during, err)
		}
		s.Close()
	}
}
