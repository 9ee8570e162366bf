package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
)

func TestPrepareDataDir(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, dir string)
		err     string // empty: the directory ends up with mode 0700
	}{
		{name: "a missing directory is created, parents too", prepare: func(*testing.T, string) {}},
		{name: "an empty one is tightened", prepare: func(t *testing.T, dir string) { makeDir(t, dir, 0o755) }},
		{name: "one with our database is tightened", prepare: func(t *testing.T, dir string) {
			makeDir(t, dir, 0o777, databaseName, "other")
		}},
		{name: "one that is tight stays as it is", prepare: func(t *testing.T, dir string) { makeDir(t, dir, 0o700, "other") }},
		{
			name:    "one that holds other files is refused",
			prepare: func(t *testing.T, dir string) { makeDir(t, dir, 0o755, "other") },
			err:     "is open to other users (mode 0755)",
		},
		{
			name:    "a directory for everybody's files is refused",
			prepare: func(t *testing.T, dir string) { makeDir(t, dir, 0o777|os.ModeSticky) },
			err:     "is open to other users (mode 0777)",
		},
		{
			name: "a file in its place is refused",
			prepare: func(t *testing.T, dir string) {
				makeDir(t, filepath.Dir(dir), 0o700, filepath.Base(dir))
			},
			err: "is not a directory",
		},
		{
			name: "a file among its parents is refused",
			prepare: func(t *testing.T, dir string) {
				makeDir(t, filepath.Dir(filepath.Dir(dir)), 0o700, filepath.Base(filepath.Dir(dir)))
			},
			err: "is not a directory",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "parent", "data")
			tt.prepare(t, dir)
			err := prepareDataDir(dir)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || fault.HintOf(err) == "" {
					t.Errorf("got %v (hint %q), want %q with a hint", err, fault.HintOf(err), tt.err)
				}
				return
			}
			info, statErr := os.Stat(dir)
			if err != nil || statErr != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("got %v, %v, %v; want mode 0700", err, statErr, info)
			}
		})
	}
}

// makeDir makes a directory of the mode with these files.
func makeDir(t *testing.T, dir string, mode os.FileMode, files ...string) {
	t.Helper()
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		err = os.WriteFile(filepath.Join(dir, name), nil, 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	err = os.Chmod(dir, mode)
	if err != nil {
		t.Fatal(err)
	}
}
