-- The change of a key that is removed or given away says whose it was.

-- +goose Up
ALTER TABLE changes ADD COLUMN former_owner TEXT NOT NULL DEFAULT '';
