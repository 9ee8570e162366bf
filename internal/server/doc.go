// Package server is the composition root: it wires every handler as a literal
// with its fields named, mounts them on two muxes, one for everybody and one for
// the operator, and starts and stops the listeners. It decides nothing else.
//
// It takes the store as an interface and does not know which engine it is.
package server
