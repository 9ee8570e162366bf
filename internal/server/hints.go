package server

import (
	"context"
	"log/slog"
	"time"
)

// listenAgain is how long after the end of listening it is tried again; the feed is
// polled all the same.
const listenAgain = 5 * time.Second

// listenForHints has the mirror look at the feed as soon as something changes. That it
// cannot is told once, and not as a fault: a pooler may be in the way.
func (s *Server) listenForHints(ctx context.Context) {
	if s.Listen == nil {
		return
	}
	told := ""
	for {
		err := s.Listen(ctx, s.wake)
		if ctx.Err() != nil {
			return
		}
		if cause := err.Error(); cause != told {
			s.Logger.LogAttrs(ctx, slog.LevelDebug, "changes are found by polling alone", slog.String("cause", cause))
			told = cause
		}
		rest(ctx, listenAgain)
		if ctx.Err() != nil {
			return
		}
	}
}

func (s *Server) wake() {
	select {
	case s.hints <- struct{}{}:
	default:
	}
}
