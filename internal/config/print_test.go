package config_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/config"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestPrintShowsValuesAndWhereTheyAreFrom(t *testing.T) {
	file := written(t, "issuer: https://a.example\ntls:\n  cert_file: 'yes'\n  key_file: 'a: b # c'\n")
	c, err := config.Load(config.Sources{
		File:  file,
		Env:   []string{"GRANTD_PEPPER=hunter2", "GRANTD_PROXIES_TRUSTED=10.0.0.0/24, 2001:db8::/64"},
		Flags: map[string]string{"listen": "[::1]:0", "log.level": "warn"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := printed(t, c)
	want := `issuer: https://a.example # grantd.yaml:1
listen: '[::1]:0' # flag --listen
admin_listen: 127.0.0.1:8081 # default
console_url: "" # default
data_dir: ./grantd-data # default
database_url: "" # default
database_url_file: "" # default
master_key: "" # default
master_key_file: grantd-data/keys/master.key # default
pepper: redacted # environment GRANTD_PEPPER
pepper_file: "" # default
tls:
  cert_file: yes # grantd.yaml:3
  key_file: 'a: b # c' # grantd.yaml:4
proxies:
  trusted: [10.0.0.0/24, '2001:db8::/64'] # environment GRANTD_PROXIES_TRUSTED
  header: x-forwarded-for # default
max_staleness: 5m0s # default
signing_keys:
  rotate_every: 2160h0m0s # default
  jwks_max_age: 5m0s # default
drain_timeout: 30s # default
log:
  level: warn # flag --log-level
  format: json # default
limits:
  body_timeout: 900ms # default
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Print: -want +got\n%s", diff)
	}

	loadable := strings.ReplaceAll(got, "redacted", "hunter2")
	again, err := config.Load(config.Sources{File: written(t, loadable)})
	if err != nil {
		t.Fatalf("what Print wrote cannot be loaded: %v", err)
	}
	if diff := compare(c, again); diff != "" {
		t.Errorf("loading what Print wrote: -want +got\n%s", diff)
	}
}

func TestPrintWithAnOddFileName(t *testing.T) {
	t.Chdir(t.TempDir())
	const name = "a\nlisten: :1 \xff.yaml"
	err := os.WriteFile(name, []byte("data_dir: here\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Sources{File: name, Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	want := `data_dir: here # "a\nlisten: :1 \xff.yaml":1`
	if got := printed(t, c); !strings.Contains(got, want+"\n") {
		t.Errorf("got\n%s\nwant a line %s", got, want)
	}
}

func TestPrintReportsWhatTheWriterSays(t *testing.T) {
	c, err := config.Load(config.Sources{Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Print(full{})
	if !errors.Is(err, errFull) {
		t.Errorf("Print: got %v, want %v", err, errFull)
	}
	err = config.WriteReference(full{})
	if !errors.Is(err, errFull) {
		t.Errorf("WriteReference: got %v, want %v", err, errFull)
	}
}

func TestReferencePageIsUpToDate(t *testing.T) {
	page := filepath.Join("..", "..", "docs", "configuration.md")
	var want bytes.Buffer
	err := config.WriteReference(&want)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		err = os.WriteFile(page, want.Bytes(), 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("run go test ./internal/config -update: -want +got\n%s", diff)
	}
}

func TestExampleOnTheReferencePageLoads(t *testing.T) {
	var page bytes.Buffer
	err := config.WriteReference(&page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(page.String(), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the page has no example")
	}
	_, err = config.Load(config.Sources{File: written(t, example)})
	if err != nil {
		t.Error(err)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func printed(t *testing.T, c config.Config) string {
	t.Helper()
	var b bytes.Buffer
	err := c.Print(&b)
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
