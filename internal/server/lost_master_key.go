package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// NewMasterKey is what became of a database whose master key was lost.
type NewMasterKey struct {
	// Created names the file that was made; empty when the key was there.
	Created string
	// Revoked are the signing keys that nobody can open any more, and Replaced those
	// that sign from now on.
	Revoked, Replaced []string
}

// ReplaceLostMasterKey makes the configured master key the database's, though the one
// before is gone; without a configured one it makes one. Signing keys are revoked and
// every token ends: nothing that the lost key has sealed can be opened again. Keys, their
// secrets and APIs need the pepper alone, and stay. No server may be running.
//
// It can be called again after it has failed.
func ReplaceLostMasterKey(ctx context.Context, c config.Config, db store.Store, by store.Origin) (NewMasterKey, error) {
	k := masterKey(c)
	known, err := db.Setting(ctx, k.fingerprint())
	if errors.Is(err, store.ErrNotFound) {
		return NewMasterKey{}, fault.Hint(errors.New("no server has used this database yet, so no master key of it is lost"), "grantd serve makes one")
	}
	if err != nil {
		return NewMasterKey{}, fmt.Errorf("read the %s: %w", k.fingerprint(), err)
	}
	var opened secrets
	_, _, err = opened.open(ctx, db, pepper(c))
	if err != nil {
		return NewMasterKey{}, err
	}
	found, err := opened.read(k, true)
	if err != nil {
		return NewMasterKey{}, err
	}
	if slices.ContainsFunc(found, func(one keys.Secret) bool { return bytes.Equal(keys.Fingerprint(one), known) }) {
		return NewMasterKey{}, fault.Hint(errors.New("the master key of the database is configured, so it is not lost"),
			"to replace one that is there, see Replacing the master key in docs/operations.md")
	}
	done, err := endAllThatWasSealed(ctx, db, by, found)
	if err != nil {
		return NewMasterKey{}, err
	}
	if len(opened.created) > 0 {
		done.Created = opened.created[0]
	}
	// Last: until it is there, all of this can be done again.
	err = db.SetSetting(ctx, k.fingerprint(), keys.Fingerprint(found[0]))
	if err != nil {
		return NewMasterKey{}, fmt.Errorf("save the %s: %w", k.fingerprint(), err)
	}
	return done, nil
}

// endAllThatWasSealed also makes a signing key for each algorithm that had one.
func endAllThatWasSealed(ctx context.Context, db store.Store, by store.Origin, masters []keys.Secret) (NewMasterKey, error) {
	records, err := db.SigningKeys(ctx)
	if err != nil {
		return NewMasterKey{}, fmt.Errorf("read the signing keys: %w", err)
	}
	sealer, err := keys.NewSealer(masters[0], masters[1:]...)
	if err != nil {
		return NewMasterKey{}, err
	}
	ring := &keys.Ring{Sealer: sealer, Now: func() time.Time { return by.At }}
	done := NewMasterKey{}
	var made, revoked []store.Mutation
	algorithms := map[string]bool{}
	for i := range records {
		if !records[i].RevokedAt.IsZero() {
			continue
		}
		done.Revoked = append(done.Revoked, records[i].ID)
		revoked = append(revoked, store.RevokeSigningKey{ID: records[i].ID})
		if algorithms[records[i].Algorithm] {
			continue
		}
		algorithms[records[i].Algorithm] = true
		key, err := ring.New(records[i].Algorithm, by.At, by.At)
		if err != nil {
			return NewMasterKey{}, err
		}
		done.Replaced = append(done.Replaced, key.ID)
		made = append(made, store.CreateSigningKey{SigningKey: key})
	}
	// First the new ones: there is no moment without a key that signs.
	_, err = db.Write(ctx, by, append(slices.Concat(made, revoked), store.RevokeAllTokens{Before: by.At})...)
	if err != nil {
		return NewMasterKey{}, fmt.Errorf("end what the lost master key has sealed: %w", err)
	}
	return done, nil
}
