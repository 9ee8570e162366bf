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
		{"form refuses a request without a secret", form, false, "grant_type=client_credentials&client_id=a", http.StatusBadRequest},
		{"sign answers a token request", sign, false, "grant_type=client_credentials&client_id=a&client_secret=b", http.StatusOK},
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
	diff := cmp.Diff([]string{"limit", "-work", "sign", "-size", "7", "-header", "Pragma: no-cache"}, limitArguments(sign, example))
	if diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}
