package storetest

import (
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// newAPI returns an API with every field set, each API with its own values.
func newAPI(id string) store.API {
	return store.API{
		ID:                   id,
		Audience:             "https://" + id + ".example",
		Scopes:               []string{"/" + id + "/read", "/" + id + "/{accountID}/write", "/" + id + "/a"},
		TokenFormat:          store.Opaque,
		Algorithm:            "PS256",
		Type:                 "JWT",
		AccessTokenLifetime:  15*time.Minute + time.Millisecond,
		RefreshTokenLifetime: 720 * time.Hour,
		CreatedAt:            now.Add(-2 * time.Hour),
		UpdatedAt:            now.Add(-time.Hour),
	}
}

// newClient returns a key with every field set and two secrets.
func newClient(id string) store.Client {
	return store.Client{
		ID:                  id,
		Name:                "the key of " + id + ", “søndag”",
		GrantTypes:          []oauth.GrantType{oauth.RefreshToken, oauth.ClientCredentials},
		AuthMethods:         []oauth.AuthMethod{oauth.ClientSecretPost, oauth.ClientSecretBasic},
		Scopes:              []string{"/z.read", "/accounts/{accountID=a1|a2}/wallets.read", "/a.read"},
		AccessTokenLifetime: 90 * time.Second,
		Secrets:             []store.Secret{newSecret("s2", now.Add(-time.Minute)), newSecret("s1", now)},
		Disabled:            true,
		CreatedAt:           now.Add(-4 * time.Hour),
		UpdatedAt:           now.Add(-3 * time.Hour),
	}
}

func newSecret(id string, created time.Time) store.Secret {
	return store.Secret{ID: id, Hash: []byte("\x00\xffhash of " + id), CreatedAt: created}
}

func newSigningKey(id string) store.SigningKey {
	return store.SigningKey{
		ID: id, Algorithm: "ES256", Sealed: []byte("\x00\xffsealed " + id), CreatedAt: now.Add(-time.Minute),
	}
}

func createAPI(id string) store.CreateAPI { return store.CreateAPI{API: newAPI(id)} }

func createClient(id string) store.CreateClient { return store.CreateClient{Client: newClient(id)} }

func createSigningKey(id string) store.CreateSigningKey {
	return store.CreateSigningKey{SigningKey: newSigningKey(id)}
}

// createClients returns n mutations; the ids sort in their order.
func createClients(n int) []store.Mutation {
	mutations := make([]store.Mutation, n)
	for i := range mutations {
		mutations[i] = createClient(fmt.Sprintf("client-%04d", i))
	}
	return mutations
}

func ids(clients []store.Client) []string {
	var list []string
	for _, c := range clients {
		list = append(list, c.ID)
	}
	return list
}
