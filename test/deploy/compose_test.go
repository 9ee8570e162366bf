package deploy

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

func TestCompose(t *testing.T) {
	check := tool(t, "check")
	file := deployFile(t, "compose.yaml")
	run(t, check, "compose", file)
	var got struct {
		Services map[string]struct {
			Ports       []string
			ReadOnly    bool          `yaml:"read_only"`
			CapDrop     []string      `yaml:"cap_drop"`
			StopAfter   time.Duration `yaml:"stop_grace_period"`
			Environment map[string]string
		}
	}
	parseYAML(t, readFile(t, file), &got)
	grantd := got.Services["grantd"]
	checkPatience(t, grantd.StopAfter)
	if !slices.Equal(grantd.Ports, []string{"127.0.0.1:8080:8080"}) {
		t.Errorf("got ports %q, want the public listener alone, on this machine", grantd.Ports)
	}
	if !grantd.ReadOnly || !slices.Equal(grantd.CapDrop, []string{"ALL"}) {
		t.Errorf("got %+v, want a read-only root and no capability", grantd)
	}
	broken := filepath.Join(t.TempDir(), "compose.yaml")
	writeFile(t, broken, strings.Replace(readFile(t, file), "read_only:", "readonly:", 1), 0o600)
	r := blackbox.Exec(t, "", check, "compose", broken)
	if r.Code != 1 || !strings.Contains(r.Stderr, "readonly") {
		t.Errorf("got code %d, %s; want the unknown key readonly refused", r.Code, r.Stderr)
	}
}
