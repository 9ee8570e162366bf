package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/telemetry"
)

func callPlumbing(log io.Writer) *Plumbing {
	return &Plumbing{
		Logger:  telemetry.NewLogger(log, telemetry.Text, slog.LevelInfo),
		Metrics: telemetry.NewMetrics(prometheus.NewRegistry()),
		Now:     time.Now,
	}
}

func TestCall(t *testing.T) {
	var log strings.Builder
	p := callPlumbing(&log)
	mux := http.NewServeMux()
	mux.Handle("POST /echo/{id}", Call(p, "/echo", 201, func(_ context.Context, c CallInfo, in sample) (sample, error) {
		in.Name += " " + c.Path("id") + " " + c.Query.Get("q") + " " + c.Actor
		return in, nil
	}))
	mux.Handle("DELETE /gone", Call(p, "/gone", 204, func(context.Context, CallInfo, NoBody) (NoBody, error) {
		return NoBody{}, nil
	}))
	mux.Handle("GET /broken", Call(p, "/broken", 200, func(context.Context, CallInfo, NoBody) (NoBody, error) {
		return NoBody{}, errors.New("disk on fire")
	}))
	mux.Handle("GET /problem", Call(p, "/problem", 200, func(context.Context, CallInfo, NoBody) (NoBody, error) {
		return NoBody{}, &Problem{Status: 404, Detail: "no such key", Hint: "list them", Cause: errors.New("row missing")}
	}))
	mux.Handle("/", ServeProblem(p, "other", Problem{Status: 405, Detail: "no"}, map[string]string{"Allow": "GET"}))

	tests := []struct {
		name, method, path, body, contentType string
		anonymous                             bool
		status                                int
		want, wantLog                         string
	}{
		{
			name: "the body, the path, the query and the actor reach the call", method: "POST", path: "/echo/7?q=x",
			body: `{"name":"n"}`, contentType: "application/json", status: 201,
			want: `{"name":"n 7 x uid:7","scopes":[],"count":0,"on":false}`, wantLog: "actor=uid:7",
		},
		{
			name: "a charset beside the media type is fine", method: "POST", path: "/echo/7",
			body: `{}`, contentType: "application/json; charset=utf-8", status: 201, want: `"on":false`,
		},
		{
			name: "a connection without an actor is refused", method: "POST", path: "/echo/7", anonymous: true,
			body: `{}`, contentType: "application/json", status: 403, want: `"detail":"this connection does not say who is calling"`,
		},
		{
			name: "a form is refused", method: "POST", path: "/echo/7", body: "name=n", contentType: "application/x-www-form-urlencoded",
			status: 415, want: `"hint":"send the header Content-Type: application/json"`,
		},
		{
			name: "a body without a media type is refused", method: "POST", path: "/echo/7", body: "{}",
			status: 415, want: `"title":"Unsupported Media Type"`,
		},
		{
			name: "a member at fault is named", method: "POST", path: "/echo/7", body: `{"x":1}`, contentType: "application/json",
			status: 400, want: `"field":"x"`,
		},
		{
			name: "a body over 1 MiB is refused", method: "POST", path: "/echo/7", body: `"` + strings.Repeat("a", 1<<20) + `"`,
			contentType: "application/json", status: 413, want: `"detail":"the body is larger than 1048576 bytes"`,
		},
		{name: "a malformed query is refused", method: "POST", path: "/echo/7?q=%zz", body: "{}", contentType: "application/json", status: 400},
		{name: "204 has no body", method: "DELETE", path: "/gone", status: 204},
		{name: "a body where none belongs is refused", method: "DELETE", path: "/gone", body: "{}", status: 400, want: "takes no body"},
		{
			name: "an error that is not ours is logged and not shown", method: "GET", path: "/broken", status: 500,
			want: "the server met an unexpected condition", wantLog: `cause="disk on fire"`,
		},
		{
			name: "RFC 9457 §3: a problem has title, status and detail", method: "GET", path: "/problem", status: 404,
			want:    `{"status":404,"title":"Not Found","detail":"no such key","hint":"list them"}`,
			wantLog: `cause="row missing"`,
		},
		{name: "a fixed problem carries its headers", method: "PUT", path: "/x", status: 405, want: `"title":"Method Not Allowed"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log.Reset()
			r := httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.contentType)
			if !tt.anonymous {
				r = r.WithContext(WithActor(r.Context(), "uid:7"))
			}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got %d %s\nwant %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
			if strings.Contains(w.Body.String(), "disk on fire") || strings.Contains(w.Body.String(), "row missing") {
				t.Errorf("the cause was shown: %s", w.Body)
			}
			if !strings.Contains(log.String(), tt.wantLog) {
				t.Errorf("log %q lacks %q", log.String(), tt.wantLog)
			}
			wantType := "application/json"
			if tt.status >= 400 {
				wantType = "application/problem+json"
			}
			if tt.status != 204 && w.Header().Get("Content-Type") != wantType {
				t.Errorf("Content-Type %q, want %q", w.Header().Get("Content-Type"), wantType)
			}
			if tt.status == 405 && w.Header().Get("Allow") != "GET" {
				t.Errorf("Allow %q, want GET", w.Header().Get("Allow"))
			}
		})
	}
}
