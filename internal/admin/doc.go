// Package admin owns the use-cases of the control plane (create, list, show,
// disable, enable and delete keys and APIs), their JSON calls, and the Unix
// socket on which the command line makes them. Validation decides first, on
// plain values; only then is anything written.
//
// It knows no engine of the store and never shows a hash; a secret leaves it
// once, in the answer that creates the key. Audiences follow RFC 8707 §2.
package admin
