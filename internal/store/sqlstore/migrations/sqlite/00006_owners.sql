-- Keys have an owner; lists of keys and of the audit trail have an index for each order
-- in which they are read; requests are done once, with their answers kept for a time.

-- +goose Up
ALTER TABLE clients ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX clients_owner ON clients (owner, id);
CREATE INDEX clients_name ON clients (lower(name), id);
CREATE INDEX clients_created ON clients (created_at, id);
CREATE INDEX clients_disabled ON clients (disabled, id);

CREATE INDEX audit_rows_at ON audit_rows (at, seq);
CREATE INDEX audit_rows_of ON audit_rows (kind, id, at, seq);

CREATE TABLE once_requests (
    id         BLOB    NOT NULL PRIMARY KEY,
    body       BLOB    NOT NULL,
    answer     BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX once_requests_end ON once_requests (expires_at);
