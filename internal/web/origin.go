package web

import (
	"net/http"
	"strings"

	"github.com/grantd/grantd/oauth"
)

// Origins knows the web origins that keys list.
type Origins interface {
	// AllowsOrigin reports whether some key lists the origin.
	AllowsOrigin(origin string) bool
}

// The headers of CORS, which is in the Fetch standard. Their values are made once;
// nobody appends to them.
var (
	varyValue    = []string{"Origin"}
	exposeValue  = []string{"Retry-After, RateLimit, RateLimit-Policy"}
	methodsValue = []string{http.MethodPost}
	headersValue = []string{"Authorization, Content-Type"}
	maxAgeValue  = []string{"600"}
)

const (
	allowOrigin   = "Access-Control-Allow-Origin"
	exposeHeaders = "Access-Control-Expose-Headers"
)

// answerOrigin lets the scripts of an origin read the answer, errors included, if
// some key lists it. It does so before anybody knows which key calls, since the
// answer to a wrong secret is read as well; see [DenyOrigin].
func (p *Plumbing) answerOrigin(h http.Header, origin string) bool {
	// What a cache kept for one origin is none for another.
	h["Vary"] = varyValue
	if origin == "" || p.Origins == nil || !p.Origins.AllowsOrigin(origin) {
		return false
	}
	h[allowOrigin] = []string{origin}
	h[exposeHeaders] = exposeValue
	return true
}

// DenyOrigin takes back that scripts may read the answer: the key is known now,
// and does not list their origin.
func DenyOrigin(h http.Header) {
	delete(h, allowOrigin)
	delete(h, exposeHeaders)
}

// preflight answers the question that a browser asks before a script's request.
// It carries no credentials, so that all keys answer as one.
func preflight(w http.ResponseWriter, rec *Record, allowed bool) {
	if !allowed {
		WriteError(w, rec, Refuse(oauth.AccessDenied,
			"no key lists the origin in the Origin header; add it to the origins of the key, or call from a server"))
		return
	}
	h := w.Header()
	delete(h, exposeHeaders)
	h["Access-Control-Allow-Methods"] = methodsValue
	h["Access-Control-Allow-Headers"] = headersValue
	h["Access-Control-Max-Age"] = maxAgeValue
	WriteNothing(w, rec, http.StatusNoContent)
}

// joined returns the value of a header, several of them joined by commas: no list
// of origins has such a one.
func joined(h http.Header, name string) string {
	return strings.Join(h[name], ", ")
}
