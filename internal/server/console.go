package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/grantd/grantd/internal/console"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/web"
)

const consolePath = "/console/"

// consoleURL is where browsers reach the console.
func (s *Server) consoleURL(operator net.Listener) string {
	if s.Config.ConsoleURL != "" {
		return s.Config.ConsoleURL
	}
	tcp, ok := operator.Addr().(*net.TCPAddr)
	if !ok {
		return "http://localhost"
	}
	return fmt.Sprintf("http://localhost:%d", tcp.Port)
}

// wireConsole makes the console, once the address of the admin listener is known.
func (s *Server) wireConsole(l *listeners) error {
	s.usecases.ConsoleURL = s.consoleURL(l.operator)
	s.pages = &console.Console{
		UseCases: s.usecases,
		Store:    s.ownStore(),
		Sealer:   consoleSealer{s.sealer},
		Plumbing: s.plumbing,
		Issuer:   s.issuer,
		URL:      s.Config.ConsoleURL,
		Node:     s.describe(),
		Now:      s.Now,
	}
	handler, err := s.pages.Handler()
	if err != nil {
		return fmt.Errorf("set up the console: %w", err)
	}
	s.console = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Who an operator is, only the database of this node may say.
		if !s.established.Load() {
			s.notYet().ServeHTTP(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	})
	return nil
}

func (s *Server) notYet() http.Handler {
	return web.ServeProblem(s.plumbing, consolePath, web.Problem{
		Status: http.StatusServiceUnavailable, Detail: "the console waits for the database", Hint: "tokens are served meanwhile; the log has the cause",
	}, nil)
}

// describe returns what this node says of itself.
func (s *Server) describe() func() console.Node {
	version := ""
	build, ok := debug.ReadBuildInfo()
	if ok {
		version = build.Main.Version
	}
	return func() console.Node {
		return console.Node{
			Version: version, Started: s.started, Staleness: s.mirror.Staleness().Truncate(time.Millisecond),
			Keys: s.mirror.Clients(), Forks: s.mirror.Forks(),
		}
	}
}

// firstLink returns the link for the first operator, "" when there is one already.
// Without a database nobody knows, and the next start says it.
func (s *Server) firstLink(ctx context.Context) string {
	if !s.established.Load() {
		return ""
	}
	link, err := s.pages.FirstLink(ctx)
	if err != nil {
		s.Logger.LogAttrs(ctx, slog.LevelError, "no link for a first operator could be made", slog.String("cause", err.Error()))
	}
	return link
}

// consoleSealer seals what the console keeps.
type consoleSealer struct{ sealer *keys.Sealer }

// Seal implements [console.Sealer].
func (c consoleSealer) Seal(context string, plain []byte) []byte {
	return c.sealer.Seal(keys.Operator, context, plain)
}

// Open implements [console.Sealer].
func (c consoleSealer) Open(context string, sealed []byte) ([]byte, error) {
	return c.sealer.Open(keys.Operator, context, sealed)
}
