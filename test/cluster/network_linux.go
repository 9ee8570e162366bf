package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// network is a bridge between hosts, each a network namespace of its own. All of it
// lies in the namespaces of [enterSandbox] and ends with them. Its addresses are
// those that are set aside for tests of this kind (RFC 2544).
type network struct {
	hosts []*host
}

const (
	bridge = "bridge"
	subnet = "198.18.0."
)

// host is a machine of the network; without a network it is this machine.
type host struct {
	name string
	ip   string
	ns   int
	real bool
}

// newNetwork returns nil where there can be none, with the reason.
func newNetwork() (*network, string) {
	if os.Getenv(inSandbox) == "" {
		return nil, "network namespaces need root, and unshare, ip and nft"
	}
	err := errors.Join(
		command("mount", "-t", "tmpfs", "none", "/run/netns"),
		command("ip", "link", "set", "lo", "up"),
		command("ip", "link", "add", bridge, "type", "bridge"),
		command("ip", "addr", "add", subnet+"1/24", "dev", bridge),
		command("ip", "link", "set", bridge, "up"),
	)
	if err != nil {
		return nil, err.Error()
	}
	return &network{}, ""
}

func command(program string, args ...string) error {
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return nil
}

// noCuts is a firewall that lets everything through.
const noCuts = `table inet cuts {
	chain incoming { type filter hook input priority 0; }
	chain outgoing { type filter hook output priority 0; }
}`

// newHost adds a host. A nil network has only this machine.
func (n *network) newHost(name string) (*host, error) {
	if n == nil {
		return &host{name: name, ip: "127.0.0.1"}, nil
	}
	h := &host{name: name, ip: fmt.Sprintf("%s%d", subnet, 10+len(n.hosts)), real: true}
	for _, args := range [][]string{
		{"netns", "add", name},
		{"link", "add", "v-" + name, "type", "veth", "peer", "name", "eth0", "netns", name},
		{"link", "set", "v-" + name, "master", bridge, "up"},
		{"-n", name, "addr", "add", h.ip + "/24", "dev", "eth0"},
		{"-n", name, "link", "set", "eth0", "up"},
		{"-n", name, "link", "set", "lo", "up"},
	} {
		err := command("ip", args...)
		if err != nil {
			return nil, err
		}
	}
	var err error
	h.ns, err = unix.Open("/run/netns/"+name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	n.hosts = append(n.hosts, h)
	return h, h.nft(noCuts)
}

// on runs f on the host: sockets and processes that it makes in its own goroutine
// are there.
func (h *host) on(f func() error) error {
	if !h.real {
		return f()
	}
	runtime.LockOSThread()
	here, err := unix.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer unix.Close(here)
	err = unix.Setns(h.ns, unix.CLONE_NEWNET)
	if err == nil {
		err = f()
	}
	back := unix.Setns(here, unix.CLONE_NEWNET)
	if back != nil {
		// The thread stays locked: no other goroutine may run on it.
		return errors.Join(err, back)
	}
	runtime.UnlockOSThread()
	return err
}

func (h *host) nft(rules string) error {
	cmd := exec.Command("ip", "netns", "exec", h.name, "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("nft on %s: %w\n%s", h.name, err, out)
	}
	return nil
}

// cutting is what happens to packets that do not arrive.
type cutting string

const (
	drop  cutting = "drop"
	reset cutting = "reject with tcp reset"
)

// cut separates a host from others.
func (h *host) cut(how cutting, others ...*host) error {
	var rules strings.Builder
	for _, other := range others {
		protocol := ""
		if how == reset {
			protocol = "meta l4proto tcp "
		}
		fmt.Fprintf(&rules, "add rule inet cuts incoming ip saddr %s %s%s\n", other.ip, protocol, how)
		fmt.Fprintf(&rules, "add rule inet cuts outgoing ip daddr %s %s%s\n", other.ip, protocol, how)
	}
	return h.nft(rules.String())
}

// heal ends all cuts of the host.
func (h *host) heal() error { return h.nft("flush ruleset\n" + noCuts) }
