-- Times and lifetimes are in milliseconds, times since 1970; a time that is not
-- set is the zero time, year 1. Lists are separated by one space; parameters,
-- routes and policies are JSON, and empty where there is nothing to say.
--
-- Whatever is compared or put in order is in byte order, whatever language the
-- database speaks. Children go with their parents by themselves, because another
-- node may add one while this node deletes.

-- +goose Up
CREATE TABLE apis (
    id                             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    audience                       TEXT COLLATE "C" NOT NULL UNIQUE,
    mode                           TEXT    NOT NULL,
    scopes                         TEXT    NOT NULL,
    parameters                     TEXT    NOT NULL,
    routes                         TEXT    NOT NULL,
    token_format                   TEXT    NOT NULL,
    algorithm                      TEXT    NOT NULL,
    typ                            TEXT    NOT NULL,
    access_token_lifetime_ms       BIGINT  NOT NULL,
    refresh_token_lifetime_ms      BIGINT  NOT NULL,
    refresh_token_idle_lifetime_ms BIGINT  NOT NULL,
    not_before                     BIGINT  NOT NULL,
    created_at                     BIGINT  NOT NULL,
    updated_at                     BIGINT  NOT NULL
);

-- Which API a scope definition belongs to: one of each mode.
CREATE TABLE api_scopes (
    mode       TEXT COLLATE "C" NOT NULL,
    definition TEXT COLLATE "C" NOT NULL,
    api_id     TEXT COLLATE "C" NOT NULL REFERENCES apis (id) ON DELETE CASCADE,
    PRIMARY KEY (mode, definition)
);
CREATE INDEX api_scopes_api ON api_scopes (api_id);

CREATE TABLE clients (
    id                       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name                     TEXT COLLATE "C" NOT NULL,
    owner                    TEXT COLLATE "C" NOT NULL,
    grant_types              TEXT    NOT NULL,
    auth_methods             TEXT    NOT NULL,
    mode                     TEXT    NOT NULL,
    scopes                   TEXT    NOT NULL,
    policy                   TEXT    NOT NULL,
    assertions               TEXT    NOT NULL,
    access_token_lifetime_ms BIGINT  NOT NULL,
    keeps_refresh_tokens     BOOLEAN NOT NULL,
    disabled                 BOOLEAN NOT NULL,
    not_before               BIGINT  NOT NULL,
    created_at               BIGINT  NOT NULL,
    updated_at               BIGINT  NOT NULL,
    last_used_day            BIGINT  NOT NULL DEFAULT 0
);
CREATE INDEX clients_unused ON clients (last_used_day, id);
-- Lists of keys, each in its order.
CREATE INDEX clients_owner ON clients (owner, id);
CREATE INDEX clients_name ON clients (lower(name), id);
CREATE INDEX clients_created ON clients (created_at, id);
CREATE INDEX clients_disabled ON clients (disabled, id);

CREATE TABLE client_secrets (
    client_id      TEXT COLLATE "C" NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    id             TEXT COLLATE "C" NOT NULL,
    position       BIGINT  NOT NULL,
    name           TEXT COLLATE "C" NOT NULL,
    hash           BYTEA   NOT NULL,
    imported       BOOLEAN NOT NULL,
    created_at     BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL,
    last_used_at   BIGINT  NOT NULL,
    last_used_from TEXT    NOT NULL,
    PRIMARY KEY (client_id, id)
);
CREATE UNIQUE INDEX client_secrets_name ON client_secrets (client_id, name);
CREATE UNIQUE INDEX client_secrets_hash ON client_secrets (client_id, hash);

CREATE TABLE api_resource_servers (
    api_id    TEXT COLLATE "C" NOT NULL REFERENCES apis (id) ON DELETE CASCADE,
    client_id TEXT COLLATE "C" NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    PRIMARY KEY (api_id, client_id)
);
CREATE INDEX api_resource_servers_client ON api_resource_servers (client_id);

CREATE TABLE signing_keys (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    algorithm    TEXT    NOT NULL,
    sealed       BYTEA   NOT NULL,
    created_at   BIGINT  NOT NULL,
    activates_at BIGINT  NOT NULL,
    revoked_at   BIGINT  NOT NULL
);

