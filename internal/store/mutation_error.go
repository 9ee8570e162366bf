package store

import "fmt"

// MutationError says which mutation of a Write could not be applied, and why.
type MutationError struct {
	// Index is the mutation's place among those given to Write, from 0.
	Index int
	// Kind and ID are of the record that the mutation is about.
	Kind Kind
	ID   string
	// Field and Value are what is at fault: for ErrConflict what exists already
	// ("id", "audience", "scope"; "secret", "secret name" and "secret hash", whose
	// Value are the id, the name and the id of the one that was not added), for
	// ErrInvalid the list and its element ("scopes", "parameters", "routes", "grant
	// types", "auth methods", "origins", "networks") or the one value ("mode",
	// "claims", "id", "name", "audience", "actor" and whatever else is a text). Both
	// are empty for ErrNotFound, ErrChanged and ErrDone.
	Field, Value string
	// Err is ErrConflict, ErrChanged, ErrDone, ErrNotFound or ErrInvalid.
	Err error
}

// Error names the record and what is at fault with it.
func (e *MutationError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s %q: %v", e.Kind, e.ID, e.Err)
	}
	return fmt.Sprintf("%s %q: %s %q: %v", e.Kind, e.ID, e.Field, e.Value, e.Err)
}

// Unwrap returns Err.
func (e *MutationError) Unwrap() error { return e.Err }
