package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pair is what keeps PostgreSQL available: a Patroni and an etcd, which setup.sh
// unpacks below build/cluster.
type pair struct {
	name        string
	dir         string
	synchronous bool
}

// ensemble is two PostgreSQL servers under Patroni, and etcd on their hosts and on a
// third one.
type ensemble struct {
	pair    pair
	dir     string
	members []*member
	etcd    []*process
	witness *host // has an etcd only
	account *syscall.Credential
	client  *http.Client
}

// member is a host with a Patroni and its PostgreSQL.
type member struct {
	host    *host
	data    string
	config  string
	patroni *process
}

const databasePort = 5432

// account is who may run PostgreSQL.
func postgresAccount() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
}

// newEnsemble starts all of it and waits for a standby.
func newEnsemble(p pair, hosts []*host, dir string) (*ensemble, error) {
	account, err := postgresAccount()
	if err != nil {
		return nil, err
	}
	e := &ensemble{pair: p, dir: dir, account: account, witness: hosts[2], client: &http.Client{Timeout: 2 * time.Second}}
	// Where the account can reach it.
	err = errors.Join(os.MkdirAll(dir, 0o755), os.CopyFS(filepath.Join(dir, "python"), os.DirFS(filepath.Join(p.dir, "python"))))
	if err == nil {
		err = e.startEtcd(hosts)
	}
	for _, h := range hosts[:2] {
		if err == nil {
			err = e.addMember(h, hosts)
		}
		if err == nil {
			err = await("Patroni has a primary", patience, func() bool { return e.primary() != nil })
		}
	}
	if err == nil {
		err = e.awaitStandby()
	}
	if err != nil {
		return nil, errors.Join(err, errors.New(e.logs()), e.remove())
	}
	return e, nil
}

func (e *ensemble) startEtcd(hosts []*host) error {
	var members []string
	for _, h := range hosts {
		members = append(members, fmt.Sprintf("%s=http://%s:2380", h.name, h.ip))
	}
	for _, h := range hosts {
		p, err := launch{
			host: h, log: filepath.Join(e.dir, "etcd-"+h.name+".log"), program: filepath.Join(e.pair.dir, "usr/bin/etcd"),
			args: []string{
				"--name", h.name, "--data-dir", filepath.Join(e.dir, "etcd-"+h.name), "--logger", "zap", "--log-level", "error",
				"--listen-peer-urls", "http://" + h.ip + ":2380", "--initial-advertise-peer-urls", "http://" + h.ip + ":2380",
				"--listen-client-urls", "http://" + h.ip + ":2379", "--advertise-client-urls", "http://" + h.ip + ":2379",
				"--initial-cluster", strings.Join(members, ","), "--initial-cluster-state", "new",
			},
		}.start()
		if err != nil {
			return err
		}
		e.etcd = append(e.etcd, p)
	}
	return nil
}

// settings is the configuration of one Patroni. A lock that is not renewed is lost
// after ttl, which is the shortest that Patroni takes.
const settings = `scope: grantd
name: %[1]s
restapi: {listen: '%[2]s:8008', connect_address: '%[2]s:8008'}
etcd3: {hosts: [%[3]s]}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 4
    synchronous_mode: %[4]t
    synchronous_mode_strict: %[4]t
    postgresql:
      use_pg_rewind: true
      parameters: {max_connections: 200, wal_keep_size: 256MB}
  initdb: [encoding: UTF8, locale: C]
postgresql:
  listen: '%[2]s:%[5]d'
  connect_address: '%[2]s:%[5]d'
  data_dir: %[6]s/data
  bin_dir: %[7]s
  pgpass: %[6]s/pgpass
  remove_data_directory_on_diverged_timelines: true
  remove_data_directory_on_rewind_failure: true
  authentication:
    superuser: {username: grantd}
    replication: {username: replicator}
    rewind: {username: grantd}
  pg_hba: [local all all trust, host all all 0.0.0.0/0 trust, host replication all 0.0.0.0/0 trust]
  parameters: {unix_socket_directories: %[6]s, fsync: 'off', log_min_messages: fatal, jit: 'off', shared_buffers: 64MB}
tags: {nofailover: false, noloadbalance: false, clonefrom: false}
`

