package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// What operators are told is what the endpoint answers, on a whole server.
func TestExplain(t *testing.T) {
	i := start(t, nil)
	const audience = "https://payments.example"
	i.createAPI(t, admin.NewAPI{
		Audience: audience, Scopes: []string{"/payers/{accountID}/wallets.read"},
		Routes: []admin.Route{{Method: http.MethodGet, Path: "/payers/{accountID}/wallets", Scopes: []string{"/payers/{accountID}/wallets.read"}}},
	})
	key := i.create(t, admin.NewKey{Scopes: []string{"/payers/{accountID=a1|a2}/wallets.read"}, Origins: []string{"https://app.example.com"}})
	tried := i.create(t, admin.NewKey{Mode: store.Test, Scopes: []string{}, ResourceServerOf: []string{audience}})
	ask := func(q admin.ExplainQuestion) admin.Explanation {
		t.Helper()
		answer, err := i.admin.Explain(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for _, tt := range []struct {
		name  string
		q     admin.ExplainQuestion
		rule  string
		wants string
	}{
		{"granted", admin.ExplainQuestion{ClientID: key.ClientID, Scope: "/payers/a1/wallets.read", Origin: "https://app.example.com", Address: "192.0.2.1"}, "audience", ""},
		{"the origin is missing", admin.ExplainQuestion{ClientID: key.ClientID, Scope: "/payers/a1/wallets.read"}, "origin", "no Origin and no Referer header"},
		{"another account", admin.ExplainQuestion{ClientID: key.ClientID, Scope: "/payers/a3/wallets.read", Referer: "https://app.example.com/x"}, "scope", "is not granted to this key"},
		{"the other mode", admin.ExplainQuestion{ClientID: tried.ClientID, Scope: "/x", Resources: []string{audience}}, "mode", "this key is a test key and https://payments.example is a live API; use a live key for it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(tt.q)
			last := got.Steps[len(got.Steps)-1]
			if got.Granted != (tt.wants == "") || last.Rule != tt.rule || last.Passed != got.Granted {
				t.Fatalf("got %+v", got)
			}
			if !got.Granted {
				if !strings.Contains(got.Sentence, tt.wants) {
					t.Errorf("got %q, want %q", got.Sentence, tt.wants)
				}
				return
			}
			if diff := cmp.Diff([]string{audience}, got.Audience); diff != "" {
				t.Errorf("audience (-want +got):\n%s", diff)
			}
		})
	}
	token := i.do(t, request{
		contentType: formType, body: "grant_type=client_credentials&scope=/payers/a1/wallets.read",
		user: key.ClientID, password: key.ClientSecret, more: header("Origin", "https://app.example.com"),
	}).fields["access_token"]
	for account, want := range map[string]string{
		"a1": "granted: GET /payers/a1/wallets of https://payments.example needs /payers/a1/wallets.read, and the token carries it",
		"a2": "refused: GET /payers/a2/wallets of https://payments.example needs scope /payers/a2/wallets.read, and the token carries /payers/a1/wallets.read",
	} {
		got := ask(admin.ExplainQuestion{Token: fmt.Sprint(token), Method: http.MethodGet, Path: "/payers/" + account + "/wallets"})
		if got.Sentence != want || got.Granted != (account == "a1") {
			t.Errorf("%s: got %+v, want %q", account, got, want)
		}
	}
	t.Run("a key that is not there", func(t *testing.T) {
		_, err := i.admin.Explain(t.Context(), admin.ExplainQuestion{ClientID: "nobody", Scope: "/x"})
		if err == nil {
			t.Error("there is an answer")
		}
	})
}
