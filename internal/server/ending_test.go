package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// holdings are what a key has been given, of both formats.
type holdings struct{ jwt, opaque answer }

func (i *instance) holdings(t *testing.T, key admin.CreatedKey) holdings {
	t.Helper()
	return holdings{jwt: i.token(t, key, "&scope=/ping.read"), opaque: i.token(t, key, "&scope=/opaque.read")}
}

// TestDisablingEndsAllThatAKeyHolds sees to it that nothing waits for a poll: the
// next request after the operator's call is refused.
func TestDisablingEndsAllThatAKeyHolds(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	jwtServer, opaqueServer := i.resourceServer(t, "https://api.example.com"), i.resourceServer(t, opaqueAudience)
	old := i.holdings(t, key)
	all := func(t *testing.T, check func(answer, tb)) {
		t.Helper()
		check(i.introspect(t, jwtServer, old.jwt.fields["access_token"]), t)
		check(i.introspect(t, opaqueServer, old.opaque.fields["access_token"]), t)
		for _, text := range []any{old.jwt.fields["access_token"], old.opaque.fields["access_token"], old.jwt.fields["refresh_token"], old.opaque.fields["refresh_token"]} {
			check(i.seenByOperator(t, text), t)
		}
	}
	refused := func(t *testing.T) {
		t.Helper()
		for name, got := range map[string]answer{
			"a new token": i.token(t, key, ""), "a refresh": i.refresh(t, key, old.jwt.fields["refresh_token"], ""),
			"an introspection": i.introspect(t, key, old.jwt.fields["access_token"]), "a revocation": i.revoke(t, key, old.jwt.fields["access_token"], ""),
		} {
			if got.status != http.StatusUnauthorized || got.fields["error"] != "invalid_client" {
				t.Errorf("%s: got %d %s", name, got.status, got.body)
			}
		}
	}
	path := "/admin/v1/keys/" + key.ClientID
	all(t, answer.active)
	for range 20 {
		i.operate(t, http.MethodPost, path+"/disable", nil, nil)
		all(t, answer.inactive)
		refused(t)
		i.operate(t, http.MethodPost, path+"/enable", nil, nil)
		all(t, answer.active)
	}
	i.refresh(t, key, old.jwt.fields["refresh_token"], "").granted(t)
	i.operate(t, http.MethodDelete, path, nil, nil)
	all(t, answer.inactive)
	refused(t)
}

// seenByOperator is an inspection in the form of an introspection.
func (i *instance) seenByOperator(t *testing.T, token any) answer {
	t.Helper()
	text, _ := token.(string)
	seen, err := i.admin.InspectToken(t.Context(), text)
	must(t, err)
	if seen.Active {
		return answer{status: http.StatusOK, fields: map[string]any{"active": true}}
	}
	return answer{status: http.StatusOK, body: `{"active":false}`}
}

// What a server has learned outlives it.
func TestARestartForgetsNothingThatEnded(t *testing.T) {
	clock := newStanding()
	o := options{now: clock.Now, flags: map[string]string{"issuer": "https://issuer.example"}}
	i := launch(t, o)
	o.dir = i.dir
	i.Issuer = "http://" + i.PublicAddr
	key := i.twoFormats(t)
	old := i.holdings(t, key)
	revoked, left, used := old.opaque, old.jwt, i.token(t, key, "&scope=/ping.read")
	i.revoke(t, key, revoked.fields["access_token"], "").revoked(t)
	i.revoke(t, key, left.fields["refresh_token"], "").revoked(t)
	clock.advance(tick)
	child := i.refresh(t, key, used.granted(t), "")
	at := clock.Now()
	i.end()

	i = launch(t, o)
	i.Issuer = "http://" + i.PublicAddr
	secrets, err := i.admin.ListSecrets(t.Context(), key.ClientID, admin.SecretRange{})
	must(t, err)
	if len(secrets.Items) != 1 || !secrets.Items[0].LastUsedAt.Equal(at.Truncate(time.Second)) || secrets.Items[0].LastUsedFrom != "127.0.0.1" {
		t.Errorf("the secrets are %+v, want one that was used at %s from 127.0.0.1", secrets.Items, at)
	}
	i.introspect(t, key, revoked.fields["access_token"]).inactive(t)
	i.introspect(t, key, left.fields["access_token"]).inactive(t)
	i.introspect(t, key, used.fields["access_token"]).active(t)
	if again := i.refresh(t, key, used.fields["refresh_token"], ""); again.body != child.body {
		t.Errorf("a retry at the next process got\n%s, want\n%s", again.body, child.body)
	}
	clock.advance(grace + tick)
	if got := i.refresh(t, key, used.fields["refresh_token"], ""); got.fields["error"] != "invalid_grant" {
		t.Errorf("the generation was forgotten: got %d %s", got.status, got.body)
	}
	i.introspect(t, key, child.fields["access_token"]).inactive(t)
}
