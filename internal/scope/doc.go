// Package scope owns the rules of scopes: their grammar, templates with
// parameters in path segments, what a catalogue may hold, what a key was
// granted, and the narrowing of a request against it.
//
// It is pure: no HTTP, no store, no clock. It implements RFC 6749 §3.3.
package scope
