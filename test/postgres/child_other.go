//go:build !linux

package postgres

import "syscall"

// child runs a program as the account. Only Linux can end it with the test
// process when that is killed.
func (a *account) child(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: a.credential()}
}
