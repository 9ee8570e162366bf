-- Times and lifetimes are in milliseconds, times since 1970. Lists are
-- separated by one space.

-- +goose Up
CREATE TABLE apis (
    id                        TEXT    NOT NULL PRIMARY KEY,
    audience                  TEXT    NOT NULL UNIQUE,
    scopes                    TEXT    NOT NULL,
    token_format              TEXT    NOT NULL,
    algorithm                 TEXT    NOT NULL,
    typ                       TEXT    NOT NULL,
    access_token_lifetime_ms  INTEGER NOT NULL,
    refresh_token_lifetime_ms INTEGER NOT NULL,
    created_at                INTEGER NOT NULL,
    updated_at                INTEGER NOT NULL
) STRICT;

-- Which API a scope definition belongs to: one only.
CREATE TABLE api_scopes (
    definition TEXT NOT NULL PRIMARY KEY,
    api_id     TEXT NOT NULL REFERENCES apis (id)
) STRICT, WITHOUT ROWID;

-- Without a rowid the rows lie in the order in which they are paged through.
CREATE TABLE clients (
    id                       TEXT    NOT NULL PRIMARY KEY,
    name                     TEXT    NOT NULL,
    grant_types              TEXT    NOT NULL,
    auth_methods             TEXT    NOT NULL,
    scopes                   TEXT    NOT NULL,
    access_token_lifetime_ms INTEGER NOT NULL,
    disabled                 INTEGER NOT NULL,
    created_at               INTEGER NOT NULL,
    updated_at               INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE client_secrets (
    client_id  TEXT    NOT NULL REFERENCES clients (id),
    id         TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    hash       BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    algorithm  TEXT    NOT NULL,
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE changes (
    seq  INTEGER NOT NULL PRIMARY KEY,
    tag  BLOB    NOT NULL,
    kind TEXT    NOT NULL,
    id   TEXT    NOT NULL
) STRICT;

CREATE TABLE audit_rows (
    seq      INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    event    TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    previous BLOB    NOT NULL,
    hash     BLOB    NOT NULL
) STRICT;

-- One row: the last change and the last audit row.
CREATE TABLE heads (
    id         INTEGER NOT NULL PRIMARY KEY,
    change_seq INTEGER NOT NULL,
    change_tag BLOB    NOT NULL,
    audit_seq  INTEGER NOT NULL,
    audit_hash BLOB    NOT NULL
) STRICT;

INSERT INTO heads (id, change_seq, change_tag, audit_seq, audit_hash)
VALUES (1, 0, zeroblob(16), 0, zeroblob(32));
