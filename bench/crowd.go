package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// crowd is a server with so many keys, some of which ask for tokens.
type crowd struct {
	keys int
	*grantd
	// opaque and jwt get tokens of that format.
	opaque, jwt []credentials
	memory      int64
	// filled is how long the rows took, ready the start from the database alone, and
	// again one after an ordinary end.
	filled, loaded, again time.Duration
}

// crowds is how a server does with many keys beside one with few.
type crowds struct {
	// few, some and many are how many keys the servers have; many is 0 when there is
	// no sqlite3 command to make them.
	few, some, many int
	// filled is how long it took to make the most, loaded how long the start took from
	// the database alone, and again one after an ordinary end.
	filled, loaded, again time.Duration
	// fewMemory and manyMemory are of servers that are idle, in bytes.
	fewMemory, manyMemory int64
	// file is the size of the database with the most.
	file int64
}

// eachKey is what one key adds to the memory, in bytes.
func (c crowds) eachKey() float64 {
	return float64(c.manyMemory-c.fewMemory) / float64(c.many-c.few)
}

const (
	fewKeys  = 10
	someKeys = 100_000
	// callers is how many keys ask for tokens of a format where there are many: more
	// than a second-level cache holds.
	callers = 10_000
	// hashSize is what a key takes at least: the hash of its secret.
	hashSize = 32
)

// fillKeys puts copies of a key into the database of a server that does not run, each
// with a secret that nobody knows. Their ids ascend, which is the fastest way in.
const fillKeys = `
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -400000;
BEGIN;
CREATE TEMP TABLE pattern AS SELECT * FROM clients WHERE id = '%[2]s';
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
INSERT INTO clients (id, name, grant_types, auth_methods, scopes, access_token_lifetime_ms, disabled, created_at, updated_at)
SELECT printf('k%%015d', i), name, grant_types, auth_methods, scopes, access_token_lifetime_ms, disabled, created_at, updated_at
FROM n, pattern;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
INSERT INTO client_secrets (client_id, id, position, hash, created_at)
SELECT printf('k%%015d', i), printf('S%%025d', i), 0, randomblob(32), created_at FROM n, pattern;
COMMIT;
PRAGMA journal_mode = WAL;`

// measureCrowds compares servers that have few keys and many.
func (r runner) measureCrowds(ctx context.Context, folder string, result *report) error {
	sqlite, err := exec.LookPath("sqlite3")
	if err != nil || r.keys <= someKeys || !r.wants(oursOpaque+", 10 keys", oursES256+", 10 keys") {
		return nil
	}
	c := crowds{few: fewKeys, some: someKeys, many: r.keys}
	var all []*crowd
	defer func() {
		for _, one := range all {
			_ = one.stop()
		}
	}()
	for _, keys := range []int{fewKeys, someKeys, r.keys} {
		fmt.Fprintf(r.out, "making %d keys\n", keys)
		one, err := r.newCrowd(ctx, sqlite, filepath.Join(folder, fmt.Sprintf("keys%d", keys)), keys)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	most := all[len(all)-1]
	c.filled, c.loaded, c.again = most.filled, most.loaded, most.again
	c.fewMemory, c.manyMemory = all[0].memory, most.memory
	if c.eachKey() < hashSize {
		return fmt.Errorf("%d keys take %.0f bytes each: the server does not hold them", c.many, c.eachKey())
	}
	c.file, err = sizeOf(most.data)
	if err != nil {
		return err
	}
	result.crowds = c
	for _, contenders := range [][]contender{
		crowded(all, oursOpaque, func(one *crowd) []credentials { return one.opaque }),
		crowded(all, oursES256, func(one *crowd) []credentials { return one.jwt }),
	} {
		err = r.race(ctx, contenders, r.usual, result)
		if err != nil {
			return err
		}
	}
	return nil
}

// newCrowd makes a server with so many keys and starts it.
func (r runner) newCrowd(ctx context.Context, sqlite, data string, keys int) (*crowd, error) {
	one := &crowd{keys: keys}
	var err error
	one.grantd, err = startGrantd(ctx, r.program, data)
	if err != nil {
		return nil, err
	}
	err = errors.Join(one.makeCallers(ctx), one.stop())
	if err == nil {
		err = one.fill(ctx, sqlite)
	}
	if err != nil {
		return nil, err
	}
	one.grantd, err = startGrantd(ctx, r.program, data)
	if err != nil {
		return nil, err
	}
	one.loaded = one.ready
	err = rest(ctx, idleFor)
	if err == nil {
		one.memory, _, err = resident(one.pid())
	}
	err = errors.Join(err, one.stop())
	if err != nil {
		return nil, err
	}
	one.grantd, err = startGrantd(ctx, r.program, data)
	if err != nil {
		return nil, err
	}
	one.again = one.ready
	return one, nil
}

// fill makes the keys that are missing.
func (c *crowd) fill(ctx context.Context, sqlite string) error {
	missing := c.keys - len(c.opaque) - len(c.jwt)
	if missing <= 0 {
		return nil
	}
	file, err := databaseFile(c.data)
	if err != nil {
		return err
	}
	began := time.Now()
	out, err := exec.CommandContext(ctx, sqlite, "-batch", file, fmt.Sprintf(fillKeys, missing, c.opaque[0].ID)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("fill the database with keys: %w: %s", err, out)
	}
	c.filled = time.Since(began)
	return forget(c.data)
}

// makeCallers makes the APIs and the keys that ask for tokens.
func (c *crowd) makeCallers(ctx context.Context) error {
	err := errors.Join(
		c.api(ctx, []string{"--audience", jwtAudience, "--scope", jwtScope}),
		c.api(ctx, []string{"--audience", opaqueAudience, "--scope", opaqueScope, "--token-format", "opaque"}),
	)
	if err != nil {
		return err
	}
	half := min(c.keys/2, callers)
	c.jwt, err = c.newKeys(ctx, half, jwtAudience, jwtScope)
	if err != nil {
		return err
	}
	c.opaque, err = c.newKeys(ctx, half, opaqueAudience, opaqueScope)
	return err
}

// crowded are the servers with so many keys, each compared with the first. The
// generator sends as many different requests to each of them.
func crowded(all []*crowd, kind string, who func(one *crowd) []credentials) []contender {
	name := func(one *crowd) string { return fmt.Sprintf("%s, %d keys", kind, one.keys) }
	var contenders []contender
	for i, one := range all {
		keys := who(one)
		requests := make([][]byte, callers)
		for n := range requests {
			requests[n] = postRequest(one.address, keys[n%len(keys)])
		}
		c := contender{name: name(one), address: one.address, pid: one.pid(), scripts: turns(requests, least)}
		if i > 0 {
			c.against = []against{{name: name(all[0]), ratio: goalKeys}}
		}
		contenders = append(contenders, c)
	}
	return contenders
}
