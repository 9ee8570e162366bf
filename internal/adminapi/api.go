package adminapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// Feed is the record of what changed.
type Feed interface {
	Head(ctx context.Context) (store.Position, error)
	Changes(ctx context.Context, after store.Position, limit int) ([]store.Change, error)
}

// API serves the Admin API. All fields are required.
type API struct {
	// UseCases do what is asked for.
	UseCases *admin.UseCases
	// Plumbing keeps the record of each request.
	Plumbing *web.Plumbing
	// Audience is that of the tokens that are accepted.
	Audience string
	// Once remembers answers.
	Once store.Once
	// Feed is where events come from.
	Feed Feed
	// Health says how this node is.
	Health func() Health
	// Draining is closed when the server ends; streams end with it.
	Draining <-chan struct{}
	// Now is the clock.
	Now func() time.Time

	streams streams
}

// Health is how a node is.
type Health struct {
	// Status is ok, or stale when the node has lost touch with its store.
	Status string `json:"status"`
	// StalenessSeconds is how old what the node knows may be; absent when unknown.
	StalenessSeconds float64 `json:"staleness_seconds,omitzero"`
	Version          string  `json:"version"`
}

// maxBody is the most that one call may send.
const maxBody = 1 << 20

// Handler serves everything under /admin/v1.
func (a *API) Handler() (http.Handler, error) {
	mux := http.NewServeMux()
	allow := map[string][]string{}
	for _, r := range a.Routes() {
		mux.Handle(r.Method+" "+r.Path, a.serve(r))
		allow[r.Path] = append(allow[r.Path], r.Method)
	}
	document, err := a.document()
	if err != nil {
		return nil, err
	}
	page, err := a.page()
	if err != nil {
		return nil, err
	}
	mux.Handle("GET "+documentPath, a.Plumbing.Handle(documentPath, func(w http.ResponseWriter, _ *http.Request, rec *web.Record) {
		web.WriteJSON(w, rec, http.StatusOK, document)
	}))
	mux.Handle("GET "+pagePath+"{$}", a.Plumbing.Handle(pagePath, page))
	mux.Handle("GET "+stylePath, a.Plumbing.Handle(stylePath, style))
	for _, path := range []string{documentPath, stylePath, pagePath + "{$}"} {
		allow[path] = []string{http.MethodGet}
	}
	for path, methods := range allow {
		methods = append(methods, also(methods)...)
		list := strings.Join(methods, ", ")
		mux.Handle(path, a.refuse(path, web.Problem{
			Status: http.StatusMethodNotAllowed, Detail: "this call does not take this method", Hint: "use " + list,
		}, list))
	}
	mux.Handle("/", a.refuse(pagePath, web.Problem{
		Status: http.StatusNotFound, Detail: "there is no such call", Hint: "GET " + pagePath + " lists them",
	}, ""))
	return canonical(mux, a.refuse(pagePath, web.Problem{
		Status: http.StatusNotFound, Detail: "there is no such call; a path is taken letter by letter", Hint: "GET " + pagePath + " lists the calls",
	}, "")), nil
}

// also is what net/http serves with GET.
func also(methods []string) []string {
	for _, m := range methods {
		if m == http.MethodGet {
			return []string{http.MethodHead}
		}
	}
	return nil
}

const (
	pagePath     = "/admin/v1/"
	documentPath = "/admin/v1/openapi.json"
	stylePath    = "/admin/v1/reference.css"
)

// Public reports whether a request is for the description of the API, which needs no
// token.
func Public(r *http.Request) bool {
	return r.URL.Path == documentPath || r.URL.Path == pagePath || r.URL.Path == stylePath
}

// canonical keeps the mux from redirecting paths such as //admin/v1/keys: the token
// would be sent once more.
func canonical(mux *http.ServeMux, nothing http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		if strings.Contains(path, "//") || strings.Contains(path, "/./") || strings.Contains(path, "/../") ||
			strings.HasSuffix(path, "/.") || strings.HasSuffix(path, "/..") || r.URL.Path == "/admin/v1" {
			nothing.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (a *API) refuse(route string, problem web.Problem, allow string) http.Handler {
	return a.Plumbing.Handle(route, func(w http.ResponseWriter, _ *http.Request, rec *web.Record) {
		if allow != "" {
			w.Header().Set("Allow", allow)
		}
		writeProblem(w, rec, &problem)
	})
}
