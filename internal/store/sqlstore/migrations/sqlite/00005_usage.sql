-- Leases, and what keys were used for: batches as nodes write them, and counts of
-- hours and days, which are merged from them. The last number that each node has
-- written stays when its batches are merged, so that none is counted twice.

-- +goose Up
CREATE TABLE leases (
    name       TEXT    NOT NULL PRIMARY KEY,
    holder     BLOB    NOT NULL,
    fence      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_nodes (
    node       BLOB    NOT NULL PRIMARY KEY,
    seq        INTEGER NOT NULL,
    written_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_batches (
    at       INTEGER NOT NULL,
    node     BLOB    NOT NULL,
    seq      INTEGER NOT NULL,
    first_id TEXT    NOT NULL,
    last_id  TEXT    NOT NULL,
    data     BLOB    NOT NULL,
    PRIMARY KEY (node, seq)
) STRICT;
CREATE INDEX usage_batches_at ON usage_batches (at, node, seq);

-- Spans are in hours, 1 or 24; the start is in milliseconds.
CREATE TABLE usage_counts (
    span      INTEGER NOT NULL,
    start     INTEGER NOT NULL,
    client_id TEXT    NOT NULL,
    data      BLOB    NOT NULL,
    PRIMARY KEY (span, start, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_counts_client ON usage_counts (client_id, span, start);

-- The day on which a key was used last, in days since 1970; zero is never.
ALTER TABLE clients ADD COLUMN last_used_day INTEGER NOT NULL DEFAULT 0;
CREATE INDEX clients_unused ON clients (last_used_day, id);
