package adminapi

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
)

const (
	maxImports   = 2
	maxListeners = 32
	// listenersOfOne keeps one key from taking all places.
	listenersOfOne = 8
	// streamPatience is how long a stream may stand still before it is cut.
	streamPatience = 30 * time.Second
)

// streams counts what takes long.
type streams struct{ imports, listeners places }

// places are those that calls which take long have, by the key that makes them.
type places struct {
	mu    sync.Mutex
	taken int
	of    map[string]int
}

// enter takes a place for a key; the function gives it back.
func (p *places) enter(key string, most, ofOne int) (leave func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken >= most || p.of[key] >= ofOne {
		return nil, &web.Problem{
			Status: http.StatusServiceUnavailable, Detail: "as many streams of this kind are open as there may be",
			Hint: "close one of this key that is not needed, or try again later",
		}
	}
	if p.of == nil {
		p.of = map[string]int{}
	}
	p.taken++
	p.of[key]++
	return func() { p.leave(key) }, nil
}

func (p *places) leave(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	p.of[key]--
	if p.of[key] == 0 {
		delete(p.of, key)
	}
}

// keepOpen puts off the deadlines of a connection on which a stream goes on.
func keepOpen(w http.ResponseWriter, patience time.Duration) error {
	rc := http.NewResponseController(w)
	until := time.Now().Add(patience) //nolint:forbidigo // deadlines of connections are in real time
	return errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until))
}

// send sends a part of a stream. It waits for a slow reader so long and no longer, and
// nothing is made meanwhile: what a stream keeps for its reader is this one part.
func send(w http.ResponseWriter, text string, patience time.Duration) error {
	err := keepOpen(w, patience)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

func streamRoutes() []*Route {
	return []*Route{
		{
			Method: http.MethodPost, Path: "/admin/v1/import-keys", Scope: admin.ScopeKeysWrite, Status: http.StatusOK, provider: true,
			Summary: "Import up to 100 000 keys, one a line; the answer says what became of each.", stream: "application/x-ndjson",
			query: reflect.TypeFor[none](), body: reflect.TypeFor[admin.NewKey](), result: reflect.TypeFor[ImportLine](), streaming: importKeys,
		},
		{
			Method: http.MethodGet, Path: "/admin/v1/events", Scope: admin.ScopeEventsRead, Status: http.StatusOK,
			Summary: "Tell of changes as they happen, as server-sent events.", stream: "text/event-stream",
			query: reflect.TypeFor[eventQuery](), body: reflect.TypeFor[none](), result: reflect.TypeFor[Event](), streaming: tellEvents,
		},
	}
}
