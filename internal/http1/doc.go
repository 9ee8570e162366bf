// Package http1 answers plain requests of HTTP/1.1 with little ceremony, and leaves
// everything else to net/http. A request is plain when every server reads it the same
// way: a POST with a simple path, fields of printable ASCII, one Host, one
// Content-Length, and a body that is there. At the first byte that is out of the
// ordinary the whole connection goes to net/http, with what was read of it, so that
// nothing is ever parsed leniently here and nothing is refused here.
//
// Connections with TLS are served alike, once they have agreed on HTTP/1.1.
//
// It knows nothing of OAuth. It implements the part of RFC 9112 that such requests
// need.
package http1
