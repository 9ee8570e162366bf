package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// revocations is what a server that knows many revocations holds more than one
// that knows none.
type revocations struct {
	// count is 0 when there is no sqlite3 command to make them.
	count         int
	without, with memory
	// ready is how long the start took with them, from the database alone.
	ready time.Duration
}

// memory is the resident memory of a server in bytes.
type memory struct {
	idle, loaded int64
}

// added is what they add, idle or after a load, whichever is more.
func (r revocations) added() int64 {
	return max(r.with.idle-r.without.idle, r.with.loaded-r.without.loaded)
}

// fillRevocations puts revocations into the database of a server that does not
// run: that is what is left of as many calls of the revocation endpoint. They
// end in one to 23 hours.
const fillRevocations = `
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d),
     ends (s) AS (SELECT unixepoch() + 3600 + i %% 79200 FROM n)
INSERT INTO revocations (bucket, id, expires_at) SELECT s / 3600, randomblob(16), s * 1000 FROM ends;
INSERT INTO revocations (bucket, id, expires_at) VALUES (%[2]d / 3600, x'%[3]x', %[2]d * 1000);`

// measureRevocations compares two starts on the same data directory. That the
// rows count is seen by a token that is revoked by one of them.
func (r runner) measureRevocations(ctx context.Context, data string, t tenants) (revocations, error) {
	result := revocations{}
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		return result, nil
	}
	revoked, kept := sample{}, sample{}
	result.without, _, err = r.remember(ctx, data, t, func(g *grantd) error {
		revoked, err = g.token(ctx, t.jwt)
		if err != nil {
			return err
		}
		kept, err = g.token(ctx, t.jwt)
		return err
	})
	if err != nil {
		return result, err
	}
	err = r.fill(ctx, program, data, revoked)
	if err != nil {
		return result, err
	}
	result.count = r.revocations
	result.with, result.ready, err = r.remember(ctx, data, t, func(g *grantd) error {
		_, dead := g.introspect(ctx, t.reader, revoked.token(), false)
		_, alive := g.introspect(ctx, t.reader, kept.token(), true)
		return errors.Join(dead, alive)
	})
	return result, err
}

// remember starts a server, does something with it, and reads its memory when it
// is idle and after a load. It also returns how long the start took.
func (r runner) remember(ctx context.Context, data string, t tenants, do func(g *grantd) error) (memory, time.Duration, error) {
	g, err := startGrantd(ctx, r.program, data)
	if err != nil {
		return memory{}, 0, err
	}
	m, err := r.readMemory(ctx, g, t, do)
	return m, g.ready, errors.Join(err, g.stop())
}

func (r runner) readMemory(ctx context.Context, g *grantd, t tenants, do func(g *grantd) error) (memory, error) {
	m := memory{}
	err := rest(ctx, idleFor)
	if err != nil {
		return m, err
	}
	m.idle, _, err = resident(g.pid())
	if err != nil {
		return m, err
	}
	err = do(g)
	if err != nil {
		return m, err
	}
	_, err = load{
		address: g.address, scripts: always(postRequest(g.address, t.opaque)), connections: r.usual, duration: r.duration,
	}.run(ctx)
	if err != nil {
		return m, err
	}
	m.loaded, _, err = resident(g.pid())
	return m, err
}

// fill makes the rows; one of them is for the token, which must be a JWT.
func (r runner) fill(ctx context.Context, program, data string, token sample) error {
	claims := struct {
		ID      string `json:"jti"`
		Expires int64  `json:"exp"`
	}{}
	err := token.part(1, &claims)
	if err != nil {
		return err
	}
	id, err := base64.RawURLEncoding.DecodeString(claims.ID)
	if err != nil {
		return fmt.Errorf("read the jti: %w", err)
	}
	file, err := databaseFile(data)
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, program, "-batch", file,
		fmt.Sprintf(fillRevocations, r.revocations-1, claims.Expires, id)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("fill the database with revocations: %w: %s", err, out)
	}
	return forget(data)
}
