-- What the nodes say of themselves, and an index of when the secrets of all keys end.

-- +goose Up
CREATE TABLE nodes (
    id           BLOB    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    version      TEXT    NOT NULL,
    started_at   INTEGER NOT NULL,
    reported_at  INTEGER NOT NULL,
    staleness_ms INTEGER NOT NULL,
    keys         INTEGER NOT NULL,
    period_ms    INTEGER NOT NULL,
    tokens       INTEGER NOT NULL,
    failures     INTEGER NOT NULL,
    mean_us      INTEGER NOT NULL,
    p99_us       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Those that never end have one and the same end, so that the oldest of them lie at the
-- beginning.
CREATE INDEX client_secrets_end ON client_secrets (expires_at, created_at, client_id);
