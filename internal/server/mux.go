package server

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/adminapi"
	"github.com/grantd/grantd/internal/token"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// public is what everybody reaches. No operator's route is on it.
func (s *Server) public() (http.Handler, error) {
	revocation := &token.Revocation{
		Authenticator: s.authenticator,
		Reader:        s.reader,
		Store:         s.ownStore(),
		Directory:     s.mirror,
		Metrics:       s.metrics,
	}
	introspection := &token.Introspection{
		Authenticator: s.authenticator,
		Reader:        s.reader,
		Directory:     s.mirror,
		MaxStaleness:  s.Config.MaxStaleness,
		Ring:          s.ring,
		Issuer:        s.issuer,
		Metrics:       s.metrics,
	}
	metadata, err := newMetadata(s.issuer)
	if err != nil {
		return nil, err
	}
	p := s.plumbing
	at := routes{}
	for _, base := range bases(s.issuer) {
		at[base+tokenPath] = p.Client(tokenPath, s.endpoint.Serve)
		at[base+authorizationPath] = p.Refusal(authorizationPath, noBrowserFlow())
		at[base+revocationPath] = p.Client(revocationPath, revocation.Serve)
		at[base+introspectionPath] = p.Client(introspectionPath, introspection.Serve)
		at[base+jwksPath] = p.Document(jwksPath, s.jwks)
		at[base+"/.well-known/jwks.json"] = p.Document(jwksPath, s.jwks)
	}
	for _, path := range metadata.paths {
		at[path] = p.Document("/.well-known", metadata.get)
	}
	s.health(at)
	nothing := p.NotFound("there is nothing at this path; tokens are at POST " + tokenPath + ", everything else is named in /.well-known/oauth-authorization-server")
	return at.or(nothing), nil
}

// noBrowserFlow is the answer of the authorization endpoint, which is there only for
// the metadata: clients that read OpenID Connect documents, and those of the Model
// Context Protocol, take no document without one.
func noBrowserFlow() error {
	return web.Refuse(oauth.UnsupportedResponseType,
		"this server issues tokens to machines and has no login page; send grant_type=client_credentials to the token endpoint, POST "+tokenPath)
}

// routes serves paths letter by letter. An http.ServeMux would answer paths such
// as //oauth2/token with a redirect, and the client would send its credentials
// once more; it would also take longer.
type routes map[string]http.Handler

// or serves everything else with another handler, also a path of ours in another
// encoding: it may have got past whoever guards that path.
func (rs routes) or(nothing http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, found := rs[r.URL.Path]
		if !found || r.URL.RawPath != "" {
			handler = nothing
		}
		handler.ServeHTTP(w, r)
	})
}

// operator is what the admin listener serves.
func (s *Server) operator(api http.Handler) http.Handler {
	at := routes{}
	metrics := promhttp.HandlerFor(s.Registry, promhttp.HandlerOpts{})
	at["/metrics"] = s.plumbing.Read("/metrics", func(w http.ResponseWriter, r *http.Request, rec *web.Record) {
		rec.Status = http.StatusOK
		metrics.ServeHTTP(w, r)
	})
	s.health(at)
	at["/"] = http.RedirectHandler(consolePath, http.StatusSeeOther)
	nothing := at.or(s.plumbing.NotFound("this is the admin listener; it serves /console/, /admin/v1/, /metrics, /healthz and /readyz"))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == adminAPIPath || strings.HasPrefix(r.URL.Path, adminAPIPath+"/") {
			api.ServeHTTP(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, consolePath) {
			s.console.ServeHTTP(w, r)
			return
		}
		nothing.ServeHTTP(w, r)
	})
}

// socket is what the Unix socket serves. To the command line the file's permission is
// the login; whoever brings a token is served the Admin API, with what the token may do.
func (s *Server) socket(api http.Handler) http.Handler {
	mux := http.NewServeMux()
	operators := admin.OperatorRoutes(s.usecases, s.plumbing)
	mux.Handle("/admin/v1/operators", operators)
	mux.Handle("/admin/v1/operators/", operators)
	mux.Handle("/", admin.Routes(s.usecases, s.plumbing))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if adminapi.Public(r) || len(r.Header.Values("Authorization")) > 0 {
			api.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) jwks() web.Document {
	d := s.ring.JWKS(s.Now())
	return web.Document{Body: d.Body, ETag: d.ETag, MaxAge: int(d.MaxAge / time.Second)}
}

func (s *Server) health(at routes) {
	at["/healthz"] = s.plumbing.Health("/healthz", func() (string, string) { return `{"status":"ok"}`, "" })
	at["/readyz"] = s.plumbing.Health("/readyz", s.readiness)
}

// readiness says how old what the server knows may be, and why no traffic should come
// here if it should not.
func (s *Server) readiness() (body, sentence string) {
	stale := s.mirror.Staleness()
	if s.draining.Load() {
		return "", "the server is shutting down"
	}
	if stale > s.Config.MaxStaleness {
		return "", "the server has lost touch with its store; it last heard from it " + lastHeard(stale)
	}
	return fmt.Sprintf(`{"status":"ok","staleness_seconds":%.3f}`, stale.Seconds()), ""
}

const neverHeard = "before it was started"

// lastHeard is for people: after a start, nobody may know.
func lastHeard(stale time.Duration) string {
	const unknown = 100 * 365 * 24 * time.Hour
	if stale > unknown {
		return neverHeard
	}
	return fmt.Sprintf("%.0f s ago", stale.Seconds())
}
