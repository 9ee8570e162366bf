package adminapi

import (
	"context"
	"net/http"
	"net/url"
	"reflect"

	"github.com/grantd/grantd/internal/web"
)

// Route is one thing that can be done.
type Route struct {
	Method, Path string
	// Summary says what it does, in a line.
	Summary string
	// Scope is what the token needs.
	Scope string
	// Status is that of the answer when it was done.
	Status int
	// provider says that a key with an owner may not, whatever its scopes.
	provider bool
	// versioned says that If-Match is needed.
	versioned bool
	// once says that it takes an Idempotency-Key.
	once bool
	// most is how large a body may be; zero is the usual size.
	most int64
	// stream says that body and answer are streams of this media type.
	stream string

	query, body, result reflect.Type
	// input reads query and body; do does it.
	input func(c *call) (any, error)
	do    func(c *call, in any) (any, error)
	// streaming answers by itself.
	streaming func(c *call) error
}

// call is one request.
type call struct {
	api    *API
	route  *Route
	ctx    context.Context //nolint:containedctx // it is that of the request, which the call is
	w      http.ResponseWriter
	r      *http.Request
	rec    *web.Record
	caller caller
	params url.Values
	// version is what If-Match says.
	version string
	// etag is the version of what is answered.
	etag string
	// body is the body as it came, for its hash.
	body []byte
}

func (c *call) path(name string) string { return c.r.PathValue(name) }

// none is the query or the body of a call that has none.
type none = web.NoBody

// input is what a call is asked with.
type input[Q, B any] struct {
	Query Q
	Body  B
}

// route makes a Route of a function: its types are those of the document, too.
func route[Q, B, R any](method, path, scope, summary string, f func(c *call, q Q, in B) (R, error)) *Route {
	status := http.StatusOK
	if reflect.TypeFor[R]() == reflect.TypeFor[none]() {
		status = http.StatusNoContent
	}
	return &Route{
		Method: method, Path: path, Scope: scope, Summary: summary, Status: status,
		query: reflect.TypeFor[Q](), body: reflect.TypeFor[B](), result: reflect.TypeFor[R](),
		input: func(c *call) (any, error) {
			var in input[Q, B]
			err := readQuery(c.params, &in.Query)
			if err == nil {
				err = readBody(c, &in.Body)
			}
			return in, err
		},
		do: func(c *call, in any) (any, error) {
			asked, _ := in.(input[Q, B])
			return f(c, asked.Query, asked.Body)
		},
	}
}

func (r *Route) creates() *Route {
	r.Status, r.once = http.StatusCreated, true
	return r
}

func (r *Route) forProvider() *Route {
	r.provider = true
	return r
}

func (r *Route) upTo(bytes int64) *Route {
	r.most = bytes
	return r
}

func (r *Route) ifMatch() *Route {
	r.versioned = true
	return r
}
