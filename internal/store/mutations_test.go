package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func TestMutationNamesItsSubjectAndEvent(t *testing.T) {
	revocation := store.Revocation{ID: store.TokenID{0xff}, ExpiresAt: time.UnixMilli(1_777_863_721_987)}
	const named = "_wAAAAAAAAAAAAAAAAAAAA.1777863721987"
	for _, test := range []struct {
		mutation  store.Mutation
		kind      store.Kind
		id, event string
	}{
		{store.CreateAPI{API: store.API{ID: "a"}}, "api", "a", "api.created"},
		{store.UpdateAPI{API: store.API{ID: "a"}}, "api", "a", "api.updated"},
		{store.DeleteAPI{ID: "a"}, "api", "a", "api.deleted"},
		{store.RevokeAPITokens{ID: "a"}, "api", "a", "api.tokens_revoked"},
		{store.AddResourceServer{APIID: "a", ClientID: "c"}, "api", "a", "api.resource_server_added"},
		{store.RemoveResourceServer{APIID: "a", ClientID: "c"}, "api", "a", "api.resource_server_removed"},
		{store.CreateClient{Client: store.Client{ID: "c"}}, "client", "c", "key.created"},
		{store.UpdateClient{Client: store.Client{ID: "c"}}, "client", "c", "key.updated"},
		{store.SetClientDisabled{ID: "c", Disabled: true}, "client", "c", "key.disabled"},
		{store.SetClientDisabled{ID: "c"}, "client", "c", "key.enabled"},
		{store.DeleteClient{ID: "c"}, "client", "c", "key.deleted"},
		{store.RevokeClientTokens{ID: "c"}, "client", "c", "key.tokens_revoked"},
		{store.AddSecret{ClientID: "c", Secret: store.Secret{ID: "s"}}, "client", "c", "key.secret_added"},
		{store.RemoveSecret{ClientID: "c", ID: "s"}, "client", "c", "key.secret_removed"},
		{store.SetSecretExpiry{ClientID: "c", ID: "s"}, "client", "c", "key.secret_expiry_set"},
		{store.CreateSigningKey{SigningKey: store.SigningKey{ID: "k"}}, "signing_key", "k", "signing_key.created"},
		{store.RevokeSigningKey{ID: "k"}, "signing_key", "k", "signing_key.revoked"},
		{store.DeleteSigningKey{ID: "k"}, "signing_key", "k", "signing_key.deleted"},
		{store.ResealSigningKey{ID: "k"}, "signing_key", "k", "signing_key.resealed"},
		{store.RevokeToken{Revocation: revocation}, "revocation", named, "token.revoked"},
		{store.RevokeFamily{Revocation: revocation}, "revocation", named, "refresh_family.revoked"},
		{store.RevokeAllTokens{}, "not_before", "all", "all.tokens_revoked"},
	} {
		t.Run(test.event, func(t *testing.T) {
			kind, id := test.mutation.Subject()
			event := test.mutation.Event()
			if kind != test.kind || id != test.id || event != test.event {
				t.Errorf("got %s %s %s, want %s %s %s", kind, id, event, test.kind, test.id, test.event)
			}
		})
	}
}

func TestMutationErrorSaysWhatIsWrongWithWhat(t *testing.T) {
	for _, test := range []struct {
		err  *store.MutationError
		want string
	}{
		{
			&store.MutationError{Kind: store.KindClient, ID: "c", Err: store.ErrNotFound},
			`client "c": not found`,
		},
		{
			&store.MutationError{Kind: store.KindAPI, ID: "a", Field: "scope", Value: "/x.read", Err: store.ErrConflict},
			`api "a": scope "/x.read": conflict`,
		},
	} {
		t.Run(test.want, func(t *testing.T) {
			if test.err.Error() != test.want {
				t.Errorf("got %q, want %q", test.err.Error(), test.want)
			}
			if !errors.Is(test.err, test.err.Err) {
				t.Errorf("%v is not %v", test.err, test.err.Err)
			}
		})
	}
}
