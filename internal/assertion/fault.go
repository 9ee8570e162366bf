package assertion

import "fmt"

// Fault says what cannot be registered, and why. All of it may be shown to the
// operator.
type Fault struct {
	// Field is the member as it is called in the admin API, with the index in a
	// list: jwks.keys[0].
	Field string
	// Reason says what is wrong, and Hint what to do.
	Reason, Hint string
}

func (f *Fault) Error() string { return f.Field + ": " + f.Reason }

// at puts the place of a key before what is wrong with it.
func at(i int, reason, hint string) error {
	return &Fault{fmt.Sprintf("jwks.keys[%d]", i), reason, hint}
}
