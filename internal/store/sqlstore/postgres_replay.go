package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// sharedReplay remembers in the database what was used, for all nodes. Its tables are
// not logged, which makes them cheap, and empties all of them together when
// PostgreSQL crashes or a standby takes over. With them goes the mark; whoever finds
// it gone makes another one, with a fence before which nothing is known.
//
// The tables are a ring: a row goes into the one for the ten minutes in which it
// ends, and a table is emptied as a whole while nothing of its ten minutes is left
// and nothing of its next ones can be there.
type sharedReplay struct {
	engine engine
	count  func(name string)
}

const (
	// ringSpan is how long a table of the ring is the one where uses end.
	ringSpan   = 10 * time.Minute
	ringTables = 3
	// replayTime is for a use. A client waits for it.
	replayTime = 3 * time.Second
)

// A row is written only if there is a mark, whose fence is not after the instant from
// which on it can be used; if there was none, all that was used may be lost.
const (
	insertUsed0 = `
INSERT INTO used_0 (digest)
SELECT CAST($1 AS BYTEA) FROM used_marks
WHERE id = 1 AND fence <= $2
  AND NOT EXISTS (SELECT 1 FROM used_1 WHERE digest = $1)
  AND NOT EXISTS (SELECT 1 FROM used_2 WHERE digest = $1)
ON CONFLICT DO NOTHING`

	insertUsed1 = `
INSERT INTO used_1 (digest)
SELECT CAST($1 AS BYTEA) FROM used_marks
WHERE id = 1 AND fence <= $2
  AND NOT EXISTS (SELECT 1 FROM used_0 WHERE digest = $1)
  AND NOT EXISTS (SELECT 1 FROM used_2 WHERE digest = $1)
ON CONFLICT DO NOTHING`

	insertUsed2 = `
INSERT INTO used_2 (digest)
SELECT CAST($1 AS BYTEA) FROM used_marks
WHERE id = 1 AND fence <= $2
  AND NOT EXISTS (SELECT 1 FROM used_0 WHERE digest = $1)
  AND NOT EXISTS (SELECT 1 FROM used_1 WHERE digest = $1)
ON CONFLICT DO NOTHING`

	selectUsedMark = `
SELECT fence FROM used_marks WHERE id = 1`

	insertUsedMark = `
INSERT INTO used_marks (id, epoch, fence)
VALUES (1, $1, $2)
ON CONFLICT DO NOTHING`
)

func insertUsed(end time.Time) string {
	return [ringTables]string{insertUsed0, insertUsed1, insertUsed2}[ringTable(end)]
}

func ringTable(end time.Time) int64 {
	return end.Unix() / int64(ringSpan/time.Second) % ringTables
}

func (r *sharedReplay) use(ctx context.Context, digest usedDigest, u store.OneTime) error {
	const doing = "note that something is used"
	ctx, cancel := context.WithTimeout(ctx, replayTime)
	defer cancel()
	var outcome error
	lost := false
	err := r.engine.read(ctx, func(ctx context.Context, db *sql.DB) error {
		var err error
		outcome, err = r.useOnce(ctx, db, digest, u)
		lost = lost || err != nil && !collided(err)
		return err
	})
	if err != nil {
		return failed(doing, err)
	}
	if lost && errors.Is(outcome, store.ErrUsed) {
		// It may have been this very call.
		return answer(store.ErrUnknown, doing, errAnswerLost)
	}
	return outcome
}

var errAnswerLost = errors.New("the answer to an earlier attempt was lost")

// useOnce returns what became of the use, and an error when the database failed.
func (r *sharedReplay) useOnce(ctx context.Context, db *sql.DB, digest usedDigest, u store.OneTime) (outcome, err error) {
	r.count("insert_used")
	result, err := db.ExecContext(ctx, insertUsed(u.Until), digest[:], u.From.UnixMilli())
	if err != nil {
		return nil, err
	}
	rows, err := result.RowsAffected()
	if err != nil || rows > 0 {
		return nil, err
	}
	fence, err := r.fence(ctx, db, u.At)
	if err != nil {
		return nil, err
	}
	if u.From.Before(fence) {
		return &store.ForgottenError{Until: fence}, nil
	}
	return store.ErrUsed, nil
}

// fence reads the mark, and makes one when it is gone. Clocks of nodes differ: what
// another node has taken just before the crash may have been from a moment that is
// yet to come by our clock.
func (r *sharedReplay) fence(ctx context.Context, db *sql.DB, now time.Time) (time.Time, error) {
	for range 2 {
		var ms int64
		r.count("select_used_mark")
		err := db.QueryRowContext(ctx, selectUsedMark).Scan(&ms)
		if err == nil {
			return time.UnixMilli(ms).UTC(), nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return time.Time{}, err
		}
		epoch := make([]byte, 16)
		_, _ = rand.Read(epoch) // crypto/rand's Read never fails
		r.count("insert_used_mark")
		_, err = db.ExecContext(ctx, insertUsedMark, epoch, now.Add(store.ClockSkew).UnixMilli())
		if err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, errors.New("the mark of what was used has gone again")
}

// The limit keeps uses from waiting behind a table that somebody else has locked,
// such as pg_dump: it is emptied at another time then.
const (
	emptyUsed0 = `
SET LOCAL lock_timeout = 100;
TRUNCATE used_0`

	emptyUsed1 = `
SET LOCAL lock_timeout = 100;
TRUNCATE used_1`

	emptyUsed2 = `
SET LOCAL lock_timeout = 100;
TRUNCATE used_2`

	selectUsed0 = `
SELECT count(*) FROM (SELECT 1 FROM used_0 LIMIT 1) AS found`

	selectUsed1 = `
SELECT count(*) FROM (SELECT 1 FROM used_1 LIMIT 1) AS found`

	selectUsed2 = `
SELECT count(*) FROM (SELECT 1 FROM used_2 LIMIT 1) AS found`
)

// forget empties the table that was the one before, unless the clock of a node may
// still be there. Until it is used again there are ten minutes more than LongestUse
// and the differences of clocks.
func (r *sharedReplay) forget(ctx context.Context, now time.Time) error {
	before := now.Add(-2 * store.ClockSkew)
	if ringTable(before) != ringTable(now) {
		return nil
	}
	old := ringTable(now.Add(-ringSpan))
	look := [ringTables]string{selectUsed0, selectUsed1, selectUsed2}[old]
	empty := [ringTables]string{emptyUsed0, emptyUsed1, emptyUsed2}[old]
	return r.engine.read(ctx, func(ctx context.Context, db *sql.DB) error {
		var some int64
		r.count("select_used")
		err := db.QueryRowContext(ctx, look).Scan(&some)
		if err != nil || some == 0 {
			return err
		}
		r.count("truncate_used")
		_, err = db.ExecContext(ctx, empty)
		if code(err) == lockNotAvailable {
			return nil
		}
		if err != nil {
			return fmt.Errorf("empty a table of the ring: %w", err)
		}
		return nil
	})
}

// lockNotAvailable is what lock_timeout ends in.
const lockNotAvailable = "55P03"

func (r *sharedReplay) end(context.Context) error { return nil }
