//go:build !linux

package main

import (
	"errors"
	"syscall"
)

// Only Linux has namespaces; elsewhere all hosts are this machine.
type network struct{}

type host struct {
	name, ip string
	real     bool
}

type cutting string

const (
	inSandbox         = "GRANTD_TEST_CLUSTER_SANDBOX"
	drop      cutting = "drop"
	reset     cutting = "reset"
)

var errNoNetwork = errors.New("there is no network to cut")

func enterSandbox() (code int, entered bool) { return 0, false }

func newNetwork() (*network, string) { return nil, "only Linux has network namespaces" }

func (n *network) newHost(name string) (*host, error) { return &host{name: name, ip: "127.0.0.1"}, nil }

func (h *host) on(f func() error) error { return f() }

func (h *host) cut(cutting, ...*host) error { return errNoNetwork }

func (h *host) heal() error { return errNoNetwork }

func dieWithParent(account *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: account}
}
