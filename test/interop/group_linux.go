package main

import "syscall"

// ownGroup makes a program the leader of a process group, which can be killed
// as a whole, and ends it with the runner.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
