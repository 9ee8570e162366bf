package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// inSandbox is set in the environment of the process inside.
const inSandbox = "GRANTD_TEST_CLUSTER_SANDBOX"

// enterSandbox runs this program again in namespaces of its own, for the network,
// for mounts and for processes: whatever it leaves behind ends with it. The shell
// gathers the orphans there. It returns false where it is not possible.
func enterSandbox() (code int, entered bool) {
	if os.Getenv(inSandbox) != "" || os.Getuid() != 0 || !present("unshare", "ip", "nft", "bash") {
		return 0, false
	}
	if exec.Command("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "true").Run() != nil {
		return 0, false
	}
	_ = os.MkdirAll("/run/netns", 0o755) // a place to mount on
	cmd := exec.Command("unshare", append([]string{
		"--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL",
		"bash", "-c", `trap 'kill -TERM $inside' TERM INT; "$@" & inside=$!; wait $inside; code=$?; wait $inside 2>/dev/null; exit $code`, "cluster", "/proc/self/exe",
	}, os.Args[1:]...)...)
	self, err := os.Executable()
	if err != nil {
		return 0, false
	}
	cmd.Args[len(cmd.Args)-len(os.Args)] = self
	cmd.Env = append(os.Environ(), inSandbox+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	signal.Ignore(os.Interrupt) // the one inside has it from the terminal
	err = cmd.Run()
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case failed:
		return exit.ExitCode(), true
	case err != nil:
		return 1, true
	}
	return 0, true
}

func present(programs ...string) bool {
	for _, program := range programs {
		_, err := exec.LookPath(program)
		if err != nil {
			return false
		}
	}
	return true
}

// dieWithParent makes the kernel end a process with the one that started it.
func dieWithParent(account *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: account}
}
