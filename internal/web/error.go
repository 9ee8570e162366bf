package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/grantd/grantd/oauth"
)

// Error is an OAuth error with the parts that do not go into the body. The
// endpoints return it, or a plain *oauth.Error, and [WriteError] answers.
type Error struct {
	// Public is what the caller reads.
	Public oauth.Error
	// Status replaces the status that belongs to the code; zero keeps it.
	Status int
	// RetryAfter is sent in seconds, rounded up; zero sends none.
	RetryAfter time.Duration
	// Allow lists the methods of the endpoint for a 405.
	Allow string
	// Quotes says that the sentence repeats what the client sent. It may be a
	// secret in the wrong field, so the log does without the sentence.
	Quotes bool
	// Cause is logged and never sent.
	Cause error
}

func (e *Error) Error() string { return e.Public.Error() }

// Unwrap returns the private cause.
func (e *Error) Unwrap() error { return e.Cause }

// Refuse makes an OAuth error with our own sentence.
func Refuse(code oauth.ErrorCode, sentence string) *Error {
	return &Error{Public: oauth.Error{Code: code, Description: sentence}}
}

// RefuseQuoting is Refuse for a sentence that repeats what the client sent.
func RefuseQuoting(code oauth.ErrorCode, sentence string) *Error {
	e := Refuse(code, sentence)
	e.Quotes = true
	return e
}

// statuses is the one table from error code to status; anything not listed is
// 400 (RFC 6749 §5.2).
var statuses = map[oauth.ErrorCode]int{
	oauth.InvalidClient:          http.StatusUnauthorized,
	oauth.AccessDenied:           http.StatusForbidden,
	oauth.ServerError:            http.StatusInternalServerError,
	oauth.TemporarilyUnavailable: http.StatusServiceUnavailable,
}

// WriteError answers with the error response of RFC 6749 §5.2 and notes it in
// the record. An error that is not ours becomes server_error with a fixed
// sentence; its text goes to the log only.
func WriteError(w http.ResponseWriter, rec *Record, err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = unexpected(err)
	}
	if e.Cause != nil {
		rec.Cause = e.Cause
	}
	rec.Error = string(e.Public.Code)
	if !e.Quotes {
		rec.Sentence = e.Public.Description
	}
	rec.Status = e.Status
	if rec.Status == 0 {
		rec.Status = statuses[e.Public.Code]
	}
	if rec.Status == 0 {
		// RFC 6749 §5.2: errors answer 400 unless a rule says otherwise.
		rec.Status = http.StatusBadRequest
	}
	header := w.Header()
	if rec.Status == http.StatusUnauthorized {
		// RFC 6749 §5.2: a client that used Authorization gets 401 and a matching challenge.
		// RFC 9110 §15.5.2: every 401 has a challenge.
		header.Set("WWW-Authenticate", `Basic realm="grantd", charset="UTF-8"`)
	}
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		header.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	if e.Allow != "" {
		// RFC 9110 §15.5.6: a 405 lists what is allowed.
		header.Set("Allow", e.Allow)
	}
	write(w, rec.Status, errorBody(e.Public))
}

func unexpected(err error) *Error {
	plain, ok := errors.AsType[*oauth.Error](err)
	if ok {
		return &Error{Public: *plain}
	}
	return &Error{
		Public: oauth.Error{
			Code:        oauth.ServerError,
			Description: "an unexpected error happened; the server log has the cause",
		},
		Cause: err,
	}
}

// errorBody writes the two members by hand: the code is ours, and the
// description is made to fit the character set of RFC 6749.
func errorBody(e oauth.Error) []byte {
	body := make([]byte, 0, 64+len(e.Description))
	body = append(body, `{"error":"`...)
	body = append(body, e.Code...)
	if e.Description != "" {
		body = append(body, `","error_description":"`...)
		body = appendDescription(body, e.Description)
	}
	return append(body, '"', '}')
}

// appendDescription keeps a description inside its character set.
func appendDescription(body []byte, text string) []byte {
	for i := range len(text) {
		c := text[i]
		// RFC 6749 §5.2: error_description is %x20-21 / %x23-5B / %x5D-7E.
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			c = '?'
		}
		body = append(body, c)
	}
	return body
}
