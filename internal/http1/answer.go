package http1

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answer collects what a handler answers.
type answer struct {
	header http.Header
	status int
	body   []byte
	names  []string
}

func (a *answer) reset() {
	clear(a.header)
	a.status = 0
	if cap(a.body) > 2*bufferSize {
		a.body = nil
	}
	a.body = a.body[:0]
}

// Header returns the header fields to be sent.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status; the first one counts.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write adds to the body.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, p...)
	return len(p), nil
}

// SetReadDeadline has nothing to do: the body is there.
func (a *answer) SetReadDeadline(time.Time) error { return nil }

// last reports whether the handler wants the connection to end.
func (a *answer) last() bool {
	return strings.EqualFold(a.header.Get("Connection"), "close")
}

// append writes the whole response.
func (a *answer) append(b []byte, date string, last bool) []byte {
	a.WriteHeader(http.StatusOK)
	// RFC 9112 §4: the status line has the version, the status and a reason.
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(a.status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(a.status)...)
	b = append(b, "\r\n"...)
	b = a.appendFields(b)
	// RFC 9110 §6.6.1: an origin server with a clock says when it answered.
	b = append(b, "Date: "...)
	b = append(b, date...)
	if last {
		// RFC 9112 §9.6: a server that ends the connection says so.
		b = append(b, "\r\nConnection: close"...)
	}
	b = append(b, "\r\n\r\n"...)
	if hasNoBody(a.status) {
		return b
	}
	return append(b, a.body...)
}

// appendFields writes the fields in the order of their names, as net/http does.
func (a *answer) appendFields(b []byte) []byte {
	a.names = a.names[:0]
	for name := range a.header {
		a.names = append(a.names, name)
	}
	slices.Sort(a.names)
	for _, name := range a.names {
		if name == "Connection" || name == "Date" || name == "Content-Length" {
			continue
		}
		for _, value := range a.header[name] {
			b = append(b, name...)
			b = append(b, ": "...)
			b = appendValue(b, value)
			b = append(b, "\r\n"...)
		}
	}
	// RFC 9110 §8.6: an answer with status 204 has no Content-Length.
	if hasNoBody(a.status) {
		return b
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(a.body)), 10)
	return append(b, "\r\n"...)
}

// appendValue writes a value without line breaks, which would end the field.
func appendValue(b []byte, value string) []byte {
	start := len(b)
	b = append(b, value...)
	for i := start; i < len(b); i++ {
		if b[i] == '\r' || b[i] == '\n' {
			b[i] = ' '
		}
	}
	return b
}

func hasNoBody(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}
