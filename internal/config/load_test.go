package config_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
)

// written puts text into a file named grantd.yaml in a fresh working directory,
// so that messages name it without a path.
func written(t *testing.T, text string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	err := os.WriteFile("grantd.yaml", []byte(text), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return "grantd.yaml"
}

func TestLoadWithoutSourcesGivesTheDefaults(t *testing.T) {
	c, err := config.Load(config.Sources{Env: []string{"GRANTD_ISSUER=https://auth.example.com", "HOME=/root"}})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Issuer:        "https://auth.example.com",
		Listen:        ":8080",
		AdminListen:   "127.0.0.1:8081",
		DataDir:       "./grantd-data",
		MasterKeyFile: filepath.Join("grantd-data", "keys", "master.key"),
		PepperFile:    filepath.Join("grantd-data", "keys", "pepper.key"),
		Proxies:       config.Proxies{Header: config.XForwardedFor},
		MaxStaleness:  300 * time.Second,
		SigningKeys:   config.SigningKeys{RotateEvery: 90 * 24 * time.Hour, JWKSMaxAge: 5 * time.Minute},
		DrainTimeout:  30 * time.Second,
		Log:           config.Log{Level: slog.LevelInfo, Format: config.JSON},
		Limits:        config.Limits{BodyTimeout: 900 * time.Millisecond},
	}
	if diff := compare(want, c); diff != "" {
		t.Errorf("Load: -want +got\n%s", diff)
	}
}

