package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
)

// problemType is the media type of a [Problem] on the wire.
const problemType = "application/problem+json"

// Problem is an error answer of a JSON call, in the form of RFC 9457. All of
// it but Cause is written by us and may be shown to the caller.
type Problem struct {
	// Status is the HTTP status.
	Status int `json:"status"`
	// Title is the status in words; empty means its standard phrase.
	Title string `json:"title"`
	// Detail is the sentence that says what is wrong with this request.
	Detail string `json:"detail,omitempty"`
	// Field is the member of the request at fault; empty when it is none.
	Field string `json:"field,omitempty"`
	// Hint says what to do about it; empty when the detail does.
	Hint string `json:"hint,omitempty"`
	// Cause is logged and never shown.
	Cause error `json:"-"`
}

// Error returns the detail, or the title where there is none.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.title()
	}
	return p.Detail
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Cause }

func (p *Problem) title() string {
	if p.Title != "" {
		return p.Title
	}
	return http.StatusText(p.Status)
}

// problemOf returns what the caller is told about err.
func problemOf(err error) *Problem {
	p, known := errors.AsType[*Problem](err)
	if known {
		return p
	}
	return &Problem{
		Status: http.StatusInternalServerError,
		Detail: "the server met an unexpected condition and did not do this",
		Hint:   "look for this request in the server's log",
		Cause:  err,
	}
}

// writeProblem answers with what the caller is told about err and notes it in
// the record.
func writeProblem(w http.ResponseWriter, rec *Record, err error) {
	p := *problemOf(err)
	// RFC 9457 §4.2.1: without a type, the title is the phrase of the status.
	p.Title = p.title()
	rec.Error = "problem"
	rec.Cause = p.Cause
	rec.Status = p.Status
	// RFC 9457 §3: the members are type, status, title, detail and our own.
	body, err := json.Marshal(p)
	if err != nil {
		rec.Cause = errors.Join(rec.Cause, fmt.Errorf("encode problem: %w", err))
	}
	h := w.Header()
	h.Set("Content-Type", problemType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) //nolint:gosec // G705: the body is JSON and says so, with nosniff
}
