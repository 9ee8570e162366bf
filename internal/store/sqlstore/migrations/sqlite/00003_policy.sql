-- APIs and keys have a mode; APIs have types of parameters and routes; keys have
-- a policy. These three are JSON, and empty where there is nothing to say, which
-- is so for most keys.

-- +goose Up
ALTER TABLE apis ADD COLUMN mode TEXT NOT NULL DEFAULT 'live';
ALTER TABLE apis ADD COLUMN parameters TEXT NOT NULL DEFAULT '';
ALTER TABLE apis ADD COLUMN routes TEXT NOT NULL DEFAULT '';

ALTER TABLE clients ADD COLUMN mode TEXT NOT NULL DEFAULT 'live';
ALTER TABLE clients ADD COLUMN policy TEXT NOT NULL DEFAULT '';

-- A scope definition belongs to one API of each mode. SQLite cannot change a
-- primary key, so the table is made again; a release that knows no modes goes on
-- writing to it, and all it writes is live.
CREATE TABLE api_scopes_by_mode (
    mode       TEXT NOT NULL DEFAULT 'live',
    definition TEXT NOT NULL,
    api_id     TEXT NOT NULL REFERENCES apis (id),
    PRIMARY KEY (mode, definition)
) STRICT, WITHOUT ROWID;
INSERT INTO api_scopes_by_mode (definition, api_id) SELECT definition, api_id FROM api_scopes;
DROP TABLE api_scopes;
ALTER TABLE api_scopes_by_mode RENAME TO api_scopes;
CREATE INDEX api_scopes_api ON api_scopes (api_id);
