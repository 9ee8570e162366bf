package adminapi

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// spared are the calls that the fuzzer leaves out. It reads an answer to its end, and the
// stream of events has none; an import is answered with 200 line by line whatever is sent.
// Both have tests of their own in internal/server.
const spared = `events|import-keys`

type credentials struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

func TestFuzzerFindsNothingWrongWithTheDocument(t *testing.T) {
	root := blackbox.Root(t)
	fuzzer := filepath.Join(root, "build", "schemathesis", "bin", "schemathesis")
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
	operations := read(t, base+"/openapi.json")
	key := administrator(t, s, operations)
	fill(t, s, base, key)
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	cmd := exec.CommandContext(t.Context(), fuzzer, "run", base+"/openapi.json",
		"--exclude-path-regex", spared, "--max-examples", "25", "--seed", "1",
		"--phases", "examples,coverage,fuzzing", "--generation-database", "none", "--continue-on-failure", "--suppress-health-check", "all",
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection")
	cmd.Dir = dir
	cmd.Env = append(
		os.Environ(), "PYTHONPATH="+filepath.Join(root, "test", "adminapi"), "PYTHONDONTWRITEBYTECODE=1", "SCHEMATHESIS_HOOKS=hooks",
		"GRANTD_BASE="+base, "GRANTD_TOKEN="+s.URL+"/oauth2/token", "GRANTD_RESOURCE="+s.URL+"/admin", "GRANTD_SEEN="+seen,
		"GRANTD_ID="+key.ClientID, "GRANTD_SECRET="+key.ClientSecret,
	)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	checkReach(t, operations, seen)
	if strings.Contains(s.Log(), key.ClientSecret) {
		t.Error("the secret is in the log")
	}
}

// checkReach looks at whether the fuzzer came through to what each call is for.
func checkReach(t *testing.T, operations map[string]string, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	done, all := map[string]bool{}, 0
	for line := range strings.Lines(string(content)) {
		var one struct {
			Method string `json:"method"`
			Path   string `json:"path"`
			Status int    `json:"status"`
		}
		err = json.Unmarshal([]byte(line), &one)
		if err != nil {
			t.Fatal(err)
		}
		all++
		if one.Status < 300 {
			done[one.Method+" "+one.Path] = true
		}
	}
	t.Logf("%d requests of %d calls", all, len(operations))
	left := regexp.MustCompile(spared)
	for name := range operations {
		if !done[name] && !left.MatchString(name) {
			t.Errorf("%s was never answered with success", name)
		}
	}
}

// read returns the scope of each call in the document.
func read(t *testing.T, address string) map[string]string {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Security []map[string][]string `json:"security"`
		} `json:"paths"`
	}
	err := json.Unmarshal(get(t, address), &document)
	if err != nil {
		t.Fatal(err)
	}
	scopes := map[string]string{}
	for path, methods := range document.Paths {
		for method, operation := range methods {
			scopes[strings.ToUpper(method)+" "+path] = operation.Security[0]["bearer"][0]
		}
	}
	return scopes
}

// administrator makes a key for the Admin API with all its scopes.
func administrator(t *testing.T, s *blackbox.Server, operations map[string]string) credentials {
	t.Helper()
	args := []string{"admin-key", "create", "--data", s.Options.Data, "--name", "fuzzer", "--json", "--scope", "/accounts.read"}
	for _, scope := range slices.Compact(slices.Sorted(maps.Values(operations))) {
		args = append(args, "--scope", scope)
	}
	var key credentials
	made := blackbox.Run(t, "", args...)
	err := json.Unmarshal([]byte(made.Stdout), &key)
	if err != nil {
		t.Fatalf("%v: %+v", err, made)
	}
	return key
}

// fill makes records for the fuzzer to read, change and delete.
func fill(t *testing.T, s *blackbox.Server, base string, key credentials) {
	t.Helper()
	var lines strings.Builder
	for n := range 150 {
		fmt.Fprintf(&lines, `{"name":"%d for the fuzzer","client_id":"fuzzed-%d","client_secret":"0123456789abcdef%d","scopes":["/accounts.read"]}`+"\n", n, n, n)
	}
	token := fetch(t, s, key)
	post(t, base+"/import-keys", token, "application/x-ndjson", lines.String())
	for n := range 40 {
		post(t, base+"/apis", token, "application/json", fmt.Sprintf(`{"audience":"https://fuzzed-%d.example","scopes":["/fuzzed-%d.read"]}`, n, n))
	}
}

func fetch(t *testing.T, s *blackbox.Server, key credentials) string {
	t.Helper()
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

func post(t *testing.T, address, token, contentType, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusBadRequest || strings.Contains(string(answer), "refused") && !strings.Contains(string(answer), `"done"`) {
		t.Fatalf("%s: %d %v %s", address, response.StatusCode, err, answer)
	}
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
