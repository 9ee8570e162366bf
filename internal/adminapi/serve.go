package adminapi

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/grantd/grantd/internal/web"
)

// serve answers the calls of one route, step by step: no route can leave one out.
func (a *API) serve(route *Route) http.Handler {
	return a.Plumbing.Handle(route.Path, func(w http.ResponseWriter, r *http.Request, rec *web.Record) {
		c := &call{api: a, route: route, ctx: r.Context(), w: w, r: r, rec: rec}
		err := a.answer(c)
		if err != nil {
			writeProblem(w, rec, err)
		}
	})
}

func (a *API) answer(c *call) error {
	// 1. The way that the token came.
	err := checkTransport(c.r)
	if err != nil {
		return err
	}
	// 2. Who calls, and 3. whether they may.
	err = a.authenticate(c)
	if err == nil {
		err = c.authorize()
	}
	if err != nil {
		return err
	}
	if c.route.streaming != nil {
		return c.route.streaming(c)
	}
	// 4. What is asked for.
	c.params, err = url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return badQuery("", "the query of the URL is malformed", "percent-encode its values")
	}
	in, err := c.route.input(c)
	if err != nil {
		return err
	}
	// 5. What the caller has seen of it.
	err = c.precondition()
	if err != nil {
		return err
	}
	// 6. Whether it was done before.
	return c.doOnce(func() (any, error) {
		// 7. It is done.
		return c.route.do(c, in)
	})
}

// write answers with what a call returned.
func (c *call) write(body []byte) {
	if c.etag != "" {
		c.w.Header().Set("ETag", `"`+c.etag+`"`)
	}
	if c.route.Status == http.StatusNoContent {
		web.WriteNothing(c.w, c.rec, c.route.Status)
		return
	}
	web.WriteJSON(c.w, c.rec, c.route.Status, body)
}

// checkTransport refuses a token that came in clear over a network.
func checkTransport(r *http.Request) error {
	_, local := r.Context().Value(http.LocalAddrContextKey).(*net.UnixAddr)
	if local || r.TLS != nil {
		return nil
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err == nil {
		var address netip.Addr
		address, err = netip.ParseAddr(host)
		if err == nil && address.Unmap().IsLoopback() {
			return nil
		}
	}
	// RFC 6750 §5.3: bearer tokens are sent over TLS.
	return &web.Problem{
		Status: http.StatusForbidden,
		Detail: "the Admin API takes no token over plain HTTP from another machine, and this one should be taken for stolen",
		Hint:   "let a proxy on this machine end TLS in front of the admin listener, and revoke the token",
	}
}

func (c *call) precondition() error {
	if !c.route.versioned {
		return nil
	}
	values := c.r.Header.Values("If-Match")
	if len(values) == 0 {
		return &web.Problem{
			Status: http.StatusPreconditionRequired,
			Detail: "the request does not say which version it changes",
			Hint:   "read it first, and send its ETag as If-Match",
		}
	}
	version, opened := strings.CutPrefix(values[0], `"`)
	version, closed := strings.CutSuffix(version, `"`)
	if len(values) > 1 || !opened || !closed || version == "" || strings.ContainsAny(version, `",`) {
		return &web.Problem{
			Status: http.StatusBadRequest,
			Detail: "If-Match is not one ETag", Hint: `send the ETag as it came, with its quotes; a list, * and W/ are not taken`,
		}
	}
	c.version = version
	return nil
}

// readBody reads the body of a call, and keeps it for its hash.
func readBody[B any](c *call, in *B) error {
	most := cmp.Or(c.route.most, maxBody)
	if c.route.once && c.r.Header.Get("Idempotency-Key") != "" {
		body, err := io.ReadAll(io.LimitReader(c.r.Body, most+1))
		if err != nil {
			return errors.Join(&web.Problem{Status: http.StatusBadRequest, Detail: "the body ended early or came too slowly", Cause: err})
		}
		c.body = body
		c.r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return web.ReadInput(c.w, c.r, most, in)
}
