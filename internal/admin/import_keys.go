package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

// ImportStatus is what became of one key of an import.
type ImportStatus string

// What becomes of them.
const (
	ImportCreated ImportStatus = "created"
	// ImportExists says that there is a key of this id; it was left as it is.
	ImportExists  ImportStatus = "exists"
	ImportRefused ImportStatus = "refused"
)

// ImportedKey is what became of one key of an import.
type ImportedKey struct {
	Status ImportStatus
	// Refusal is a problem, with ImportRefused.
	Refusal error
}

// ImportKeys adds keys with their ids and secrets, as other servers have them, in one
// transaction. One that is there already is left as it is, so an import may be repeated.
// The error is that of all: nothing is known of any of them then but what its detail says.
func (u *UseCases) ImportKeys(ctx context.Context, actor string, in []NewKey) ([]ImportedKey, error) {
	u.apis.RLock()
	defer u.apis.RUnlock()
	apis, err := u.Store.APIs(ctx)
	if err != nil {
		return nil, storeProblem(err)
	}
	at, known := u.now(), newDirectory(apis)
	done := make([]ImportedKey, len(in))
	var mutations []store.Mutation
	var lines []int
	for i, key := range in {
		record, err := u.imported(key, known)
		if err != nil {
			done[i] = ImportedKey{ImportRefused, err}
			continue
		}
		_, err = u.Store.Client(ctx, record.ID)
		if err == nil {
			done[i] = ImportedKey{Status: ImportExists}
			continue
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, storeProblem(err)
		}
		record.CreatedAt, record.UpdatedAt = at, at
		for s := range record.Secrets {
			record.Secrets[s].CreatedAt = at
		}
		mutations, lines = append(mutations, store.CreateClient{Client: record}), append(lines, i)
		done[i] = ImportedKey{Status: ImportCreated}
	}
	for len(mutations) > 0 {
		err = u.write(ctx, actor, at, mutations...)
		refused, ok := errors.AsType[*store.MutationError](err)
		if err == nil || !ok || !errors.Is(err, store.ErrConflict) {
			return done, storeProblemUnlessNil(err)
		}
		// The same id is there twice, or has come since we looked.
		done[lines[refused.Index]] = ImportedKey{Status: ImportExists}
		mutations = append(mutations[:refused.Index:refused.Index], mutations[refused.Index+1:]...)
		lines = append(lines[:refused.Index:refused.Index], lines[refused.Index+1:]...)
	}
	return done, nil
}

func storeProblemUnlessNil(err error) error {
	if err == nil {
		return nil
	}
	return storeProblem(err)
}

// imported checks one key of an import and returns what is stored of it.
func (u *UseCases) imported(in NewKey, known directory) (store.Client, error) {
	const hint = "import it with its client_id, and its client_secret, client_secret_hash or jwks"
	switch {
	case in.ClientID == "":
		return store.Client{}, invalid("client_id", "the client_id is missing", hint)
	case in.API != "" || len(in.ResourceServerOf) > 0:
		return store.Client{}, invalid("api", "an import takes neither api nor resource_server_of", "name the scopes; make resource servers one by one")
	}
	record, err := in.record()
	if err != nil {
		return store.Client{}, err
	}
	end, err := parseEnd(u.now(), "secret_expires_at", in.SecretExpiresAt, "secret_expires_in", in.SecretExpiresIn)
	if err == nil {
		err = checkCount(in.Scopes, false)
	}
	if err == nil {
		err = known.check(record.Mode, in.Scopes, never)
	}
	if err != nil {
		return store.Client{}, err
	}
	if signs(record) {
		err = checkClientID(record.ID, hint)
		return record, err
	}
	secret, made := u.newSecret(record.ID, in.ClientSecret, in.ClientSecretHash)
	if made != "" {
		return store.Client{}, fmt.Errorf("a secret was made for an imported key")
	}
	secret.Name, secret.ExpiresAt = firstSecretName, end
	record.Secrets = []store.Secret{secret}
	return record, nil
}
