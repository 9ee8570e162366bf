package blackbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Built once for each test process: a variable of the package, because Go gives
// the tests of a package nothing else that they share.
var built = sync.OnceValues(build)

// Main runs the tests of a package and removes the binary after them. A test
// package that uses this one calls it from its TestMain.
func Main(m *testing.M) int {
	code := m.Run()
	binary, err := built()
	if err == nil {
		os.RemoveAll(filepath.Dir(binary))
	}
	return code
}

// Binary returns the path of grantd, built as it is released: static, without
// paths of the machine that builds it.
func Binary() (string, error) { return built() }

func build() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "grantd-binary-")
	if err != nil {
		return "", fmt.Errorf("make a directory for the binary: %w", err)
	}
	binary := filepath.Join(dir, "grantd")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, "./cmd/grantd")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build grantd: %w\n%s", err, out)
	}
	return binary, nil
}

// Root returns the directory of the module, where build/ lies.
func Root(tb testing.TB) string {
	tb.Helper()
	root, err := moduleRoot()
	if err != nil {
		tb.Fatal(err)
	}
	return root
}

func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}
