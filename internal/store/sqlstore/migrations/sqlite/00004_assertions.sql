-- Keys can authenticate with assertions that they sign: their public keys and what
-- goes with them, in JSON, and empty for nearly every key.

-- +goose Up
ALTER TABLE clients ADD COLUMN assertions TEXT NOT NULL DEFAULT '';
