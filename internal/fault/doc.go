// Package fault gives an error for the operator its second half: the hint that
// says what to do. It knows nothing of where the two are printed.
package fault
