package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/storage"
	_ "modernc.org/sqlite" // registers the driver
)

// rows keeps one row for each access token, with the columns of Ory Hydra's table
// hydra_oauth2_access. Clients stay in memory.
type rows struct {
	*storage.MemoryStore
	db     *sql.DB
	insert *sql.Stmt
}

const schema = `CREATE TABLE access (
	signature TEXT NOT NULL PRIMARY KEY,
	request_id TEXT NOT NULL,
	requested_at TIMESTAMP NOT NULL,
	client_id TEXT NOT NULL,
	scope TEXT NOT NULL,
	granted_scope TEXT NOT NULL,
	form_data TEXT NOT NULL,
	session_data TEXT NOT NULL,
	subject TEXT NOT NULL,
	active BOOLEAN NOT NULL DEFAULT TRUE,
	expires_at TIMESTAMP NOT NULL
);
CREATE INDEX access_request ON access (request_id);
CREATE INDEX access_client ON access (client_id);
CREATE INDEX access_expiry ON access (expires_at);`

const insertRow = `INSERT INTO access (signature, request_id, requested_at, client_id, scope, granted_scope,
	form_data, session_data, subject, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// openRows makes a new database with durable writes: each insert is on the disk before
// the token is sent.
func openRows(file string, memory *storage.MemoryStore) (*rows, error) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Remove(file + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite", file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	// SQLite has one writer at a time; waiting for a connection is cheaper than being told "busy".
	db.SetMaxOpenConns(1)
	_, err = db.Exec(schema)
	if err != nil {
		return nil, err
	}
	insert, err := db.Prepare(insertRow)
	if err != nil {
		return nil, err
	}
	return &rows{MemoryStore: memory, db: db, insert: insert}, nil
}

func (r *rows) Close() error { return r.db.Close() }

func (r *rows) CreateAccessTokenSession(ctx context.Context, signature string, request fosite.Requester) error {
	session, err := json.Marshal(request.GetSession())
	if err != nil {
		return err
	}
	_, err = r.insert.ExecContext(ctx, signature, request.GetID(), request.GetRequestedAt(), request.GetClient().GetID(),
		strings.Join(request.GetRequestedScopes(), "|"), strings.Join(request.GetGrantedScopes(), "|"),
		request.Sanitize(nil).GetRequestForm().Encode(), session, request.GetSession().GetSubject(),
		request.GetSession().GetExpiresAt(fosite.AccessToken))
	return err
}

func (r *rows) GetAccessTokenSession(ctx context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	var client, scope, granted string
	var requested time.Time
	var data []byte
	request := fosite.NewRequest()
	err := r.db.QueryRowContext(ctx, `SELECT request_id, requested_at, client_id, scope, granted_scope, session_data
		FROM access WHERE signature = ? AND active`, signature).
		Scan(&request.ID, &requested, &client, &scope, &granted, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fosite.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	session := &oauth2.JWTSession{}
	err = json.Unmarshal(data, session)
	if err != nil {
		return nil, err
	}
	request.Client, err = r.GetClient(ctx, client)
	if err != nil {
		return nil, err
	}
	request.RequestedAt, request.Session = requested, session
	request.RequestedScope = strings.Split(scope, "|")
	request.GrantedScope = strings.Split(granted, "|")
	return request, nil
}

func (r *rows) DeleteAccessTokenSession(ctx context.Context, signature string) error {
	_, err := r.db.ExecContext(ctx, `DELETE FROM access WHERE signature = ?`, signature)
	return err
}
