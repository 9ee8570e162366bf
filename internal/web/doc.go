// Package web is the HTTP plumbing of all endpoints: the record of a request,
// its limits, where it came from, the two body dialects, CORS and the only writers
// of errors. A handler below it sees a parsed [Request] or a decoded admin call,
// never a raw form.
//
// It implements the request rules of RFC 6749 §3.2, the error response of §5.2 and
// the reading of RFC 7239.
package web
