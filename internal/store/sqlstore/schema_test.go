package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/test/postgres"
)

// The text of the queries is one, so the tables must be.
func TestBothKindsOfDatabaseHaveTheSameColumns(t *testing.T) {
	c := onCluster(t, postgres.Release15)
	path := filepath.Join(t.TempDir(), "grantd.db")
	open(t, path).Close()
	file, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	inSQLite := column(t, file, `
		SELECT t.name || '.' || c.name
		FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND t.name <> 'migrations' AND t.name NOT LIKE 'sqlite%'
		ORDER BY 1`)
	inPostgres := column(t, c.databases[c.newDatabase(t)], `
		SELECT (table_name || '.' || column_name) COLLATE "C"
		FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT IN ('migrations', 'migration_lock', 'writers', 'used_0', 'used_1', 'used_2', 'used_marks')
		ORDER BY 1`)
	if diff := cmp.Diff(inSQLite, inPostgres); diff != "" {
		t.Errorf("columns (-SQLite +PostgreSQL):\n%s", diff)
	}
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		err = rows.Scan(&one)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if rows.Err() != nil || len(all) == 0 {
		t.Fatalf("%d columns (%v)", len(all), rows.Err())
	}
	return all
}