CREATE TABLE settings (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- The bucket of a row is the whole hours since 1970 at which it ends: what has
-- ended lies together at the beginning of the primary key.
CREATE TABLE revocations (
    bucket     BIGINT NOT NULL,
    id         BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (bucket, id)
);

CREATE TABLE refresh_families (
    bucket     BIGINT NOT NULL,
    id         BYTEA  NOT NULL,
    generation BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    PRIMARY KEY (bucket, id)
);

CREATE TABLE changes (
    seq  BIGINT NOT NULL PRIMARY KEY,
    tag  BYTEA  NOT NULL,
    kind TEXT   NOT NULL,
    id   TEXT   NOT NULL
);

CREATE TABLE audit_rows (
    seq      BIGINT NOT NULL PRIMARY KEY,
    at       BIGINT NOT NULL,
    actor    TEXT   NOT NULL,
    event    TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    previous BYTEA  NOT NULL,
    hash     BYTEA  NOT NULL
);
CREATE INDEX audit_rows_at ON audit_rows (at, seq);
CREATE INDEX audit_rows_of ON audit_rows (kind, id, at, seq);

-- One row: the last change, the last audit row and the instant of the last
-- RevokeAllTokens. Its page has room for the versions of the row that are on
-- their way out.
CREATE TABLE heads (
    id         BIGINT NOT NULL PRIMARY KEY,
    change_seq BIGINT NOT NULL,
    change_tag BYTEA  NOT NULL,
    audit_seq  BIGINT NOT NULL,
    audit_hash BYTEA  NOT NULL,
    not_before BIGINT NOT NULL
) WITH (fillfactor = 10);

INSERT INTO heads (id, change_seq, change_tag, audit_seq, audit_hash, not_before)
VALUES (
    1, 0, '\x00000000000000000000000000000000', 0,
    '\x0000000000000000000000000000000000000000000000000000000000000000', -62135596800000
);

-- Who does what only one node should do, and the highest fencing number given.
CREATE TABLE leases (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder     BYTEA  NOT NULL,
    fence      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITH (fillfactor = 10);

-- What keys were used for: batches as nodes write them, and counts of hours and
-- days, which are merged from them. The last number that each node has written stays
-- when its batches are merged, so that none is counted twice.
CREATE TABLE usage_nodes (
    node       BYTEA  NOT NULL PRIMARY KEY,
    seq        BIGINT NOT NULL,
    written_at BIGINT NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE usage_batches (
    at       BIGINT NOT NULL,
    node     BYTEA  NOT NULL,
    seq      BIGINT NOT NULL,
    first_id TEXT COLLATE "C" NOT NULL,
    last_id  TEXT COLLATE "C" NOT NULL,
    data     BYTEA  NOT NULL,
    PRIMARY KEY (node, seq)
);
CREATE INDEX usage_batches_at ON usage_batches (at, node, seq);

-- Spans are in hours, 1 or 24; the start is in milliseconds.
CREATE TABLE usage_counts (
    span      BIGINT NOT NULL,
    start     BIGINT NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    data      BYTEA  NOT NULL,
    PRIMARY KEY (span, start, client_id)
);
CREATE INDEX usage_counts_client ON usage_counts (client_id, span, start);

-- What was used once, in the table for the ten minutes in which it ends. A crash
-- empties these tables, and the mark goes with them: without it, nothing that can
-- have been used before is taken. In a new database nothing was used.
CREATE UNLOGGED TABLE used_0 (digest BYTEA NOT NULL PRIMARY KEY);
CREATE UNLOGGED TABLE used_1 (digest BYTEA NOT NULL PRIMARY KEY);
CREATE UNLOGGED TABLE used_2 (digest BYTEA NOT NULL PRIMARY KEY);
CREATE UNLOGGED TABLE used_marks (
    id    BIGINT NOT NULL PRIMARY KEY,
    epoch BYTEA  NOT NULL,
    fence BIGINT NOT NULL
);
INSERT INTO used_marks (id, epoch, fence) VALUES (1, '\x00', 0);

-- The people who use the console, what they sign in with, and who is signed in. A
-- session is found by the hash of what is in the cookie.
CREATE TABLE operators (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    role       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE operator_credentials (
    operator_id  TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    kind         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    data         BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (operator_id, id)
);

CREATE TABLE operator_sessions (
    hash         BYTEA  NOT NULL PRIMARY KEY,
    operator_id  TEXT COLLATE "C" NOT NULL,
    role         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL
);
CREATE INDEX operator_sessions_operator ON operator_sessions (operator_id);

-- Requests that are to be done once, with their answers.
CREATE TABLE once_requests (
    id         BYTEA  NOT NULL PRIMARY KEY,
    body       BYTEA  NOT NULL,
    answer     BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX once_requests_end ON once_requests (expires_at);

-- One row for each node that writes: the tag of its last transaction, by which it
-- finds out what became of a COMMIT that was not answered.
CREATE TABLE writers (
    id  BYTEA NOT NULL PRIMARY KEY,
    tag BYTEA NOT NULL
) WITH (fillfactor = 10);
