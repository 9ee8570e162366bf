package web

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/oauth"
)

func TestErrorTable(t *testing.T) {
	tests := []struct {
		name      string
		err       error
		status    int
		body      string
		challenge bool
		retry     string
	}{
		{"RFC 6749 §5.2: invalid_request is 400", Refuse(oauth.InvalidRequest, "do this"), 400, `{"error":"invalid_request","error_description":"do this"}`, false, ""},
		{"RFC 6749 §5.2: invalid_client is 401 with a challenge", Refuse(oauth.InvalidClient, "x"), 401, `{"error":"invalid_client","error_description":"x"}`, true, ""},
		{"RFC 9110 §15.5.2: every 401 has a challenge", Refuse(oauth.InvalidClient, "no credentials"), 401, `{"error":"invalid_client","error_description":"no credentials"}`, true, ""},
		{"invalid_grant is 400", Refuse(oauth.InvalidGrant, ""), 400, `{"error":"invalid_grant"}`, false, ""},
		{"unauthorized_client is 400", Refuse(oauth.UnauthorizedClient, ""), 400, `{"error":"unauthorized_client"}`, false, ""},
		{"unsupported_grant_type is 400", Refuse(oauth.UnsupportedGrantType, ""), 400, `{"error":"unsupported_grant_type"}`, false, ""},
		{"invalid_scope is 400", Refuse(oauth.InvalidScope, ""), 400, `{"error":"invalid_scope"}`, false, ""},
		{"RFC 8707 §2: invalid_target is 400", Refuse(oauth.InvalidTarget, ""), 400, `{"error":"invalid_target"}`, false, ""},
		{"access_denied is 403", Refuse(oauth.AccessDenied, ""), 403, `{"error":"access_denied"}`, false, ""},
		{
			"temporarily_unavailable is 503 with Retry-After rounded up",
			&Error{Public: oauth.Error{Code: oauth.TemporarilyUnavailable}, RetryAfter: 1500 * time.Millisecond},
			503, `{"error":"temporarily_unavailable"}`, false, "2",
		},
		{"an oauth error of another package", &oauth.Error{Code: oauth.InvalidScope, Description: "y"}, 400, `{"error":"invalid_scope","error_description":"y"}`, false, ""},
		{
			"an unexpected error keeps its text to itself", errors.New("dial tcp 10.0.0.1: secret"), 500,
			`{"error":"server_error","error_description":"an unexpected error happened; the server log has the cause"}`, false, "",
		},
		{
			"RFC 6749 §5.2: a description keeps to its character set", Refuse(oauth.InvalidRequest, "a\"b\\c\nd\x00é"), 400,
			`{"error":"invalid_request","error_description":"a?b?c?d???"}`, false, "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, rec := httptest.NewRecorder(), &Record{}
			WriteError(w, rec, tt.err)
			if w.Code != tt.status || rec.Status != tt.status {
				t.Errorf("status: got %d (record %d), want %d", w.Code, rec.Status, tt.status)
			}
			if w.Body.String() != tt.body {
				t.Errorf("body: got %s, want %s", w.Body, tt.body)
			}
			if got := w.Header().Get("WWW-Authenticate") != ""; got != tt.challenge {
				t.Errorf("challenge: got %v, want %v", got, tt.challenge)
			}
			if got := w.Header().Get("Retry-After"); got != tt.retry {
				t.Errorf("Retry-After: got %q, want %q", got, tt.retry)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Pragma") != "no-cache" {
				t.Errorf("the answer may be cached: %v", w.Header())
			}
			if !strings.HasPrefix(tt.body, `{"error":"`+rec.Error) {
				t.Errorf("record has error %q, body is %s", rec.Error, tt.body)
			}
		})
	}
}

func TestTheCauseGoesToTheRecordOnly(t *testing.T) {
	cause := errors.New("connection refused")
	w, rec := httptest.NewRecorder(), &Record{}
	WriteError(w, rec, &Error{Public: oauth.Error{Code: oauth.ServerError}, Cause: cause})
	if !errors.Is(rec.Cause, cause) {
		t.Errorf("record has cause %v", rec.Cause)
	}
	if strings.Contains(w.Body.String(), "refused") {
		t.Errorf("the answer shows the cause: %s", w.Body)
	}
}
