package deploy

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

// user is the one that the image names.
const user = 65532

// podman keeps its images, containers and volumes in a directory of the test.
type podman []string

// podmanMounts is the shell that podman runs in, with the directory as $0. crun
// knows one hierarchy of control groups, not the old and the new one beside each
// other as some machines have them; and it gives its standard input away to the
// user of the container, which must not be this machine's /dev/null.
const podmanMounts = `set -e
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "$0/dev"
mount -t tmpfs tmpfs "$0/dev"
mknod -m 0666 "$0/dev/null" c 1 3
mount --bind "$0/dev/null" /dev/null
exec "$@"`

func newPodman(t *testing.T) podman {
	t.Helper()
	needRoot(t)
	program := tool(t, "podman")
	tool(t, "crun")
	dir := t.TempDir()
	p := podman{
		tool(t, "unshare"), "--mount", "sh", "-c", podmanMounts, dir,
		program, "--root", dir + "/root", "--runroot", dir + "/run", "--tmpdir", dir + "/tmp",
		"--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none",
	}
	t.Cleanup(func() { p.run(t, "rm", "--all", "--force", "--volumes") })
	return p
}

func (p podman) run(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, p[0], append(slices.Clone(p[1:]), args...)...)
}

// build builds the image from a context that has in it what the Dockerfile copies.
func (p podman) build(t *testing.T) {
	t.Helper()
	binary, err := blackbox.Binary()
	if err != nil {
		t.Fatal(err)
	}
	context := t.TempDir()
	// The umask of a careful machine.
	writeFile(t, filepath.Join(context, "build", "grantd"), readFile(t, binary), 0o700)
	err = os.CopyFS(filepath.Join(context, "deploy", "data"), os.DirFS(deployFile(t, "data")))
	if err != nil {
		t.Fatal(err)
	}
	p.run(t, "build", "--isolation", "chroot", "--file", deployFile(t, "Dockerfile"),
		"--ignorefile", deployFile(t, "Dockerfile.dockerignore"), "--tag", "grantd:latest", context)
}

// start starts a container that has no more than it needs, and returns the URL.
func (p podman) start(t *testing.T, name, volume string) string {
	t.Helper()
	address, err := blackbox.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + address
	p.run(t, "run", "--detach", "--name", name, "--volume", volume+":/data", "--read-only",
		"--cap-drop", "all", "--security-opt", "no-new-privileges",
		// It is gone even when nobody is left to remove it.
		"--timeout", "300",
		// Control groups are not what is tested, and crun cannot set them up everywhere.
		"--cgroups", "disabled",
		// Higher limits, which podman would set, are not for every root to give.
		"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
		"--network", "host", "--env", "GRANTD_ISSUER="+url, "--env", "GRANTD_LISTEN="+address,
		"--env", "GRANTD_ADMIN_LISTEN=127.0.0.1:0", "grantd:latest")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the container says:\n%s", p.run(t, "logs", name))
		}
	})
	return url
}

// stop stops a container and wants it to end by itself, without fault.
func (p podman) stop(t *testing.T, name string) {
	t.Helper()
	p.run(t, "stop", "--time", "20", name)
	code := strings.TrimSpace(p.run(t, "inspect", "--format", "{{.State.ExitCode}}", name))
	if code != "0" {
		t.Errorf("the container ended with %s, want 0", code)
	}
}

func TestImage(t *testing.T) {
	p := newPodman(t)
	p.build(t)
	t.Run("it has the binary in it and a place for data", func(t *testing.T) { checkContents(t, p) })
	t.Run("it says how it wants to be run", func(t *testing.T) { checkImageConfig(t, p) })
	t.Run("a container without privileges issues tokens and keeps its data", func(t *testing.T) {
		url := p.start(t, "fresh", "fresh")
		awaitReady(t, url)
		cli := operator(func(t *testing.T, args ...string) string {
			t.Helper()
			return p.run(t, append([]string{"exec", "fresh", "/grantd"}, args...)...)
		})
		key := cli.createKey(t)
		wantToken(t, url, key)
		pid := strings.TrimSpace(p.run(t, "inspect", "--format", "{{.State.Pid}}", "fresh"))
		checkPrivileges(t, readFile(t, filepath.Join("/proc", pid, "status")))
		p.stop(t, "fresh")
		p.run(t, "start", "fresh")
		wantToken(t, url, key)
		p.stop(t, "fresh")
	})
	t.Run("a volume may belong to root, as in Kubernetes", func(t *testing.T) {
		// What a kubelet makes of a fresh ext4 for the fsGroup of a pod.
		volume := t.TempDir()
		err := os.Mkdir(filepath.Join(volume, "lost+found"), 0o700)
		if err == nil {
			err = os.Chown(volume, 0, user)
		}
		if err == nil {
			err = os.Chmod(volume, 0o775|fs.ModeSetgid)
		}
		if err != nil {
			t.Fatal(err)
		}
		awaitReady(t, p.start(t, "theirs", volume))
		p.stop(t, "theirs")
	})
}

func checkContents(t *testing.T, p podman) {
	root := strings.TrimSpace(p.run(t, "image", "mount", "grantd:latest"))
	got := map[string]fs.FileMode{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		got[name] = info.Mode()
		owner := info.Sys().(*syscall.Stat_t).Uid
		if strings.HasPrefix(name, "data") && owner != user {
			t.Errorf("/%s belongs to %d, want %d", name, owner, user)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got["grantd"] != 0o755 || !got["data"].IsDir() || !got["data/README"].IsRegular() {
		t.Errorf("got %v, want grantd of mode 0755, data and data/README", got)
	}
}

func checkImageConfig(t *testing.T, p podman) {
	var images []struct{ Config json.RawMessage }
	parseJSON(t, p.run(t, "image", "inspect", "grantd:latest"), &images)
	var got struct {
		User                  string
		Entrypoint, Cmd, Env  []string
		ExposedPorts, Volumes map[string]struct{}
	}
	parseJSON(t, string(images[0].Config), &got)
	_, public := got.ExposedPorts["8080/tcp"]
	_, data := got.Volumes["/data"]
	switch {
	case got.User != "65532:65532":
		t.Errorf("got user %q, want 65532:65532", got.User)
	case !slices.Equal(got.Entrypoint, []string{"/grantd"}), !slices.Equal(got.Cmd, []string{"serve"}):
		t.Errorf("got %q %q, want /grantd serve", got.Entrypoint, got.Cmd)
	case !slices.Contains(got.Env, "GRANTD_DATA_DIR=/data/grantd"), !data, len(got.Volumes) != 1:
		t.Errorf("got %q and volumes %v, want the data in the one volume /data", got.Env, got.Volumes)
	case !public, len(got.ExposedPorts) != 1:
		t.Errorf("got ports %v, want the public one only", got.ExposedPorts)
	}
}

// checkPrivileges wants a process not to be root and not to become it, as its
// status in /proc says.
func checkPrivileges(t *testing.T, status string) {
	t.Helper()
	for _, want := range []string{"CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(status, "\n"+want+"\n") {
			t.Errorf("want %q in\n%s", want, status)
		}
	}
	if strings.Contains(status, "\nUid:\t0") || strings.Contains(status, "\nGid:\t0") {
		t.Errorf("it is root:\n%s", status)
	}
}
