package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/grantd/grantd/oauth"
)

// listedOrigins are the origins of keys.
type listedOrigins []string

func (l listedOrigins) AllowsOrigin(origin string) bool { return slices.Contains(l, origin) }

const app = "https://app.example.com"

func TestPreflight(t *testing.T) {
	tests := []struct {
		name    string
		origins Origins
		origin  []string
		status  int
		header  map[string]string
		says    string
	}{
		{
			"of an origin that a key lists",
			listedOrigins{app},
			[]string{app},
			http.StatusNoContent,
			map[string]string{
				"Access-Control-Allow-Origin": app, "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Authorization, Content-Type",
				"Access-Control-Max-Age": "600",
			},
			"",
		},
		{"of another origin", listedOrigins{app}, []string{"https://evil.example"}, http.StatusForbidden, nil, `"access_denied"`},
		{"of two origins", listedOrigins{app}, []string{app, app}, http.StatusForbidden, nil, `"access_denied"`},
		{"where there are no origins", nil, []string{app}, http.StatusForbidden, nil, `"access_denied"`},
		{"without an origin is none", listedOrigins{app}, nil, http.StatusMethodNotAllowed, map[string]string{"Allow": "POST"}, `"invalid_request"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log strings.Builder
			p := callPlumbing(&log)
			p.Origins = tt.origins
			handler := p.Client("/route", func(context.Context, http.ResponseWriter, *Request) error {
				t.Error("it reached the endpoint")
				return nil
			})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/", http.NoBody)
			r.Header["Origin"] = tt.origin
			r.Header.Set("Access-Control-Request-Method", http.MethodPost)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) || w.Header().Get("Vary") != "Origin" {
				t.Errorf("got %d %s with Vary %q, want %d with %s", w.Code, w.Body, w.Header().Get("Vary"), tt.status, tt.says)
			}
			for _, name := range []string{
				"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age",
				"Access-Control-Allow-Credentials", "Access-Control-Expose-Headers", "Allow",
			} {
				if got := w.Header().Get(name); got != tt.header[name] {
					t.Errorf("%s: got %q, want %q", name, got, tt.header[name])
				}
			}
			if got := strings.Count(log.String(), "method=OPTIONS route=/route"); got != 1 {
				t.Errorf("it is in the log %d times:\n%s", got, log.String())
			}
		})
	}
}

func TestWhoseScriptsMayReadAnAnswer(t *testing.T) {
	refusal := func(code oauth.ErrorCode, status int) error {
		e := Refuse(code, "no")
		e.Status = status
		return e
	}
	tests := []struct {
		name   string
		origin string
		method string
		answer error
		status int
		want   string
	}{
		{"a success", app, http.MethodPost, nil, http.StatusOK, app},
		{"a success for nobody's origin", "https://evil.example", http.MethodPost, nil, http.StatusOK, ""},
		{"a success for null", "null", http.MethodPost, nil, http.StatusOK, ""},
		{"a success for no origin", "", http.MethodPost, nil, http.StatusOK, ""},
		{"a wrong request", app, http.MethodPost, refusal(oauth.InvalidRequest, 0), http.StatusBadRequest, app},
		{"a wrong secret", app, http.MethodPost, refusal(oauth.InvalidClient, 0), http.StatusUnauthorized, app},
		{"a wrong network", app, http.MethodPost, refusal(oauth.AccessDenied, 0), http.StatusForbidden, app},
		{"too many requests", app, http.MethodPost, refusal(oauth.TemporarilyUnavailable, http.StatusTooManyRequests), http.StatusTooManyRequests, app},
		{"a wrong request of nobody's origin", "https://evil.example", http.MethodPost, refusal(oauth.InvalidRequest, 0), http.StatusBadRequest, ""},
		{"a request that did not reach the endpoint", app, http.MethodPut, nil, http.StatusMethodNotAllowed, app},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := callPlumbing(&strings.Builder{})
			p.Origins = listedOrigins{app}
			handler := p.Client("/route", func(_ context.Context, w http.ResponseWriter, r *Request) error {
				if r.Origin != tt.origin {
					t.Errorf("the endpoint sees the origin %q, want %q", r.Origin, tt.origin)
				}
				if tt.answer == nil {
					WriteJSON(w, r.Record, http.StatusOK, []byte("{}"))
				}
				return tt.answer
			})
			r := posted(t, "192.0.2.1:4711", nil)
			r.Method = tt.method
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			expose := ""
			if tt.want != "" {
				expose = "Retry-After, RateLimit, RateLimit-Policy"
			}
			h := w.Header()
			if w.Code != tt.status || h.Get("Access-Control-Allow-Origin") != tt.want || h.Get("Access-Control-Expose-Headers") != expose ||
				h.Get("Vary") != "Origin" || h.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("got %d with %v, want %d for %q", w.Code, h, tt.status, tt.want)
			}
		})
	}
}

func TestAnOriginThatTheKeyDoesNotListIsDenied(t *testing.T) {
	p := callPlumbing(&strings.Builder{})
	p.Origins = listedOrigins{app}
	handler := p.Client("/route", func(_ context.Context, w http.ResponseWriter, r *Request) error {
		if w.Header().Get("Access-Control-Allow-Origin") != app {
			t.Error("it was not allowed before")
		}
		DenyOrigin(w.Header())
		WriteJSON(w, r.Record, http.StatusOK, []byte("{}"))
		return nil
	})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, posted(t, "192.0.2.1:4711", http.Header{"Origin": {app}}))
	for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"} {
		if _, there := w.Header()[name]; there {
			t.Errorf("%s is still there: %v", name, w.Header())
		}
	}
	if w.Header().Get("Vary") != "Origin" {
		t.Error("the answer depends on the origin, and Vary does not say so")
	}
}

func TestAnEndpointSeesTheReferer(t *testing.T) {
	p := callPlumbing(&strings.Builder{})
	for _, values := range [][]string{nil, {app + "/page"}, {app + "/page", "https://evil.example/"}} {
		want := strings.Join(values, ", ")
		handler := p.Client("/route", func(_ context.Context, w http.ResponseWriter, r *Request) error {
			if r.Referer != want || r.Origin != "" {
				t.Errorf("got Referer %q and Origin %q, want %q and none", r.Referer, r.Origin, want)
			}
			WriteJSON(w, r.Record, http.StatusOK, []byte("{}"))
			return nil
		})
		handler.ServeHTTP(httptest.NewRecorder(), posted(t, "192.0.2.1:4711", http.Header{"Referer": values}))
	}
}
