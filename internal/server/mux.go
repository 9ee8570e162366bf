package server

import (
	"net/http"
	"path"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/token"
	"github.com/grantd/grantd/internal/web"
)

// public is what everybody reaches. No operator's route is on it.
func (s *Server) public() (http.Handler, error) {
	endpoint := &token.Endpoint{
		Issuer:        s.issuer,
		Authenticator: s.authenticator,
		Directory:     s.mirror,
		MaxStaleness:  s.Config.MaxStaleness,
		Ring:          s.ring,
		Sealer:        s.sealer,
		Families:      s.Store,
		Metrics:       s.metrics,
		Now:           s.Now,
	}
	revocation := &token.Revocation{
		Authenticator: s.authenticator,
		Reader:        s.reader,
		Store:         s.Store,
		Directory:     s.mirror,
		Metrics:       s.metrics,
		Now:           s.Now,
	}
	introspection := &token.Introspection{
		Authenticator: s.authenticator,
		Reader:        s.reader,
		Directory:     s.mirror,
		MaxStaleness:  s.Config.MaxStaleness,
		Ring:          s.ring,
		Issuer:        s.issuer,
		Metrics:       s.metrics,
		Now:           s.Now,
	}
	metadata, err := newMetadata(s.issuer)
	if err != nil {
		return nil, err
	}
	p := s.plumbing
	mux := http.NewServeMux()
	for _, base := range bases(s.issuer) {
		mux.Handle(base+tokenPath, p.Client(tokenPath, endpoint.Serve))
		mux.Handle(base+revocationPath, p.Client(revocationPath, revocation.Serve))
		mux.Handle(base+introspectionPath, p.Client(introspectionPath, introspection.Serve))
		mux.Handle(base+jwksPath, p.Document(jwksPath, s.jwks))
		mux.Handle(base+"/.well-known/jwks.json", p.Document(jwksPath, s.jwks))
	}
	for _, path := range metadata.paths {
		mux.Handle(path, p.Document("/.well-known", metadata.get))
	}
	s.health(mux)
	nothing := p.NotFound("there is nothing at this path; tokens are at POST " + tokenPath + ", everything else is named in /.well-known/oauth-authorization-server")
	mux.Handle("/", nothing)
	return exact(mux, nothing), nil
}

// exact keeps paths such as //oauth2/token from the mux, which would answer
// them with a redirect: the client would send its credentials once more.
func exact(mux, nothing http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path {
			nothing.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// operator is what the admin listener serves. It has no login yet, so it has
// nothing that changes or shows a key; that is on the Unix socket.
func (s *Server) operator() http.Handler {
	mux := http.NewServeMux()
	metrics := promhttp.HandlerFor(s.Registry, promhttp.HandlerOpts{})
	mux.Handle("/metrics", s.plumbing.Read("/metrics", func(w http.ResponseWriter, r *http.Request, rec *web.Record) {
		rec.Status = http.StatusOK
		metrics.ServeHTTP(w, r)
	}))
	s.health(mux)
	mux.Handle("/", s.plumbing.NotFound("this is the admin listener; it serves /metrics, /healthz and /readyz"))
	return mux
}

// socket is what the Unix socket serves; the file's permission is the login.
func (s *Server) socket() http.Handler {
	return admin.Routes(s.usecases, s.plumbing)
}

func (s *Server) jwks() web.Document {
	d := s.ring.JWKS(s.Now())
	return web.Document{Body: d.Body, ETag: d.ETag, MaxAge: int(d.MaxAge / time.Second)}
}

func (s *Server) health(mux *http.ServeMux) {
	mux.Handle("/healthz", s.plumbing.Health("/healthz", func() string { return "" }))
	mux.Handle("/readyz", s.plumbing.Health("/readyz", s.unready))
}

// unready says why no traffic should come here, or "".
func (s *Server) unready() string {
	if s.draining.Load() {
		return "the server is shutting down"
	}
	if s.mirror.Staleness() > s.Config.MaxStaleness {
		return "the server has lost touch with its store"
	}
	return ""
}
