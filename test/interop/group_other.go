//go:build !linux

package main

import "syscall"

// ownGroup makes a program the leader of a process group, which can be killed
// as a whole. Only Linux can end it with the runner, too.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
