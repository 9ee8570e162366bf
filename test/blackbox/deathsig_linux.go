package blackbox

import "syscall"

// dieWithParent makes the kernel end the server when the test process is killed
// or runs into its time limit, where no clean-up runs.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
