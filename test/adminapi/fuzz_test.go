package adminapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// spared are the calls that the fuzzer leaves out: streams, which it cannot read or write,
// and those that end its own token.
const spared = `events|import-keys|revoke-tokens|/disable|signing-keys/.kid|resource-servers`

func TestFuzzerFindsNothingWrongWithTheDocument(t *testing.T) {
	fuzzer := filepath.Join(blackbox.Root(t), "build", "schemathesis", "bin", "schemathesis")
	_, err := os.Stat(fuzzer)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip("installation: the fuzzer is not there; test/adminapi/setup.sh brings it")
	}
	admin, err := blackbox.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	s := blackbox.Start(t, blackbox.Options{Args: []string{"--admin-listen", admin}})
	s.CreateAPI(t, "--audience", "https://ledger.example", "--scope", "/accounts.read")
	base := "http://" + admin + "/admin/v1"
	token := administrator(t, s, base)
	cmd := exec.CommandContext(t.Context(), fuzzer, "run", base+"/openapi.json", "-H", "Authorization: Bearer "+token,
		"--exclude-path-regex", spared, "--exclude-method", "DELETE", "--max-examples", "25", "--seed", "1",
		"--phases", "examples,coverage,fuzzing", "--generation-database", "none", "--continue-on-failure", "--suppress-health-check", "all",
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection")
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "Test cases:") {
		t.Errorf("the fuzzer did not say what it did:\n%s", out)
	}
	if strings.Contains(s.Log(), token) {
		t.Error("the token is in the log")
	}
}

// administrator makes a key for the Admin API with all its scopes, and gets a token.
func administrator(t *testing.T, s *blackbox.Server, base string) string {
	t.Helper()
	document := get(t, base+"/openapi.json")
	var read struct {
		Paths map[string]map[string]struct {
			Security []map[string][]string `json:"security"`
		} `json:"paths"`
	}
	err := json.Unmarshal(document, &read)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"admin-key", "create", "--data", s.Options.Data, "--name", "fuzzer", "--json", "--scope", "/accounts.read"}
	seen := map[string]bool{}
	for _, methods := range read.Paths {
		for _, operation := range methods {
			for _, scope := range operation.Security[0]["bearer"] {
				if !seen[scope] {
					args = append(args, "--scope", scope)
				}
				seen[scope] = true
			}
		}
	}
	var key struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	made := blackbox.Run(t, "", args...)
	err = json.Unmarshal([]byte(made.Stdout), &key)
	if err != nil {
		t.Fatalf("%v: %+v", err, made)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {key.ClientID}, "client_secret": {key.ClientSecret}}
	form.Set("resource", s.URL+"/admin")
	response, err := s.Client(t).PostForm(s.URL+"/oauth2/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	err = json.NewDecoder(response.Body).Decode(&token)
	if err != nil || token.AccessToken == "" {
		t.Fatalf("no token: %d, %v", response.StatusCode, err)
	}
	return token.AccessToken
}

func get(t *testing.T, address string) []byte {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, response.StatusCode, err)
	}
	return body
}
