package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// invalid refuses a member of the request that is well-formed and not acceptable.
func invalid(field, detail, hint string) error {
	return &web.Problem{Status: http.StatusUnprocessableEntity, Field: field, Detail: detail, Hint: hint}
}

func notFound(what, id, hint string) error {
	return &web.Problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no %s %s", what, quoted(id)), Hint: hint}
}

func conflict(field, detail, hint string) error {
	return &web.Problem{Status: http.StatusConflict, Field: field, Detail: detail, Hint: hint}
}

// at names an element of a list in the request, counted from 0.
func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// within moves the field of a problem to where it stands in a manifest.
func within(path string, err error) error {
	p, ok := errors.AsType[*web.Problem](err)
	if !ok {
		return err
	}
	moved := *p
	moved.Field = strings.Trim(path+"."+p.Field, ".")
	return &moved
}

// storeProblem says what a store's error means to the caller. What the caller
// can do nothing about stays as it is and becomes a 500.
func storeProblem(err error) error {
	_, told := errors.AsType[*web.Problem](err)
	switch {
	case told:
		return err
	case errors.Is(err, store.ErrUnavailable):
		return unavailable(err)
	case errors.Is(err, store.ErrUnknown):
		return &web.Problem{
			Status: http.StatusServiceUnavailable,
			Detail: "the database stopped answering while it stored the change; it may be stored or not",
			Hint:   lookFirst,
			Cause:  err,
		}
	default:
		return fmt.Errorf("use the store: %w", err)
	}
}

// lookFirst is what to do after a change of which nobody knows whether it was made.
const lookFirst = "list what is there before you try again; a key or a secret whose text you have not seen is removed and made again"

func unavailable(cause error) error {
	return &web.Problem{
		Status: http.StatusServiceUnavailable,
		Detail: "the database cannot answer now; nothing was changed",
		Hint:   "try again in a moment; the server's log has the cause",
		Cause:  cause,
	}
}

// notTakenIn is the answer after a change that is stored, and that this node
// could not read back.
func notTakenIn(err error) error {
	return &web.Problem{
		Status: http.StatusServiceUnavailable,
		Detail: "the change is stored, but this server cannot read it back yet",
		Hint:   lookFirst,
		Cause:  err,
	}
}

// quoted writes what the caller sent as one short printable word.
func quoted(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", s)
}
