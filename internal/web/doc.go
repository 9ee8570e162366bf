// Package web is the HTTP plumbing of all endpoints: the record of a request,
// its limits, the two body dialects and the only writers of errors. A handler
// below it sees a parsed [Request] or a decoded admin call, never a raw form.
//
// It implements the request rules of RFC 6749 §3.2 and the error response of §5.2.
package web
