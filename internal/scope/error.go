package scope

import (
	"errors"
	"fmt"
)

// Error says what was refused and why. Its text is a sentence of printable ASCII
// without quotes that may be shown to the caller.
type Error struct {
	// Scope is the scope at fault; empty when it cannot be printed or it is not a
	// scope that is at fault.
	Scope string
	// Reason completes the sentence "scope X …".
	Reason string
	// Entry is the place, from 1 on, of what is at fault in the list of definitions
	// or routes that was read; zero when it is not one of them.
	Entry int
	// Parameter is the parameter whose type is at fault; empty when none is.
	Parameter string
	// subject begins the sentence when neither Scope nor Parameter does.
	subject string
}

// Error returns the sentence.
func (e *Error) Error() string {
	switch {
	case e.Scope != "":
		return "scope " + short(e.Scope) + " " + e.Reason
	case e.Parameter != "":
		return "parameter " + e.Parameter + " " + e.Reason
	case e.subject != "" && e.Entry > 0:
		return fmt.Sprintf("entry %d: %s %s", e.Entry, e.subject, e.Reason)
	case e.subject != "":
		return e.subject + " " + e.Reason
	}
	return "the scope list " + e.Reason
}

func refuse(scope, format string, args ...any) error {
	return &Error{Scope: scope, Reason: fmt.Sprintf(format, args...)}
}

// refuseThing refuses something that is not a scope or cannot be printed.
func refuseThing(thing, format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...), subject: thing}
}

// refuseType refuses the type of a parameter, whose name is not known yet.
func refuseType(format string, args ...any) error {
	return refuseThing("a parameter", format, args...)
}

// inEntry adds the place in a list, counted from 0, to an *Error.
func inEntry(err error, at int) error {
	var problem *Error
	if !errors.As(err, &problem) {
		return err
	}
	placed := *problem
	placed.Entry = at + 1
	return &placed
}

// ofParameter adds the name of the parameter to an *Error about its type.
func ofParameter(err error, name string) error {
	var problem *Error
	if !errors.As(err, &problem) {
		return err
	}
	named := *problem
	named.Parameter = name
	return &named
}

// short cuts what has no room in a sentence.
func short(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}
