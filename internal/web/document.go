package web

import (
	"net/http"
	"strconv"

	"github.com/grantd/grantd/oauth"
)

// Document is a public JSON document, such as the metadata or the JWKS.
type Document struct {
	// Body is the JSON.
	Body []byte
	// ETag is quoted, and changes when the body does.
	ETag string
	// MaxAge is for how many seconds caches may keep it.
	MaxAge int
}

// Document serves a document to anyone, with GET and HEAD.
func (p *Plumbing) Document(route string, get func() Document) http.Handler {
	return p.Read(route, func(w http.ResponseWriter, r *http.Request, rec *Record) {
		writeDocument(w, r, rec, get())
	})
}

// Read handles a path that takes GET and HEAD only.
func (p *Plumbing) Read(route string, f func(w http.ResponseWriter, r *http.Request, rec *Record)) http.Handler {
	return p.Handle(route, func(w http.ResponseWriter, r *http.Request, rec *Record) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			f(w, r, rec)
			return
		}
		WriteError(w, rec, &Error{
			Public: oauth.Error{Code: oauth.InvalidRequest, Description: "this path takes GET only"},
			Status: http.StatusMethodNotAllowed,
			Allow:  "GET, HEAD",
		})
	})
}

func writeDocument(w http.ResponseWriter, r *http.Request, rec *Record, d Document) {
	// RFC 8414 §3.2: the document is application/json with status 200.
	header := w.Header()
	header.Set("Content-Type", jsonType)
	header.Set("Cache-Control", "public, max-age="+strconv.Itoa(d.MaxAge))
	header.Set("ETag", d.ETag)
	header.Set("X-Content-Type-Options", "nosniff")
	// Browsers may read these from any origin; they hold nothing private.
	header.Set("Access-Control-Allow-Origin", "*")
	if r.Header.Get("If-None-Match") == d.ETag {
		rec.Status = http.StatusNotModified
		w.WriteHeader(rec.Status)
		return
	}
	rec.Status = http.StatusOK
	header.Set("Content-Length", strconv.Itoa(len(d.Body)))
	w.WriteHeader(rec.Status)
	// A client that went away is no error of ours.
	_, _ = w.Write(d.Body)
}

// Health looks, and answers 200 with the JSON that it gets, or 503 with the sentence
// when there is one.
func (p *Plumbing) Health(route string, look func() (body, sentence string)) http.Handler {
	return p.Read(route, func(w http.ResponseWriter, _ *http.Request, rec *Record) {
		body, sentence := look()
		if sentence != "" {
			WriteError(w, rec, Refuse(oauth.TemporarilyUnavailable, sentence))
			return
		}
		WriteJSON(w, rec, http.StatusOK, []byte(body))
	})
}

// Refusal answers every request with the same error.
func (p *Plumbing) Refusal(route string, err error) http.Handler {
	return p.Handle(route, func(w http.ResponseWriter, _ *http.Request, rec *Record) {
		WriteError(w, rec, err)
	})
}

// NotFound answers every path that nothing else serves.
func (p *Plumbing) NotFound(sentence string) http.Handler {
	return p.Refusal("other", &Error{
		Public: oauth.Error{Code: oauth.InvalidRequest, Description: sentence},
		Status: http.StatusNotFound,
	})
}
