package web

import (
	"net/http"
	"time"
)

// beginBody gives the body of a request a deadline. It holds for a body that no
// handler reads as well: net/http reads the rest of it before the next request,
// for as long as the client takes.
func (p *Plumbing) beginBody(w http.ResponseWriter, r *http.Request, start time.Time) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	// A writer without deadlines is one of a test, and has nothing to wait for.
	_ = http.NewResponseController(w).SetReadDeadline(start.Add(p.BodyTimeout))
}

// endBody takes the deadline away once the body was read, since it would also
// end a handler that waits for something else.
func endBody(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}
