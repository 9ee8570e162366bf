package postgres

import (
	"errors"
	"os"
	"path/filepath"
)

// Keep stops the cluster, keeps a copy of all it holds for [Cluster.PutBack], and starts
// it again.
func (c *Cluster) Keep() error {
	err := c.Stop()
	if err != nil {
		return err
	}
	err = errors.Join(os.RemoveAll(c.kept()), copyPrivate(c.kept(), c.data()), c.account.own(c.kept()))
	return errors.Join(err, c.Start())
}

// PutBack brings the cluster back to where it was at [Cluster.Keep], as restoring a backup
// does, or a failover to a server that lacks what was written since.
func (c *Cluster) PutBack() error {
	err := c.Crash()
	if err != nil {
		return err
	}
	err = errors.Join(os.RemoveAll(c.data()), copyPrivate(c.data(), c.kept()), c.account.own(c.data()))
	return errors.Join(err, c.Start())
}

func (c *Cluster) kept() string { return filepath.Join(c.dir, "kept") }

// copyPrivate copies a directory for its owner alone: PostgreSQL takes no other.
func copyPrivate(to, from string) error {
	err := os.CopyFS(to, os.DirFS(from))
	if err != nil {
		return err
	}
	return os.Chmod(to, 0o700)
}
