package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const upgradeScenario = "rolling upgrade from the previous commit"

// upgrade starts nodes of an earlier binary on a database of their own, and puts this
// one in their place one after the other.
func (r *runner) upgrade(ctx context.Context, hosts []*host, d *database) (err error) {
	if !r.only.MatchString(upgradeScenario) {
		return nil
	}
	base, reason := r.base()
	if reason != "" {
		r.left = append(r.left, upgradeScenario+": "+reason)
		return nil
	}
	_, err = query(d.url, "CREATE DATABASE earlier TEMPLATE template0 ENCODING 'UTF8'")
	if err != nil {
		return err
	}
	url := strings.Replace(d.url, "/postgres?", "/earlier?", 1)
	s, err := newService(hosts, filepath.Join(r.dir, "earlier"), base, url)
	if err != nil {
		return fmt.Errorf("with %s: %w", base, err)
	}
	defer func() { err = errors.Join(err, s.remove()) }()
	return r.score(upgradeScenario, func() (history, error) {
		return s.play(ctx, r.calm(), func(ctx context.Context, t *trial) error {
			return rollingRestart(ctx, t, r.binary)
		})
	})
}

// base is the earlier binary, or the reason why there is none.
func (r *runner) base() (path, reason string) {
	text, err := os.ReadFile(filepath.Join(r.programs, "base", "without"))
	if err == nil {
		return "", strings.TrimSpace(string(text))
	}
	path = filepath.Join(r.programs, "base", "grantd")
	_, err = os.Stat(path)
	if err != nil {
		return "", "there is no " + path + "; test/cluster/base.sh makes it"
	}
	return path, ""
}
