package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/postgres"
)

func TestMigrate(t *testing.T) {
	c := newCluster(t)
	data := filepath.Join(t.TempDir(), "data")
	for name, test := range map[string]struct {
		args []string
		env  []string
	}{
		"SQLite":     {args: []string{"--data", data}},
		"PostgreSQL": {env: []string{"GRANTD_DATABASE_URL=" + withPassword(t, c.URL(postgres.Superuser, "postgres"))}},
	} {
		t.Run(name, func(t *testing.T) {
			migrate := func(more ...string) result {
				got := run("", test.env, append(append([]string{"migrate"}, test.args...), more...)...)
				if strings.Contains(got.stdout+got.stderr, "hunter2") {
					t.Errorf("the password is in %+v", got)
				}
				return got
			}
			got := migrate("--check")
			if got.code != 1 || !strings.Contains(got.stderr, "has schema 0 and is to be migrated to") || !strings.Contains(got.stderr, "run grantd migrate") {
				t.Errorf("a new database: %+v", got)
			}
			checkForm(t, got.stderr)
			_, err := os.Stat(data)
			if err == nil {
				t.Error("--check has made the data directory")
			}
			got = migrate()
			if got.code != 0 || !strings.HasPrefix(got.stdout, "migrated the database ") || !strings.Contains(got.stdout, " from schema 0 to ") {
				t.Errorf("migrate: %+v", got)
			}
			for _, more := range [][]string{nil, {"--check"}} {
				got = migrate(more...)
				if got.code != 0 || !strings.Contains(got.stdout, "there is nothing to migrate") {
					t.Errorf("migrate %v again: %+v", more, got)
				}
			}
			os.RemoveAll(data)
		})
	}
	got := run("", nil, "migrate", "--check", "--database-url", "postgres://u:hunter2@127.0.0.1:1/grantd")
	if got.code != 1 || !strings.Contains(got.stderr, "127.0.0.1:1/grantd") || strings.Contains(got.stderr, "hunter2") {
		t.Errorf("a database that is away: %+v", got)
	}
	checkForm(t, got.stderr)
}
