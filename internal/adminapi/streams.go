package adminapi

import (
	"errors"
	"net/http"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
)

const (
	maxImports   = 2
	maxListeners = 32
	// streamPatience is how long a stream may stand still before it is cut.
	streamPatience = 30 * time.Second
)

// streams counts what takes long.
type streams struct{ imports, listeners atomic.Int32 }

// enter takes one of so many places; the function gives it back.
func enter(count *atomic.Int32, most int32) (func(), error) {
	if count.Add(1) > most {
		count.Add(-1)
		return nil, &web.Problem{
			Status: http.StatusServiceUnavailable, Detail: "as many streams of this kind are open as there may be", Hint: "try again later",
		}
	}
	return func() { count.Add(-1) }, nil
}

// keepOpen puts off the deadlines of a connection on which a stream goes on.
func keepOpen(w http.ResponseWriter) error {
	rc := http.NewResponseController(w)
	until := time.Now().Add(streamPatience) //nolint:forbidigo // deadlines of connections are in real time
	return errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until))
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
