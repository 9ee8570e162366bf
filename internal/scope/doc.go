// Package scope owns the rules of scopes: their grammar, templates with typed
// parameters in path segments, what a catalogue may hold, what a key was granted,
// the narrowing of a request against it, and which scopes a route needs.
//
// It is pure: no HTTP, no store, no clock. What was compiled does not change and
// is matched without allocation. It implements RFC 6749 §3.3.
package scope
