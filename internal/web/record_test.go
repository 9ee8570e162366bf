package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	var log strings.Builder
	p := callPlumbing(&log)
	const answered = `{"status":"ok"}`
	tests := []struct {
		name    string
		handler http.Handler
		status  int
		says    string
		wantLog []string
	}{
		{
			"before the answer it is server_error",
			p.Client("/route", func(context.Context, http.ResponseWriter, *Request) error { panic("disk on fire") }),
			http.StatusInternalServerError,
			`{"error":"server_error","error_description":"an unexpected error happened; the server log has the cause"}`,
			[]string{"level=ERROR", "route=/route", "status=500", "error=server_error", "panic: disk on fire", "record_test.go"},
		},
		{
			"after the answer it adds nothing",
			p.Handle("/route", func(w http.ResponseWriter, _ *http.Request, rec *Record) {
				WriteJSON(w, rec, http.StatusOK, []byte(answered))
				panic("disk on fire")
			}),
			http.StatusOK, answered,
			[]string{"route=/route", "status=200", "panic: disk on fire"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log.Reset()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("a=b"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			tt.handler.ServeHTTP(w, r)
			if w.Code != tt.status || w.Body.String() != tt.says {
				t.Errorf("got %d %q\nwant %d %q", w.Code, w.Body, tt.status, tt.says)
			}
			if w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("got headers %v", w.Header())
			}
			for _, want := range tt.wantLog {
				if !strings.Contains(log.String(), want) {
					t.Errorf("there is no %s in the log:\n%s", want, log.String())
				}
			}
			if got := strings.Count(log.String(), "msg=request"); got != 1 {
				t.Errorf("there are %d records in the log, want 1:\n%s", got, log.String())
			}
		})
	}
}
