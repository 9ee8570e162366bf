package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Bouncer is a pgbouncer in transaction mode, before all databases of a cluster.
type Bouncer struct {
	// Port is where it listens, on 127.0.0.1.
	Port int

	dir     string
	account *account
	server  *server
}

// pooling is transaction mode with pgbouncer's own defaults: nothing of a session
// outlives a transaction, and parameters at the start of one are refused unless
// pgbouncer keeps track of them.
const pooling = `[databases]
* = host=127.0.0.1 port=%d

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 20
log_connections = 0
log_disconnections = 0
log_pooler_errors = 0
`

// NewBouncer starts a pgbouncer before a cluster for these users. The caller ends
// it with [Bouncer.Remove].
func NewBouncer(c *Cluster, users ...string) (*Bouncer, error) {
	b := &Bouncer{account: c.account}
	err := b.start(c, users)
	if err != nil {
		return nil, errors.Join(err, b.Remove())
	}
	return b, nil
}

func (b *Bouncer) start(c *Cluster, users []string) error {
	program, err := bouncerBinary()
	if err != nil {
		return err
	}
	b.dir, err = os.MkdirTemp("", "pgb")
	if err != nil {
		return err
	}
	b.Port, err = freePort()
	if err != nil {
		return err
	}
	list := ""
	for _, user := range users {
		list += fmt.Sprintf("%q \"\"\n", user)
	}
	auth, config := filepath.Join(b.dir, "users"), filepath.Join(b.dir, "ini")
	err = errors.Join(
		os.WriteFile(auth, []byte(list), 0o600),
		os.WriteFile(config, fmt.Appendf(nil, pooling, c.Port, b.Port, auth), 0o600),
	)
	if err == nil {
		err = b.account.own(b.dir)
	}
	if err != nil {
		return err
	}
	ready := func() bool { return listens(b.Port) }
	b.server, err = launch(b.account, syscall.SIGKILL, filepath.Join(b.dir, "log"), ready, program, config)
	return err
}

// Remove ends the pgbouncer and removes its files.
func (b *Bouncer) Remove() error {
	var err error
	if b.server != nil {
		err = b.server.signal(syscall.SIGKILL)
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

// URL is where a database is behind the pgbouncer, for a user.
func (b *Bouncer) URL(user, database string) string { return address(b.Port, user, database) }
