package console

import (
	"context"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// Store is what the console keeps about people.
type Store interface {
	store.Operators
	Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error)
	Use(ctx context.Context, u store.OneTime) error
}

// Sealer encrypts what is kept in the store or in a browser, bound to a context.
type Sealer interface {
	Seal(context string, plain []byte) []byte
	Open(context string, sealed []byte) ([]byte, error)
}

// Node is what a node says of itself.
type Node struct {
	Version   string
	Started   time.Time
	Staleness time.Duration
	Keys      int64
	Database  string
	Forks     int64
}

// Console serves the pages. All fields but URL are required; set up by [New].
type Console struct {
	// UseCases are what an operator can do.
	UseCases *admin.UseCases
	// Store keeps operators and sessions.
	Store Store
	// Sealer seals secrets of one-time codes, and ceremonies under way.
	Sealer Sealer
	// Plumbing logs and counts requests.
	Plumbing *web.Plumbing
	// Issuer is this server, as keys know it.
	Issuer string
	// URL is where browsers reach the console, as the configuration has it.
	URL string
	// Node says how this node is.
	Node func() Node
	// Now is the clock.
	Now func() time.Time

	assets   *assets
	pages    pages
	throttle throttle
	first    firstLink
	slow     chan struct{}
	imports  imports
}

// Handler returns what the admin listener serves under /console/.
func (c *Console) Handler() (http.Handler, error) {
	var err error
	c.assets, err = loadAssets()
	if err != nil {
		return nil, err
	}
	c.pages, err = parsePages()
	if err != nil {
		return nil, err
	}
	c.slow = make(chan struct{}, slowAtOnce)
	mux := http.NewServeMux()
	for _, one := range c.routes() {
		mux.Handle(one.method+" "+one.path, c.serve(one))
	}
	mux.Handle("GET "+assetPath, c.Plumbing.Handle(assetPath, c.assets.serve))
	mux.Handle("/", c.serve(route{path: "/console/", role: anyone, serve: (*visit).notFound}))
	// Forms of other origins are refused whatever they carry; the cookie is Lax beside it.
	return http.NewCrossOriginProtection().Handler(mux), nil
}
