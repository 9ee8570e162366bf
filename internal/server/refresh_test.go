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

func refreshJSON(token any, scope string) string {
	return fmt.Sprintf(`{"grant_type":"refresh_token","refresh_token":"%v","scope":"%s"}`, token, scope)
}

func TestRefresh(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	first := i.sdk(t, `{"grant_type":"client_credentials","scope":"/accounts.read /accounts.write"}`)
	handle := first.fields["refresh_token"]

	t.Run("RFC 6749 §6: a refresh gives a new access token with the same scope", func(t *testing.T) {
		got := i.sdk(t, refreshJSON(handle, ""))
		if got.status != http.StatusOK || got.fields["scope"] != "/accounts.read /accounts.write" || got.fields["access_token"] == first.fields["access_token"] {
			t.Errorf("got %d %s", got.status, got.body)
		}
		if got.fields["refresh_token"] == nil {
			t.Errorf("there is no refresh token in %s", got.body)
		}
	})
	t.Run("a refresh can narrow the scope", func(t *testing.T) {
		got := i.sdk(t, refreshJSON(handle, "/accounts.read"))
		if got.fields["scope"] != "/accounts.read" {
			t.Errorf("got %s", got.body)
		}
	})
	t.Run("RFC 6749 §6: the refresh token keeps its scope", func(t *testing.T) {
		narrow := i.sdk(t, refreshJSON(handle, "/accounts.read"))
		again := i.sdk(t, refreshJSON(narrow.fields["refresh_token"], ""))
		if again.fields["scope"] != "/accounts.read /accounts.write" {
			t.Errorf("got %s", again.body)
		}
	})
	t.Run("RFC 6749 §6: a refresh cannot widen the scope", func(t *testing.T) {
		got := i.sdk(t, refreshJSON(handle, "/accounts/a1/wallets.read"))
		if got.fields["error"] != string(oauth.InvalidScope) {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("RFC 6749 §6: a refresh token is bound to its key", func(t *testing.T) {
		var other admin.CreatedKey
		i.operate(t, http.MethodPost, "/admin/v1/keys", admin.NewKey{
			Name: "other", Scopes: []string{"/accounts.read", "/accounts.write"},
			GrantTypes: []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken},
		}, &other)
		got := i.do(t, request{contentType: "application/json", body: refreshJSON(handle, ""), user: other.ClientID, password: other.ClientSecret})
		if got.status != http.StatusBadRequest || got.fields["error"] != string(oauth.InvalidGrant) {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("RFC 6749 §5.2: a made-up refresh token is invalid_grant", func(t *testing.T) {
		for _, token := range []any{"x", "gdr_", first.fields["access_token"], fmt.Sprint(handle) + "A"} {
			got := i.sdk(t, refreshJSON(token, ""))
			if got.status != http.StatusBadRequest || got.fields["error"] != string(oauth.InvalidGrant) {
				t.Errorf("%v: got %d %s", token, got.status, got.body)
			}
		}
	})
	t.Run("no refresh token is invalid_request", func(t *testing.T) {
		got := i.sdk(t, `{"grant_type":"refresh_token"}`)
		if got.fields["error"] != string(oauth.InvalidRequest) {
			t.Errorf("got %s", got.body)
		}
	})
	t.Run("a refresh token ends with its lifetime", func(t *testing.T) {
		c.advance(720*time.Hour + time.Minute)
		i.untilReady(t)
		got := i.sdk(t, refreshJSON(handle, ""))
		if got.fields["error"] != string(oauth.InvalidGrant) {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
}

func TestARepeatedResourceDoesNotLengthenTheRefreshToken(t *testing.T) {
	i := start(t, nil)
	refreshToken := func(times int) string {
		body := grantForm + strings.Repeat("&resource=https://api.example.com", times)
		got := i.do(t, request{contentType: formType, body: body, user: i.Demo.SDK.ClientID, password: i.Demo.SDK.ClientSecret})
		text, _ := got.fields["refresh_token"].(string)
		if text == "" {
			t.Fatalf("got %s", got.body)
		}
		return text
	}
	once, often := refreshToken(1), refreshToken(60)
	if len(once) != len(often) {
		t.Errorf("named once it has %d bytes, named 60 times %d", len(once), len(often))
	}
}

func TestDisablingBitesAtOnce(t *testing.T) {
	i := start(t, nil)
	refresh := i.sdk(t, `{"grant_type":"client_credentials"}`).fields["refresh_token"]
	path := "/admin/v1/keys/" + i.Demo.SDK.ClientID
	i.operate(t, http.MethodPost, path+"/disable", nil, nil)
	for _, body := range []string{`{"grant_type":"client_credentials"}`, refreshJSON(refresh, "")} {
		got := i.sdk(t, body)
		if got.status != http.StatusUnauthorized || got.fields["error"] != string(oauth.InvalidClient) {
			t.Errorf("disabled: got %d %s", got.status, got.body)
		}
	}
	i.operate(t, http.MethodPost, path+"/enable", nil, nil)
	got := i.sdk(t, refreshJSON(refresh, ""))
	if got.status != http.StatusOK {
		t.Errorf("enabled again: got %d %s", got.status, got.body)
	}
	i.operate(t, http.MethodDelete, path, nil, nil)
	got = i.sdk(t, refreshJSON(refresh, ""))
	if got.status != http.StatusUnauthorized {
		t.Errorf("deleted: got %d %s", got.status, got.body)
	}
}
