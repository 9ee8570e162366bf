package web

import (
	"net/http"
	"strconv"
)

// jsonType is the content type of every answer; RFC 8259 §11 has no charset.
const jsonType = "application/json"

// WriteJSON answers with a body that is already JSON and must not be stored by
// any cache.
func WriteJSON(w http.ResponseWriter, rec *Record, status int, body []byte) {
	rec.Status = status
	write(w, status, body)
}

// The values of headers that every answer has, made once; nobody appends to them.
var (
	jsonValue    = []string{jsonType}
	noStoreValue = []string{"no-store"}
	noCacheValue = []string{"no-cache"}
	nosniffValue = []string{"nosniff"}
)

func write(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header["Content-Type"] = jsonValue
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	// RFC 6749 §5.1: every answer that may hold a token carries both headers.
	header["Cache-Control"] = noStoreValue
	header["Pragma"] = noCacheValue
	header["X-Content-Type-Options"] = nosniffValue
	w.WriteHeader(status)
	// A client that went away is no error of ours.
	_, _ = w.Write(body) //nolint:gosec // JSON with nosniff; no browser renders it
}
