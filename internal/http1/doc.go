// Package http1 answers plain requests of HTTP/1.1 and leaves everything else to
// net/http. A request is plain when every server reads it the same way: a POST with a
// simple path, fields of printable ASCII, one Host, one Content-Length, and a body that
// is there. At the first byte out of the ordinary the whole connection goes to
// net/http, so that nothing is parsed leniently or refused here. With TLS it is alike.
//
// It knows nothing of OAuth, and implements what such requests need of RFC 9112.
package http1
