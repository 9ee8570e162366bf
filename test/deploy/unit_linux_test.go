package deploy

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// mostExposed is the most that systemd-analyze security may say, from 0.0 for a
// service shut in to 10.0, in tenths as its --threshold takes it. What is left is
// for having a network and the metric of the start time.
const mostExposed = "13"

func TestUnitIsShutIn(t *testing.T) {
	out := run(t, tool(t, "systemd-analyze"), "security", "--no-pager", "--offline=true", "--threshold="+mostExposed,
		deployFile(t, "grantd.service"))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	t.Log(lines[len(lines)-1])
}

// machine is a systemd that runs in namespaces of its own; see boot.sh.
type machine struct {
	pid string
}

// boot boots a machine with these files laid over a copy of this one's.
func boot(t *testing.T, files map[string]string) machine {
	t.Helper()
	needRoot(t)
	tool(t, "systemd-analyze")
	dir := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, "files", name), text, 0o644)
	}
	err := os.Mkdir(filepath.Join(dir, "mnt"), 0o755)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(blackbox.Root(t), "test", "deploy", "boot.sh"), dir)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		err := cmd.Wait()
		if err != nil || t.Failed() {
			t.Logf("boot.sh: %v\n%s", err, complaints.String())
		}
	})
	pid, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("boot.sh did not get to start systemd: %v", err)
	}
	m := machine{pid: strings.TrimSpace(pid)}
	blackbox.Poll(t, "the boot of systemd", func() bool {
		return m.exec(t, "systemctl", "is-active", "test.target").Code == 0
	})
	return m
}

// exec runs a program inside.
func (m machine) exec(t *testing.T, program string, args ...string) blackbox.Result {
	t.Helper()
	inside := []string{"--target", m.pid, "--mount", "--pid", "--root", "--wd", "--", program}
	return blackbox.Exec(t, "", tool(t, "nsenter"), append(inside, args...)...)
}

// run runs a program inside that has to succeed, and returns its standard output.
func (m machine) run(t *testing.T, program string, args ...string) string {
	t.Helper()
	r := m.exec(t, program, args...)
	if r.Code != 0 {
		t.Fatalf("%s %s: got exit code %d, want 0\n%s%s", program, strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// show returns a property of the unit.
func (m machine) show(t *testing.T, property string) string {
	t.Helper()
	return strings.TrimSpace(m.run(t, "systemctl", "show", "--property", property, "--value", "grantd"))
}

// installation returns the commands in the comment at the head of the unit.
func installation(unit string) string {
	var commands []string
	for line := range strings.Lines(unit) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		command, found := strings.CutPrefix(line, "#   ")
		if found {
			commands = append(commands, command)
		}
	}
	return "set -eu\n" + strings.Join(commands, "")
}

func TestUnit(t *testing.T) {
	unit := readFile(t, deployFile(t, "grantd.service"))
	binary, err := blackbox.Binary()
	if err != nil {
		t.Fatal(err)
	}
	address, err := blackbox.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	admin, err := blackbox.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + address
	m := boot(t, map[string]string{
		"src/build/grantd":                  readFile(t, binary),
		"etc/systemd/system/grantd.service": unit,
		"etc/systemd/system/test.target":    "[Unit]\nDefaultDependencies=no\n",
		"etc/systemd/system/grantd.service.d/test.conf": "[Service]\nEnvironment=GRANTD_ISSUER=" + url +
			" GRANTD_LISTEN=" + address + " GRANTD_ADMIN_LISTEN=" + admin +
			"\nStandardOutput=append:/run/grantd.log\nStandardError=append:/run/grantd.log\n",
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s\n%s", m.exec(t, "systemctl", "status", "--no-pager", "grantd").Stdout,
				m.exec(t, "cat", "/run/grantd.log").Stdout)
		}
	})
	m.run(t, "sh", "-c", "cd /src && "+installation(unit))
	complaints := m.exec(t, "systemd-analyze", "verify", "--man=no", "grantd.service")
	if complaints.Code != 0 || complaints.Stdout+complaints.Stderr != "" {
		t.Errorf("systemd-analyze verify: got exit code %d\n%s%s", complaints.Code, complaints.Stdout, complaints.Stderr)
	}

	m.run(t, "systemctl", "start", "grantd")
	awaitReady(t, url)
	cli := operator(func(t *testing.T, args ...string) string {
		t.Helper()
		return m.run(t, "grantd", append(args, "--data", "/var/lib/grantd")...)
	})
	key := cli.createKey(t)
	wantToken(t, url, key)
	t.Run("it has no privileges", func(t *testing.T) {
		group := m.show(t, "ControlGroup")
		pid := strings.TrimSpace(m.run(t, "cat", "/sys/fs/cgroup"+group+"/cgroup.procs"))
		status := m.run(t, "cat", "/proc/"+pid+"/status")
		checkPrivileges(t, status)
	})
	t.Run("its keys are those of the operator", func(t *testing.T) {
		files := m.run(t, "find", "/var/lib/grantd/", "/run/grantd/", "-name", "*.key")
		got := strings.Fields(files)
		slices.Sort(got)
		if !slices.Equal(got, []string{"/run/grantd/master.key", "/run/grantd/pepper.key"}) {
			t.Errorf("got key files %q, want the two copies of the credentials", got)
		}
	})
	t.Run("the audit trail knows who called", func(t *testing.T) {
		trail := cli(t, "audit", "list")
		if !strings.Contains(trail, "uid:0 ") {
			t.Errorf("got\n%swant changes by uid:0", trail)
		}
	})
	t.Run("the metrics know when it started", func(t *testing.T) {
		metrics := run(t, tool(t, "curl"), "--silent", "--fail", "http://"+admin+"/metrics")
		if !strings.Contains(metrics, "\nprocess_start_time_seconds ") {
			t.Error("process_start_time_seconds is missing")
		}
	})
	t.Run("it stops without fault and finds its data again", func(t *testing.T) {
		patience, err := time.ParseDuration(m.show(t, "TimeoutStopUSec"))
		if err != nil {
			t.Fatal(err)
		}
		checkPatience(t, patience)
		m.run(t, "systemctl", "stop", "grantd")
		result := m.show(t, "Result") + " " + m.show(t, "ExecMainStatus")
		if result != "success 0" {
			t.Errorf("got %s, want success 0", result)
		}
		m.run(t, "systemctl", "start", "grantd")
		wantToken(t, url, key)
	})
	t.Run("it is started again when it was killed", func(t *testing.T) {
		m.run(t, "systemctl", "kill", "--signal=KILL", "grantd")
		blackbox.Poll(t, "a restart", func() bool { return m.show(t, "NRestarts") == "1" })
		wantToken(t, url, key)
	})
}
