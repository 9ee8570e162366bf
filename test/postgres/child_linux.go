package postgres

import "syscall"

// child runs a program as the account, and ends it with the test process.
func (a *account) child(end syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: a.credential(), Pdeathsig: end}
}
