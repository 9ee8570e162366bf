package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/token"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// nobody lets no one in.
type nobody struct{}

func (nobody) Authenticate(context.Context, *web.Request) (*mirror.Client, error) {
	return nil, web.Refuse(oauth.InvalidClient, "client authentication failed")
}

// freshOnly knows how fresh it is; to ask it for anything else panics.
type freshOnly struct{ token.Directory }

func (freshOnly) Staleness() time.Duration { return 0 }

// A flood of tokens from strangers costs their authentication and no signature
// check: the endpoints have no reader here, and do not miss it.
func TestATokenOfAStrangerIsNotLookedAt(t *testing.T) {
	metrics := telemetry.NewMetrics(prometheus.NewRegistry())
	plumbing := &web.Plumbing{Logger: slog.New(slog.DiscardHandler), Metrics: metrics, Now: time.Now, BodyTimeout: time.Second}
	introspection := &token.Introspection{Authenticator: nobody{}, Directory: freshOnly{}, MaxStaleness: time.Minute, Metrics: metrics}
	revocation := &token.Revocation{Authenticator: nobody{}, Directory: freshOnly{}, Metrics: metrics}
	for name, serve := range map[string]func(context.Context, http.ResponseWriter, *web.Request) error{
		"introspection": introspection.Serve, "revocation": revocation.Serve,
	} {
		t.Run(name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			ask := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("token=e30.e30.e30"))
			ask.Header.Set("Content-Type", formType)
			plumbing.Client("/", serve).ServeHTTP(answer, ask)
			if answer.Code != http.StatusUnauthorized {
				t.Errorf("got %d %s", answer.Code, answer.Body)
			}
		})
	}
}
