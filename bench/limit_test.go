package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLimitServer(t *testing.T) {
	headers := http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}}
	tests := []struct {
		name  string
		work  work
		basic bool
		body  string
		want  int
	}{
		{"no-op answers anything", noop, false, "", http.StatusOK},
		{"form answers a token request", form, false, "grant_type=client_credentials&client_id=a&client_secret=b", http.StatusOK},
		{"form answers Basic", form, true, "grant_type=client_credentials", http.StatusOK},
		{"form refuses another grant", form, true, "grant_type=password", http.StatusBadRequest},
		{"form answers a question about a token", form, false, "token=x&client_id=a&client_secret=b", http.StatusOK},
		{"form refuses a request without a secret", form, false, "grant_type=client_credentials&client_id=a", http.StatusBadRequest},
		{"P-256 answers a token request", signP256, false, "grant_type=client_credentials&client_id=a&client_secret=b", http.StatusOK},
		{"P-256 with a random nonce answers a token request", signRandom, true, "grant_type=client_credentials", http.StatusOK},
		{"Ed25519 answers a token request", signEd25519, true, "grant_type=client_credentials", http.StatusOK},
		{"RSA answers a token request", signRSA, true, "grant_type=client_credentials", http.StatusOK},
		{"a verification answers a question about a token", verifyP256, true, "token=x", http.StatusOK},
		{"a verification looks at the form", verifyP256, true, "x=y", http.StatusBadRequest},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := newLimitServer(test.work, headers, 123)
			if err != nil {
				t.Fatal(err)
			}
			request := httptest.NewRequest(http.MethodPost, tokenPath, strings.NewReader(test.body))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if test.basic {
				request.SetBasicAuth("a", "b")
			}
			recorder := httptest.NewRecorder()
			s.answer(recorder, request)
			if recorder.Code != test.want {
				t.Fatalf("got %d, want %d", recorder.Code, test.want)
			}
			if test.want != http.StatusOK {
				return
			}
			if recorder.Body.Len() != 123 {
				t.Errorf("got %d bytes, want 123", recorder.Body.Len())
			}
			diff := cmp.Diff(headers, recorder.Header())
			if diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
	_, err := newLimitServer("dance", nil, 1)
	if err == nil {
		t.Error("got no error for unknown work")
	}
}

func TestLimitArgumentsImitate(t *testing.T) {
	example := sample{body: []byte("1234567"), headers: imitable(http.Header{"Pragma": {"no-cache"}, "Date": {"today"}, "Content-Length": {"7"}})}
	got := limitArguments(imitation{work: signP256, example: example})
	diff := cmp.Diff([]string{"-work", "p256", "-size", "7", "-header", "Pragma: no-cache"}, got)
	if diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestEveryImitationHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	e := examples{}
	for _, one := range append(e.imitations(), e.onFasthttp("x")...) {
		if seen[one.name] || !strings.HasPrefix(one.name, "limit: ") {
			t.Errorf("%q is there twice, or is no name of a limit server", one.name)
		}
		seen[one.name] = true
	}
	for _, one := range e.encrypted() {
		if !seen[one.name] {
			t.Errorf("%q runs behind TLS only", one.name)
		}
	}
}
