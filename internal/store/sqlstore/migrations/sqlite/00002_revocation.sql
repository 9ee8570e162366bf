-- Credentials can be ended and replaced: revocations, families of refresh
-- tokens, secrets as a list, signing keys that rotate.
--
-- A column of a time that is not set holds the zero time, year 1, which is
-- earlier than any other. The bucket of a row is the whole hours since 1970 at
-- which it ends: what has ended lies together at the beginning of its table, and
-- whoever knows when a row ends finds it with one look at the primary key.

-- +goose Up
ALTER TABLE apis ADD COLUMN refresh_token_idle_lifetime_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE apis ADD COLUMN not_before INTEGER NOT NULL DEFAULT -62135596800000;

ALTER TABLE clients ADD COLUMN keeps_refresh_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN not_before INTEGER NOT NULL DEFAULT -62135596800000;

ALTER TABLE client_secrets ADD COLUMN name TEXT NOT NULL DEFAULT 'default';
ALTER TABLE client_secrets ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
ALTER TABLE client_secrets ADD COLUMN expires_at INTEGER NOT NULL DEFAULT -62135596800000;
ALTER TABLE client_secrets ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT -62135596800000;
ALTER TABLE client_secrets ADD COLUMN last_used_from TEXT NOT NULL DEFAULT '';
UPDATE client_secrets SET name = 'default-' || (position + 1) WHERE position > 0;
CREATE UNIQUE INDEX client_secrets_name ON client_secrets (client_id, name);
CREATE UNIQUE INDEX client_secrets_hash ON client_secrets (client_id, hash);

ALTER TABLE signing_keys ADD COLUMN activates_at INTEGER NOT NULL DEFAULT -62135596800000;
ALTER TABLE signing_keys ADD COLUMN revoked_at INTEGER NOT NULL DEFAULT -62135596800000;
UPDATE signing_keys SET activates_at = created_at;

-- The instant of the last RevokeAllTokens.
ALTER TABLE heads ADD COLUMN not_before INTEGER NOT NULL DEFAULT -62135596800000;

-- Deleting a key takes its rows along, also in a release that does not know them.
CREATE TABLE api_resource_servers (
    api_id    TEXT NOT NULL REFERENCES apis (id),
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    PRIMARY KEY (api_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_resource_servers_client ON api_resource_servers (client_id);

CREATE TABLE revocations (
    bucket     INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (bucket, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE refresh_families (
    bucket     INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    generation INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    PRIMARY KEY (bucket, id)
) STRICT, WITHOUT ROWID;
