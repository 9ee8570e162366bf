package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestALostMasterKeyIsAbandoned(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve := append(anyPort, "--issuer", "https://auth.example", "--data", data)
	abandon := func(env []string, more ...string) result {
		return run("", env, append([]string{"master-key", "abandon", "--data", data}, more...)...)
	}
	p := startServe(t, nil, serve...)
	c := newCaller(t, p, data)
	made := run("", nil, "api", "create", "--data", data, "--audience", "https://b.example", "--scope", "/b.read")
	if made.code != 0 {
		t.Fatalf("api create: %+v", made)
	}
	past := c.login()
	running := abandon(nil, "--yes")
	if running.code != 1 || !strings.Contains(running.stderr, "is using the database") {
		t.Errorf("with the server running: %+v", running)
	}
	p.terminate(t)

	needless := abandon(nil, "--yes")
	if needless.code != 1 || !strings.Contains(needless.stderr, "it is not lost") {
		t.Errorf("with the right master key: %+v", needless)
	}
	checkForm(t, needless.stderr)
	file := filepath.Join(data, "keys", "master.key")
	err := os.Remove(file)
	if err != nil {
		t.Fatal(err)
	}
	unsure := abandon(nil)
	_, err = os.Stat(file)
	if unsure.code != 2 || !strings.Contains(unsure.stderr, "nothing was done") || err == nil {
		t.Errorf("without --yes: %+v, %v", unsure, err)
	}
	stranger := abandon([]string{"GRANTD_PEPPER=" + strings.Repeat("A", 43)}, "--yes")
	_, err = os.Stat(file)
	if stranger.code != 1 || !strings.Contains(stranger.stderr, "this pepper is not the one") || err == nil {
		t.Errorf("with another pepper: %+v, %v", stranger, err)
	}
	got := abandon(nil, "--yes")
	if got.code != 0 || !strings.Contains(got.stdout, "made "+file) || strings.Count(got.stdout, "revoked signing key ") != 1 {
		t.Fatalf("got %+v", got)
	}

	p = startServe(t, nil, serve...)
	c.node = "http://" + p.fact("public listener")
	if c.active(past.access) || c.active(past.refresh) {
		t.Error("a token from before is active")
	}
	status, fields := c.post("/oauth2/token", c.refreshing(past.refresh))
	if status != http.StatusBadRequest || fields["error"] != "invalid_grant" {
		t.Errorf("the refresh token gives %d %v", status, fields)
	}
	if !c.active(c.login().access) {
		t.Error("a token that is new is not active")
	}
	listed := run("", nil, "signing-key", "list", "--data", data)
	if strings.Count(listed.stdout, "revoked") != 1 || strings.Count(listed.stdout, "active") != 1 {
		t.Errorf("signing keys: %+v", listed)
	}
	verified := run("", nil, "audit", "verify", "--data", data)
	if verified.code != 0 {
		t.Errorf("audit verify: %+v", verified)
	}
	p.terminate(t)
	needless = abandon(nil, "--yes")
	if needless.code != 1 {
		t.Errorf("a second time: %+v", needless)
	}
}

func TestAnUnusedDatabaseHasNoMasterKeyToAbandon(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	none := run("", nil, "master-key", "abandon", "--data", data, "--yes")
	if none.code != 1 {
		t.Errorf("without a database: %+v", none)
	}
	checkForm(t, none.stderr)
}
