package hostile

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

const (
	formType  = "application/x-www-form-urlencoded"
	jsonType  = "application/json"
	tokenPath = "/oauth2/token"
)

// tries is how often a machine that is busy with something else may be slow.
const tries = 5

// request is what is sent; the zero value of a field is what a well-meaning
// client of the form dialect does.
type request struct {
	method, path string
	kind         string // Content-Type; "none" sends no header
	body         string
	key          blackbox.Key // sent as Authorization: Basic, unless its ID is ""
	header       map[string]string
	chunked      bool
}

// attempt is a request with the answer it must get. A code of "" means a token.
type attempt struct {
	name    string
	request request
	status  int
	code    string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

func (f fixture) try(t *testing.T, attempts []attempt) {
	t.Helper()
	for _, a := range attempts {
		t.Run(a.name, func(t *testing.T) {
			got := f.send(t, a.request)
			if a.code == "" {
				f.checkToken(t, got)
				return
			}
			checkError(t, got, a.status, a.code)
		})
	}
}

// send sends the request and expects the answer within a second. A machine that
// is busy with something else gets more tries to be that fast.
func (f fixture) send(t *testing.T, r request) answer {
	t.Helper()
	var got answer
	for range tries {
		got = f.sendOnce(t, r)
		if got.took <= time.Second {
			return got
		}
	}
	t.Errorf("got the answer after %s, want it within a second", got.took)
	return got
}

func (f fixture) sendOnce(t *testing.T, r request) answer {
	t.Helper()
	started := time.Now()
	resp, err := f.Client(t).Do(f.build(t, r))
	if err != nil {
		t.Fatalf("got no answer: %v", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("got half an answer: %v", err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(body), took: time.Since(started)}
}

func (f fixture) build(t *testing.T, r request) *http.Request {
	t.Helper()
	method, path, kind := r.method, r.path, r.kind
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = tokenPath
	}
	if kind == "" {
		kind = formType
	}
	req, err := http.NewRequest(method, f.URL+path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "none" {
		req.Header.Set("Content-Type", kind)
	}
	if r.key.ID != "" {
		req.SetBasicAuth(r.key.ID, r.key.Secret)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	if r.chunked {
		req.ContentLength = -1
	}
	return req
}

// The fixed shapes of the two answers. A description holds printable ASCII
// without quote and backslash (RFC 6749 §5.2), and there always is one.
var (
	errorShape = regexp.MustCompile(`^\{"error":"([a-z_]+)","error_description":"[\x20\x21\x23-\x5b\x5d-\x7e]+"\}$`)
	tokenShape = regexp.MustCompile(`^\{"access_token":"[A-Za-z0-9._~+/-]+","token_type":"Bearer","expires_in":[1-9][0-9]*(,"refresh_token":"[A-Za-z0-9._~+/-]+")?,"scope":"[^"\\]+"\}$`)
)

func (f fixture) checkToken(t *testing.T, got answer) {
	t.Helper()
	if got.status != http.StatusOK || !tokenShape.MatchString(got.body) {
		t.Errorf("got %d %s, want a token in the fixed shape", got.status, got.body)
		return
	}
	checkHeader(t, got.header)
	f.ParseToken(t, []byte(got.body))
}

func checkError(t *testing.T, got answer, status int, code string) {
	t.Helper()
	shape := errorShape.FindStringSubmatch(got.body)
	if got.status != status || shape == nil || shape[1] != code {
		t.Errorf("got %d %.300q, want %d %s in the fixed shape", got.status, got.body, status, code)
		return
	}
	checkHeader(t, got.header)
	if status == http.StatusUnauthorized && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Basic ") {
		t.Errorf("got WWW-Authenticate %q with 401, want a Basic challenge", got.header.Get("WWW-Authenticate"))
	}
}

func checkHeader(t *testing.T, h http.Header) {
	t.Helper()
	want := map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}
	for name, value := range want {
		if h.Get(name) != value {
			t.Errorf("got %s %q, want %q", name, h.Get(name), value)
		}
	}
	if !strings.HasPrefix(h.Get("Content-Type"), jsonType) {
		t.Errorf("got Content-Type %q, want %s", h.Get("Content-Type"), jsonType)
	}
}
