// Package blackbox starts the real, static grantd binary for tests and talks to
// it only as a user can: flags, sockets, signals, standard output. It ends every
// process it starts and looks into every log for secrets that must not be there.
//
// It imports nothing of grantd, so that a test cannot reach behind the binary.
package blackbox
