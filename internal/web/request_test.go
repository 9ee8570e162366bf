package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestWhatARequestSaysBesideItsBody(t *testing.T) {
	tests := []struct {
		name   string
		accept []string
		want   string
	}{
		{"no Accept", nil, ""},
		{"one Accept", []string{"application/token-introspection+jwt"}, "application/token-introspection+jwt"},
		{"RFC 9110 §5.3: several fields are one list", []string{"application/json;q=0.5, text/html", "*/*"}, "application/json;q=0.5, text/html, */*"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got *Request
			handler := callPlumbing(io.Discard).Client("/route", func(_ context.Context, _ http.ResponseWriter, r *Request) error {
				kept := *r
				kept.Params = slices.Clone(r.Params)
				got = &kept
				return nil
			})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("a=b"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-For", "203.0.113.9")
			r.RemoteAddr = "192.0.2.1:4711"
			for _, value := range tt.accept {
				r.Header.Add("Accept", value)
			}
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if got == nil {
				t.Fatal("the endpoint was not reached")
			}
			if got.Accept != tt.want || got.Peer != "192.0.2.1:4711" || got.Params.Get("a") != "b" {
				t.Errorf("got Accept %q, peer %q and %v; want Accept %q and the peer of the connection", got.Accept, got.Peer, got.Params, tt.want)
			}
		})
	}
}
