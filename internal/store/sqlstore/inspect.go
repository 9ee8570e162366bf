package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// Contents is what an SQLite database holds.
type Contents struct {
	// Schema is the number of the last migration.
	Schema                                          int64
	APIs, Keys, SigningKeys, Revocations, AuditRows int64
	// Last is when the last row of the audit trail was written; the zero time without.
	Last time.Time
	// AuditHead is the hash of that row.
	AuditHead [32]byte
}

// Inspect reads all of an SQLite database that no server has open, and refuses it
// unless it is whole: every page and index, every reference, the chain of the audit
// trail to the head that the database itself names, and the end of the change feed.
func Inspect(ctx context.Context, path string) (Contents, error) {
	db, err := sql.Open("sqlite", readerDSN(path))
	if err != nil {
		return Contents{}, fmt.Errorf("open %s: %w", path, err)
	}
	contents, err := inspect(ctx, db)
	err = errors.Join(err, db.Close())
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
		if hint := sqliteHint(err); hint != "" && fault.HintOf(err) == "" {
			err = fault.Hint(err, "%s", "it is not a whole database: take another copy")
		}
		return Contents{}, err
	}
	return contents, nil
}

func inspect(ctx context.Context, db *sql.DB) (Contents, error) {
	var c Contents
	for _, check := range []func(context.Context, *sql.DB, *Contents) error{checkOwner, checkPages, checkCounts, checkTrail, checkFeed} {
		err := check(ctx, db, &c)
		if err != nil {
			return Contents{}, err
		}
	}
	return c, nil
}

const selectLastMigration = `
SELECT coalesce(max(version_id), 0) FROM migrations WHERE is_applied`

func checkOwner(ctx context.Context, db *sql.DB, c *Contents) error {
	var id int64
	err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id)
	if err == nil && id != applicationID {
		return fault.Hint(errors.New("it is no database of grantd"), "name a file that grantd backup has made")
	}
	if err == nil {
		err = db.QueryRowContext(ctx, selectLastMigration).Scan(&c.Schema)
	}
	return err
}

func checkPages(ctx context.Context, db *sql.DB, _ *Contents) error {
	var found string
	err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&found)
	if err == nil && found != "ok" {
		err = damaged("integrity_check says: " + found)
	}
	if err != nil {
		return err
	}
	var table string
	err = db.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`).Scan(&table)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err == nil:
		return damaged("a row of " + table + " belongs to one that is not there")
	}
	return err
}

func damaged(what string) error {
	return fault.Hint(errors.New("the database is damaged: "+what), "take another copy")
}

const selectCounts = `
SELECT (SELECT count(*) FROM apis), (SELECT count(*) FROM clients), (SELECT count(*) FROM signing_keys),
       (SELECT count(*) FROM revocations), (SELECT count(*) FROM audit_rows)`

func checkCounts(ctx context.Context, db *sql.DB, c *Contents) error {
	return db.QueryRowContext(ctx, selectCounts).Scan(&c.APIs, &c.Keys, &c.SigningKeys, &c.Revocations, &c.AuditRows)
}

const selectHeads = `
SELECT change_seq, change_tag, audit_seq, audit_hash FROM heads WHERE id = 1`

// checkTrail follows the chain, and sees that it ends where the heads say, so that
// rows cut off at its end show, too.
func checkTrail(ctx context.Context, db *sql.DB, c *Contents) error {
	rows, err := db.QueryContext(ctx, selectAuditRows, 0, c.AuditRows)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what matters is in rows.Err
	var last store.AuditRow
	for rows.Next() {
		row, err := scanAuditRow(rows)
		if err != nil {
			return err
		}
		if !row.Follows(last) {
			return damaged(fmt.Sprintf("row %d of the audit trail was changed, or one before it removed", row.Seq))
		}
		last = row
	}
	err = rows.Err()
	if err != nil {
		return err
	}
	var changeSeq, auditSeq int64
	var tag, hash []byte
	err = db.QueryRowContext(ctx, selectHeads).Scan(&changeSeq, &tag, &auditSeq, &hash)
	if err == nil && (auditSeq != last.Seq || string(hash) != string(last.Hash[:])) {
		err = damaged("the end of the audit trail is missing")
	}
	c.Last, c.AuditHead = last.At, last.Hash
	return err
}

const selectFeedEnd = `
SELECT count(*) FROM heads AS h
LEFT JOIN changes AS c ON c.seq = h.change_seq
WHERE h.id = 1 AND (h.change_seq = 0 OR c.tag = h.change_tag)`

func checkFeed(ctx context.Context, db *sql.DB, _ *Contents) error {
	var n int64
	err := db.QueryRowContext(ctx, selectFeedEnd).Scan(&n)
	if err == nil && n != 1 {
		err = damaged("the end of the change feed is missing")
	}
	return err
}
