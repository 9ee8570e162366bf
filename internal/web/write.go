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

// WriteAs is WriteJSON for a body of another content type.
func WriteAs(w http.ResponseWriter, rec *Record, status int, contentType string, body []byte) {
	rec.Status = status
	writeAs(w, status, []string{contentType}, body)
}

// WriteNothing answers with a status alone, under the same headers.
func WriteNothing(w http.ResponseWriter, rec *Record, status int) {
	rec.Status = status
	header := w.Header()
	if status != http.StatusNoContent {
		header["Content-Length"] = []string{"0"}
	}
	forbidCaching(header)
	w.WriteHeader(status)
}

// The values of headers that every answer has, made once; nobody appends to them.
var (
	jsonValue    = []string{jsonType}
	noStoreValue = []string{"no-store"}
	noCacheValue = []string{"no-cache"}
	nosniffValue = []string{"nosniff"}
)

func write(w http.ResponseWriter, status int, body []byte) {
	writeAs(w, status, jsonValue, body)
}

func writeAs(w http.ResponseWriter, status int, contentType []string, body []byte) {
	header := w.Header()
	header["Content-Type"] = contentType
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	forbidCaching(header)
	w.WriteHeader(status)
	// A client that went away is no error of ours.
	_, _ = w.Write(body) //nolint:gosec // JSON or a JWT with nosniff; no browser renders it
}

func forbidCaching(header http.Header) {
	// RFC 6749 §5.1: every answer that may hold a token carries both headers.
	header["Cache-Control"] = noStoreValue
	header["Pragma"] = noCacheValue
	header["X-Content-Type-Options"] = nosniffValue
}

// BeginStream answers 200 with a body that the handler writes bit by bit.
func BeginStream(w http.ResponseWriter, rec *Record, contentType string) {
	rec.Status = http.StatusOK
	header := w.Header()
	header["Content-Type"] = []string{contentType}
	forbidCaching(header)
	w.WriteHeader(http.StatusOK)
}
