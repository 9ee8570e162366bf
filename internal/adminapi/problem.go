package adminapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
)

const problemType = "application/problem+json"

// Problem is an error answer, in the form of RFC 9457.
type Problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	// Detail says what is wrong, and Hint what to do about it.
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"`
	// Errors name the members of the request at fault.
	Errors []ProblemError `json:"errors,omitempty"`
	// Differences are there with 412: what changed since the version in If-Match.
	Differences []admin.VersionDifference `json:"differences,omitempty"`
}

// ProblemError is what is wrong with one member.
type ProblemError struct {
	// Pointer is a JSON pointer into the body, as a fragment; or the name of a parameter
	// of the query behind a question mark.
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// queryFault is a problem with a parameter of the query.
type queryFault struct{ web.Problem }

func (q *queryFault) Unwrap() error { return &q.Problem }

func badQuery(field, detail, hint string) error {
	return &queryFault{web.Problem{Status: http.StatusBadRequest, Field: field, Detail: detail, Hint: hint}}
}

func forbidden(field, detail, hint string) error {
	return &web.Problem{Status: http.StatusForbidden, Field: field, Detail: detail, Hint: hint}
}

// unavailableOr returns err if it is that the store does not answer, or else the other.
func unavailableOr(err, other error) error {
	p, ok := errors.AsType[*web.Problem](err)
	if err != nil && (!ok || p.Status == http.StatusServiceUnavailable) {
		return err
	}
	return other
}

// writeProblem answers with what the caller is told about err.
func writeProblem(w http.ResponseWriter, rec *web.Record, err error) {
	refused, challenged := errors.AsType[*challenge](err)
	if challenged {
		w.Header().Set("WWW-Authenticate", refused.header())
	}
	changed, conflicting := errors.AsType[*admin.ChangedSince](err)
	if conflicting {
		err = &web.Problem{
			Status: http.StatusPreconditionFailed,
			Detail: "it is not any more what you have seen; " + changed.Error(),
			Hint:   "read it again, and send the change with its new ETag if it still makes sense",
		}
	}
	p := web.ProblemOf(rec, err)
	out := Problem{Status: p.Status, Title: p.Title, Detail: p.Detail, Hint: p.Hint}
	if conflicting {
		out.Differences = changed.Differences
	}
	if p.Field != "" {
		pointer := pointerTo(p.Field)
		_, inQuery := errors.AsType[*queryFault](err)
		if inQuery || p.Status == http.StatusBadRequest && rec.Error == "problem" && isParameter(err) {
			pointer = "?" + p.Field
		}
		out.Errors = []ProblemError{{pointer, p.Detail}}
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	body, err := json.Marshal(out)
	if err != nil {
		rec.Cause = errors.Join(rec.Cause, err)
	}
	web.WriteAs(w, rec, p.Status, problemType, body)
}

// isParameter tells a problem with a cursor or a search, of which use-cases know.
func isParameter(err error) bool {
	p, ok := errors.AsType[*web.Problem](err)
	if !ok {
		return false
	}
	switch p.Field {
	case "cursor", "limit", "sort", "search", "contains", "unused_for", "state":
		return true
	}
	return false
}

// pointerTo makes a JSON pointer of a field such as scopes[0] or scopes.0.
func pointerTo(field string) string {
	var b strings.Builder
	b.WriteByte('#')
	for part := range strings.SplitSeq(strings.NewReplacer("[", ".", "]", "").Replace(field), ".") {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(part))
	}
	return b.String()
}

func number(i int) string { return strconv.Itoa(i) }
