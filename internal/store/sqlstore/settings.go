package sqlstore

import (
	"context"
	"fmt"
)

const selectSetting = `
SELECT value FROM settings WHERE name = $1`

// Setting implements [store.Settings].
func (s *Store) Setting(ctx context.Context, name string) ([]byte, error) {
	value, err := one(ctx, s, "select_setting", selectSetting, scanSetting, name)
	if err != nil {
		return nil, failed(fmt.Sprintf("read setting %q", name), err)
	}
	return value, nil
}

func scanSetting(row scanner) ([]byte, error) {
	var value []byte
	err := row.Scan(&value)
	return nilIfEmpty(value), err
}

const insertSetting = `
INSERT INTO settings (name, value)
VALUES ($1, $2)
ON CONFLICT DO NOTHING`

// InitSetting implements [store.Settings].
func (s *Store) InitSetting(ctx context.Context, name string, value []byte) ([]byte, error) {
	doing := fmt.Sprintf("initialize setting %q", name)
	err := checkText("setting", name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	err = s.enter()
	if err != nil {
		return nil, failed(doing, err)
	}
	defer s.leave()

	wanted := blob(value)
	var stored []byte
	err = s.writer.submit(ctx, work{doing: doing, apply: func(ctx context.Context, session *session) error {
		inserted, err := session.did(ctx, "insert_setting", insertSetting, name, wanted)
		if err != nil || inserted {
			stored = wanted
			return err
		}
		return session.row(ctx, "select_setting", selectSetting, []any{name}, &stored)
	}})
	if err != nil {
		return nil, err
	}
	return stored, nil
}

const upsertSetting = `
INSERT INTO settings (name, value)
VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// SetSetting implements [store.Settings].
func (s *Store) SetSetting(ctx context.Context, name string, value []byte) error {
	doing := fmt.Sprintf("store setting %q", name)
	err := checkText("setting", name)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	err = s.enter()
	if err != nil {
		return failed(doing, err)
	}
	defer s.leave()

	wanted := blob(value)
	return s.writer.submit(ctx, work{doing: doing, apply: func(ctx context.Context, session *session) error {
		return session.exec(ctx, "upsert_setting", upsertSetting, name, wanted)
	}})
}
