package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

// A key that is deleted and imported again under its id is a new one. Tokens of
// the old one that are younger than the leeway between clocks cannot be told
// from those of the new one, so they get what the new one was granted.
func TestRefreshTokensOfAKeyThatWasImportedAgain(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	all := []string{"/accounts.read", "/accounts.write", "/accounts/{accountID}/wallets.read"}
	ids := 0
	// old imports a key, gets a refresh token, and imports the key once more.
	old := func(t *testing.T, scope string, pause time.Duration, again ...string) (admin.CreatedKey, any) {
		t.Helper()
		ids++
		in := admin.NewKey{
			ClientID: fmt.Sprintf("imported-%d", ids), ClientSecret: "the secret of the import",
			Scopes: all, GrantTypes: refreshing,
		}
		key := i.create(t, in)
		token := i.token(t, key, "&scope="+scope).fields["refresh_token"]
		if got := i.refresh(t, key, token, ""); got.status != http.StatusOK {
			t.Fatalf("before: got %d %s", got.status, got.body)
		}
		c.advance(pause)
		i.operate(t, http.MethodDelete, "/admin/v1/keys/"+key.ClientID, nil, nil)
		in.Scopes = again
		return i.create(t, in), token
	}
	t.Run("after the leeway they are invalid_grant", func(t *testing.T) {
		key, token := old(t, "/accounts.read", 10*time.Second, all...)
		got := i.refresh(t, key, token, "")
		if got.status != http.StatusBadRequest || got.fields["error"] != string(oauth.InvalidGrant) {
			t.Errorf("got %d %s", got.status, got.body)
		}
		token = i.token(t, key, "").fields["refresh_token"]
		if got = i.refresh(t, key, token, ""); got.status != http.StatusOK {
			t.Errorf("a refresh token of the new key: got %d %s", got.status, got.body)
		}
	})
	t.Run("within the leeway they go on", func(t *testing.T) {
		key, token := old(t, "/accounts.read", 2*time.Second, all...)
		if got := i.refresh(t, key, token, ""); got.status != http.StatusOK {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	for _, withdrawn := range []string{"/accounts.write", "/accounts/a1/wallets.read"} {
		t.Run("within the leeway "+withdrawn+" that was withdrawn is invalid_scope", func(t *testing.T) {
			key, token := old(t, "/accounts.read+"+withdrawn, 0, "/accounts.read")
			for _, more := range []string{"", "&scope=" + withdrawn} {
				got := i.refresh(t, key, token, more)
				if got.status != http.StatusBadRequest || got.fields["error"] != string(oauth.InvalidScope) || !strings.Contains(got.body, withdrawn+" is not granted") {
					t.Errorf("%q: got %d %s", more, got.status, got.body)
				}
			}
			got := i.refresh(t, key, token, "&scope=/accounts.read")
			if got.status != http.StatusOK || got.fields["scope"] != "/accounts.read" {
				t.Errorf("what it still has: got %d %s", got.status, got.body)
			}
		})
	}
}