func (e *ensemble) addMember(h *host, hosts []*host) error {
	var etcd []string
	for _, other := range hosts {
		etcd = append(etcd, "'"+other.ip+":2379'")
	}
	dir := filepath.Join(e.dir, h.name)
	m := &member{host: h, data: filepath.Join(dir, "data"), config: filepath.Join(dir, "patroni.yml")}
	programs, err := postgresPrograms()
	if err != nil {
		return err
	}
	text := fmt.Sprintf(settings, h.name, h.ip, strings.Join(etcd, ","), e.pair.synchronous, databasePort, dir, programs)
	err = os.Mkdir(dir, 0o700)
	if err == nil {
		err = errors.Join(
			os.WriteFile(m.config, []byte(text), 0o600),
			os.Chown(m.config, int(e.account.Uid), int(e.account.Gid)), os.Chown(dir, int(e.account.Uid), int(e.account.Gid)),
		)
	}
	if err != nil {
		return err
	}
	e.members = append(e.members, m)
	return e.start(m)
}

func postgresPrograms() (string, error) {
	const programs = "/usr/lib/postgresql/15/bin"
	_, err := os.Stat(programs)
	return programs, err
}

func (e *ensemble) start(m *member) error {
	var err error
	m.patroni, err = launch{
		host: m.host, log: filepath.Join(e.dir, m.host.name+".log"), dir: filepath.Dir(m.config), account: e.account,
		env:     []string{"PYTHONPATH=" + filepath.Join(e.dir, "python"), "PYTHONDONTWRITEBYTECODE=1", "LC_ALL=C.UTF-8"},
		program: "/usr/bin/python3", args: []string{"-m", "patroni", m.config},
	}.start()
	return err
}

func (e *ensemble) isPrimary(m *member) bool { return e.says(m, "primary") }

// says asks the Patroni of a member whether it has a role.
func (e *ensemble) says(m *member, role string) bool {
	resp, err := e.client.Get("http://" + m.host.ip + ":8008/" + role)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (e *ensemble) primary() *member {
	for _, m := range e.members {
		if e.isPrimary(m) {
			return m
		}
	}
	return nil
}

func (e *ensemble) other(m *member) *member {
	if m == e.members[0] {
		return e.members[1]
	}
	return e.members[0]
}

// awaitStandby waits until the primary itself says that the standby follows it; what
// Patroni says of that is some seconds old. Patroni fails over to a synchronous one
// only when it has noted that it is one, which comes later.
func (e *ensemble) awaitStandby() error {
	streams := "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL"
	if e.pair.synchronous {
		streams += " AND sync_state = 'sync'"
	}
	said := ""
	err := await("the primary has a standby", 90*time.Second, func() bool {
		primary := e.primary()
		if primary == nil {
			return false
		}
		count, err := query(fmt.Sprintf("postgres://grantd@%s:%d/postgres", primary.host.ip, databasePort), streams)
		said = fmt.Sprint(count, err)
		return err == nil && count == "1" && (!e.pair.synchronous || e.says(e.other(primary), "synchronous"))
	})
	if err != nil {
		return fmt.Errorf("%w: it says %s", err, said)
	}
	return nil
}

// kill ends everything on a member at once, as when its machine loses power.
func (m *member) kill() error {
	err := errors.Join(m.patroni.signal(syscall.SIGKILL), signalAll(m.data, syscall.SIGKILL))
	<-m.patroni.done
	return err
}

func (e *ensemble) logs() string {
	var text strings.Builder
	files, _ := filepath.Glob(filepath.Join(e.dir, "*.log"))
	for _, file := range files {
		out, _ := exec.Command("tail", "-n", "15", file).Output()
		fmt.Fprintf(&text, "--- %s\n%s", filepath.Base(file), out)
	}
	return text.String()
}

// url names all members: of them the primary is used.
func (e *ensemble) url() string {
	var hosts []string
	for _, m := range e.members {
		hosts = append(hosts, fmt.Sprintf("%s:%d", m.host.ip, databasePort))
	}
	return "postgres://grantd@" + strings.Join(hosts, ",") + "/postgres?sslmode=disable&target_session_attrs=read-write&connect_timeout=3"
}

func (e *ensemble) remove() error {
	var err error
	for _, m := range e.members {
		if m.patroni != nil && !m.patroni.ended() {
			// Patroni leaves no server behind.
			err = errors.Join(err, m.patroni.signal(syscall.SIGKILL))
			_ = signalAll(m.data, syscall.SIGQUIT)
		}
	}
	for _, p := range e.etcd {
		err = errors.Join(err, p.end(syscall.SIGKILL))
	}
	return err
}