func TestLoadInDevelopment(t *testing.T) {
	c, err := config.Load(config.Sources{Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	if c.Issuer != "" || c.Listen != "127.0.0.1:8080" || c.Log.Format != config.Text {
		t.Errorf("got issuer %q, listen %q, format %q; want none, loopback, text", c.Issuer, c.Listen, c.Log.Format)
	}
	_, err = config.Load(config.Sources{Dev: true, Flags: map[string]string{"issuer": "ftp://x"}})
	if err == nil {
		t.Error("a wrong issuer is accepted in development")
	}
}

func TestLaterSourcesWin(t *testing.T) {
	file := written(t, "issuer: https://file.example\nlisten: :1\nadmin_listen: :2\ndata_dir: /file\ntls:\n  cert_file: file.crt\n  key_file: file.key\nlog:\n  level: debug\n")
	c, err := config.Load(config.Sources{
		File:  file,
		Env:   []string{"GRANTD_LISTEN=:3", "GRANTD_ADMIN_LISTEN=:4", "GRANTD_TLS_CERT_FILE=env.crt", "GRANTD_ISSUER="},
		Flags: map[string]string{"admin_listen": ":5", "data_dir": ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"https://file.example", ":3", ":5", "/file", "env.crt", "file.key", "DEBUG", "/file/keys/master.key"}
	got := []string{c.Issuer, c.Listen, c.AdminListen, c.DataDir, c.TLS.CertFile, c.TLS.KeyFile, c.Log.Level.String(), c.MasterKeyFile}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if c.Defaulted("data_dir") || c.Defaulted("tls.cert_file") || !c.Defaulted("pepper_file") {
		t.Error("Defaulted does not say where values came from")
	}
}

func TestSecretsReplaceTheirFiles(t *testing.T) {
	c, err := config.Load(config.Sources{Dev: true, Env: []string{"GRANTD_MASTER_KEY=hunter2\n", "GRANTD_PEPPER_FILE=/p"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.MasterKey.Reveal() != "hunter2" || c.MasterKeyFile != "" {
		t.Errorf("got master key %q in file %q, want the value and no file", c.MasterKey.Reveal(), c.MasterKeyFile)
	}
	if c.Pepper.Reveal() != "" || c.PepperFile != "/p" {
		t.Errorf("got pepper %q in file %q, want the file", c.Pepper.Reveal(), c.PepperFile)
	}
}

func TestEnvironment(t *testing.T) {
	tests := []struct {
		name, variable, want string
	}{
		{"a setting in a section", "GRANTD_LIMITS_BODY_TIMEOUT=2s", ""},
		{"a variable of another program", "GRANT_LISTEN=x", ""},
		{"the token command's secret", "GRANTD_CLIENT_SECRET=x", ""},
		{"Kubernetes: host of the service", "GRANTD_SERVICE_HOST=10.0.0.1", ""},
		{"Kubernetes: port of the service", "GRANTD_SERVICE_PORT=8080", ""},
		{"Kubernetes: named port of the service", "GRANTD_SERVICE_PORT_HTTP=8080", ""},
		{"Kubernetes: link", "GRANTD_PORT=tcp://10.0.0.1:8080", ""},
		{"Kubernetes: link to one port", "GRANTD_PORT_8080_TCP_ADDR=10.0.0.1", ""},
		{"a typing mistake", "GRANTD_LISTN=:1", "environment: unknown variable GRANTD_LISTN; did you mean GRANTD_LISTEN?"},
		{"the beginning of a name", "GRANTD_TLS_CERT=x", "environment: unknown variable GRANTD_TLS_CERT; did you mean GRANTD_TLS_CERT_FILE?"},
		{"a name like no other", "GRANTD_QQQQQQQQ=x", "environment: unknown variable GRANTD_QQQQQQQQ"},
		{"a wrong value", "GRANTD_DRAIN_TIMEOUT=soon", `environment GRANTD_DRAIN_TIMEOUT: drain_timeout must be a duration, not "soon"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.Load(config.Sources{Dev: true, Env: []string{tt.variable}})
			if text(err) != tt.want {
				t.Errorf("Load with %s\n got %s\nwant %s", tt.variable, text(err), tt.want)
			}
		})
	}
}

func TestUnknownFlagIsAnError(t *testing.T) {
	_, err := config.Load(config.Sources{Dev: true, Flags: map[string]string{"lisen": ":1", "listen": "here"}})
	want := "flags: unknown key lisen; did you mean listen?"
	if text(err) != want {
		t.Errorf("got %s, want %s", text(err), want)
	}
	_, err = config.Load(config.Sources{Dev: true, Flags: map[string]string{"listen": "here"}})
	want = `flag --listen: listen must be host:port, not "here"`
	if text(err) != want {
		t.Errorf("got %s, want %s", text(err), want)
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := config.Load(config.Sources{File: "missing.yaml"})
	if text(err) != "config file missing.yaml: file does not exist" || !errors.Is(err, fs.ErrNotExist) || fault.HintOf(err) == "" {
		t.Errorf("missing file: got %s, hint %q", text(err), fault.HintOf(err))
	}
	_, err = config.Load(config.Sources{File: "."})
	if !strings.Contains(text(err), "is a directory") {
		t.Errorf("directory: got %s", text(err))
	}
	err = os.WriteFile("large.yaml", make([]byte, 1<<20+1), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = config.Load(config.Sources{File: "large.yaml"})
	if text(err) != "read config file: large.yaml is larger than 1 MiB" {
		t.Errorf("large file: got %s", text(err))
	}
}

func TestProblemsOfAllSourcesAreReportedTogether(t *testing.T) {
	file := written(t, "lissten: :1\nmax_staleness: 0s\n")
	_, err := config.Load(config.Sources{File: file, Env: []string{"GRANTD_X=1"}, Flags: map[string]string{"log.level": "loud"}})
	want := []string{
		"grantd.yaml:1: unknown key lissten; did you mean listen?",
		"grantd.yaml:2: max_staleness is 0s",
		"environment: unknown variable GRANTD_X",
		`flag --log-level: log.level must be one of debug, info, warn, error, not "loud"`,
	}
	if diff := cmp.Diff(want, strings.Split(text(err), "\n")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != len(want) {
		t.Errorf("the problems cannot be taken apart: %T", err)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// compare ignores where the values came from and looks into secrets.
func compare(a, b config.Config) string {
	return cmp.Diff(a, b,
		cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "origins" }, cmp.Ignore()),
		cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
		cmp.Comparer(func(a, b config.Secret) bool { return a.Reveal() == b.Reveal() }))
}
