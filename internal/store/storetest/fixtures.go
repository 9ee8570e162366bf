package storetest

import (
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// newAPI returns an API with every field set that CreateAPI takes, each API with
// its own values.
func newAPI(id string) store.API {
	return store.API{
		ID:         id,
		Audience:   "https://" + id + ".example",
		Mode:       store.Test,
		Scopes:     []string{"/" + id + "/read", "/" + id + "/{accountID}/write", "/" + id + "/a"},
		Parameters: []store.Parameter{{Name: "z", Type: "uuid"}, {Name: "accountID", Type: `pattern:[A-Z]{2}\d"+<&>`}},
		Routes: []store.Route{
			{Method: "POST", Path: "/v1/" + id + "/{accountID}", Scopes: []string{"/" + id + "/{accountID}/write", "/" + id + "/a"}},
			{Method: "GET", Path: "/health"},
		},
		TokenFormat:              store.Opaque,
		Algorithm:                "PS256",
		Type:                     "JWT",
		AccessTokenLifetime:      15*time.Minute + time.Millisecond,
		RefreshTokenLifetime:     720 * time.Hour,
		RefreshTokenIdleLifetime: 48 * time.Hour,
		NotBefore:                now.Add(-90 * time.Minute),
		CreatedAt:                now.Add(-2 * time.Hour),
		UpdatedAt:                now.Add(-time.Hour),
	}
}

// newClient returns a key with every field set and two secrets.
func newClient(id string) store.Client {
	return store.Client{
		ID:                  id,
		Name:                "the key of " + id + ", “søndag”",
		Owner:               "owner of " + id,
		GrantTypes:          []oauth.GrantType{oauth.RefreshToken, oauth.ClientCredentials},
		AuthMethods:         []oauth.AuthMethod{oauth.ClientSecretPost, oauth.ClientSecretBasic},
		Mode:                store.Test,
		Scopes:              []string{"/z.read", "/accounts/{accountID=a1|a2}/wallets.read", "/a.read"},
		Policy:              newPolicy(id),
		Assertions:          newAssertions(id),
		AccessTokenLifetime: 90 * time.Second,
		Secrets:             []store.Secret{newSecret("s2", now.Add(-time.Minute)), newSecret("s1", now)},
		KeepsRefreshTokens:  true,
		Disabled:            true,
		NotBefore:           now.Add(-200 * time.Minute),
		CreatedAt:           now.Add(-4 * time.Hour),
		UpdatedAt:           now.Add(-3 * time.Hour),
	}
}

// newPolicy returns a policy with every field set.
func newPolicy(id string) store.Policy {
	return store.Policy{
		Origins:           []string{"https://app.example", "http://localhost:3000"},
		Networks:          []string{"2001:db8::/32", "10.0.0.0/8"},
		ValidFrom:         now.Add(-5 * time.Hour),
		ValidUntil:        now.Add(5 * time.Hour),
		RequestsPerSecond: 50,
		Burst:             100,
		TokensPerHour:     3600,
		TokensPerDay:      10_000,
		Claims:            `{"tenant": "` + id + `", "n": 1.0, "text": "søndag <&> \u00e9"}`,
	}
}

// newAssertions returns assertions with every field set.
func newAssertions(id string) store.Assertions {
	return store.Assertions{
		JWKS:       `{"keys": [{"kty":"OKP", "kid":"key of ` + id + ` <&> \u00e9"}]}`,
		Algorithms: []string{"EdDSA", "ES256"},
		Audience:   store.IssuerOrEndpointAudience,
	}
}

// newSecret returns a secret with every field set, each with its own values.
func newSecret(id string, created time.Time) store.Secret {
	return store.Secret{
		ID:           id,
		Name:         "name of " + id,
		Hash:         []byte("\x00\xffhash of " + id),
		Imported:     true,
		CreatedAt:    created,
		ExpiresAt:    created.Add(24 * time.Hour),
		LastUsedAt:   created.Add(time.Second),
		LastUsedFrom: "address of " + id,
	}
}

// newSigningKey returns a signing key with every field set.
func newSigningKey(id string) store.SigningKey {
	return store.SigningKey{
		ID:          id,
		Algorithm:   "ES256",
		Sealed:      []byte("\x00\xffsealed " + id),
		CreatedAt:   now.Add(-3 * time.Minute),
		ActivatesAt: now.Add(-2 * time.Minute),
		RevokedAt:   now.Add(-time.Minute),
	}
}

// newRevocation returns the revocation of a token or family that ends so long
// after now.
func newRevocation(id string, left time.Duration) store.Revocation {
	r := store.Revocation{ExpiresAt: now.Add(left)}
	copy(r.ID[:], id)
	return r
}

// newRotation presents the first token of a family.
func newRotation(family string) store.Rotation {
	r := store.Rotation{
		ExpiresAt: now.Add(720 * time.Hour), Grace: 10 * time.Second, By: store.Origin{Actor: "key:c", At: now},
	}
	copy(r.Family[:], family)
	return r
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
