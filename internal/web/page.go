package web

import (
	"errors"
	"net/http"
)

// maxForm is the most that the form of a page may send.
const maxForm = 256 << 10

// ReadForm reads the form of a page, from the body alone, and ends the deadline for the
// body. Its errors are problems.
func ReadForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	if tooLarge {
		return &Problem{Status: http.StatusRequestEntityTooLarge, Detail: "the form is too large", Hint: "send less at once"}
	}
	endBody(w)
	if err != nil {
		p := malformedCall("", "the form could not be read", "go back and send it again")
		p.Cause = err
		return p
	}
	return nil
}

// ProblemOf returns what a person is told about err, and notes the rest in the record.
func ProblemOf(rec *Record, err error) Problem {
	p := *problemOf(err)
	p.Title = p.title()
	rec.Error, rec.Cause, rec.Status = "problem", p.Cause, p.Status
	return p
}
