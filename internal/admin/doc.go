// Package admin owns the use-cases of the control plane: keys with their
// secrets, APIs with their resource servers, both at once from a manifest, signing
// keys, and the ends of tokens; their JSON calls; and the Unix socket on which the
// command line makes them. Validation decides first; only then is anything written.
//
// It knows no engine of the store, reads no token itself and never shows a hash;
// a secret leaves it once, in the answer that creates it. Audiences follow
// RFC 8707 §2.
package admin
