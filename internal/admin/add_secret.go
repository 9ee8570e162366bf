package admin

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/store"
)

// AddSecret gives a key one more secret: a new one, or an imported one.
func (u *UseCases) AddSecret(ctx context.Context, actor, clientID string, in NewSecret) (CreatedSecret, error) {
	at := u.now()
	end, err := in.check(at)
	if err != nil {
		return CreatedSecret{}, err
	}
	u.secrets.Lock()
	defer u.secrets.Unlock()
	key, err := u.Store.Client(ctx, clientID)
	if err != nil {
		return CreatedSecret{}, keyProblem(clientID, err)
	}
	if signs(key) {
		return CreatedSecret{}, conflict("", "the key authenticates with private_key_jwt, which takes no secret",
			"add a public key to it, or change its auth_methods first")
	}
	err = checkRoom(key.Secrets, in.Name)
	if err != nil {
		return CreatedSecret{}, err
	}
	made, text := u.newSecret(clientID, in.ClientSecret, in.ClientSecretHash)
	made.Name, made.CreatedAt, made.ExpiresAt = in.Name, at, end
	same := slices.IndexFunc(key.Secrets, func(s store.Secret) bool { return bytes.Equal(s.Hash, made.Hash) })
	if same >= 0 {
		return CreatedSecret{}, sameSecret(key.Secrets[same].Name)
	}
	created := CreatedSecret{Secret: secretFrom(made, at), ClientID: clientID, ClientSecret: text}
	err = u.writeAnswered(ctx, actor, at, created, store.AddSecret{ClientID: clientID, Secret: made})
	if err != nil {
		return CreatedSecret{}, secretProblem(clientID, in.Name, err)
	}
	return created, nil
}

// newSecret returns a secret of the key, with its id and hash, and the text to
// be shown: of a new one. What was imported its owner has.
func (u *UseCases) newSecret(clientID, text, phc string) (store.Secret, string) {
	if phc != "" {
		return store.Secret{ID: rand.Text(), Hash: []byte(phc), Imported: true}, ""
	}
	shown := ""
	if text == "" {
		text = clientauth.NewSecret()
		shown = text
	}
	hash := u.Pepper.Hash(clientID, text)
	return store.Secret{ID: rand.Text(), Hash: hash[:]}, shown
}

func sameSecret(name string) error {
	return conflict("", fmt.Sprintf("the key has this secret already, under the name %s", quoted(name)),
		"use it, or leave the secret out to get a new one")
}

// secretProblem says what the store found in the way, which another process may
// have put there since we looked.
func secretProblem(clientID, name string, err error) error {
	if errors.Is(err, store.ErrConflict) {
		return conflict("name", fmt.Sprintf("the key has a secret like %s already", quoted(name)), "list the secrets of the key to see it")
	}
	return keyProblem(clientID, err)
}
