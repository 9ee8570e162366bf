package server_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

// create makes a key through the admin API.
func (i *instance) create(t *testing.T, in admin.NewKey) admin.CreatedKey {
	t.Helper()
	var key admin.CreatedKey
	in.Name = t.Name()
	i.operate(t, http.MethodPost, "/admin/v1/keys", in, &key)
	// An imported secret does not come back.
	key.ClientSecret = cmp.Or(key.ClientSecret, in.ClientSecret)
	return key
}

func TestAKeyAuthenticatesAsItsRecordSays(t *testing.T) {
	i := start(t, nil)
	basicOnly, postOnly := []oauth.AuthMethod{oauth.ClientSecretBasic}, []oauth.AuthMethod{oauth.ClientSecretPost}
	tests := []struct {
		name    string
		methods []oauth.AuthMethod
		post    bool
		refused string
	}{
		{"a key for Basic alone uses Basic", basicOnly, false, ""},
		{"a key for Basic alone posts its secret", basicOnly, true, "client_secret_post"},
		{"a key for posting alone posts its secret", postOnly, true, ""},
		{"a key for posting alone uses Basic", postOnly, false, "client_secret_basic"},
		{"a key for both uses Basic", nil, false, ""},
		{"a key for both posts its secret", nil, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, AuthMethods: tt.methods})
			form := request{contentType: formType, body: grantForm, user: key.ClientID, password: key.ClientSecret}
			object := request{contentType: "application/json", body: `{"grant_type":"client_credentials"}`, user: key.ClientID, password: key.ClientSecret}
			if tt.post {
				form = request{contentType: formType, body: fmt.Sprintf("%s&client_id=%s&client_secret=%s", grantForm, key.ClientID, key.ClientSecret)}
				object = request{contentType: "application/json", body: fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q}`, key.ClientID, key.ClientSecret)}
			}
			for _, r := range []request{form, object} {
				got := i.do(t, r)
				if tt.refused == "" && got.status != http.StatusOK {
					t.Errorf("%s: got %d %s, want a token", r.contentType, got.status, got.body)
				}
				if tt.refused == "" {
					continue
				}
				if got.status != http.StatusUnauthorized || got.fields["error"] != string(oauth.InvalidClient) || !strings.Contains(got.body, "may not authenticate with "+tt.refused) {
					t.Errorf("%s: got %d %s, want %s refused", r.contentType, got.status, got.body, tt.refused)
				}
			}
		})
	}
	t.Run("which methods a key has is told only to who holds its secret", func(t *testing.T) {
		key := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, AuthMethods: postOnly})
		got := i.do(t, request{contentType: formType, body: grantForm, user: key.ClientID, password: "wrong"})
		if got.status != http.StatusUnauthorized || !strings.Contains(got.body, "client authentication failed") {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
}

// The id and the secret of an imported key may look encoded. Raw and decoded are
// two readings of one Basic header, and what the body says belongs to one of them.
func TestReadingsOfBasicAreNotMixed(t *testing.T) {
	i := start(t, nil)
	const id, secret = "imported-1", "the/secret/of/the/import"
	i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, ClientID: id, ClientSecret: secret})
	const rawID, rawSecret = "imported%2D1", "the%2Fsecret%2Fof%2Fthe%2Fimport"
	form := func(clientID string) request {
		return request{contentType: formType, body: grantForm + "&client_id=" + clientID}
	}
	object := func(clientID, clientSecret string) request {
		return request{contentType: "application/json", body: fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q}`, clientID, clientSecret)}
	}
	tests := []struct {
		name   string
		send   request
		status int
		code   oauth.ErrorCode
	}{
		{"no client_id in the form", form(""), 200, ""},
		{"the decoded client_id in the form", form(id), 200, ""},
		{"the raw client_id in the form", form("imported%252D1"), 401, oauth.InvalidClient},
		{"the decoded pair in JSON", object(id, secret), 200, ""},
		{"the decoded secret alone in JSON", object("", secret), 200, ""},
		{"the raw pair in JSON", object(rawID, rawSecret), 401, oauth.InvalidClient},
		{"the raw secret alone in JSON", object("", rawSecret), 401, oauth.InvalidClient},
		{"the raw client_id with the decoded secret in JSON", object(rawID, secret), 400, oauth.InvalidRequest},
		{"the decoded client_id with the raw secret in JSON", object(id, rawSecret), 400, oauth.InvalidRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.send.user, tt.send.password = rawID, rawSecret
			got := i.do(t, tt.send)
			if got.status != tt.status || fmt.Sprint(got.fields["error"]) != orNil(string(tt.code)) {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, tt.status, tt.code)
			}
		})
	}
}
