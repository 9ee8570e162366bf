-- What the nodes say of themselves, and an index of when the secrets of all keys end.

-- +goose Up
CREATE TABLE nodes (
    id           BYTEA  NOT NULL PRIMARY KEY,
    name         TEXT   NOT NULL,
    version      TEXT   NOT NULL,
    started_at   BIGINT NOT NULL,
    reported_at  BIGINT NOT NULL,
    staleness_ms BIGINT NOT NULL,
    keys         BIGINT NOT NULL,
    period_ms    BIGINT NOT NULL,
    tokens       BIGINT NOT NULL,
    failures     BIGINT NOT NULL,
    mean_us      BIGINT NOT NULL,
    p99_us       BIGINT NOT NULL
) WITH (fillfactor = 10);

-- Those that never end have one and the same end, so that the oldest of them lie at the
-- beginning.
CREATE INDEX client_secrets_end ON client_secrets (expires_at, created_at, client_id);
