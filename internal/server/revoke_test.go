package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

const revokePath = "/oauth2/revoke"

// revoke revokes a token with the credentials of the key.
func (i *instance) revoke(t tb, key admin.CreatedKey, token any, more string) answer {
	t.Helper()
	return i.do(t, request{path: revokePath, contentType: formType, body: fmt.Sprintf("token=%v%s", token, more), user: key.ClientID, password: key.ClientSecret})
}

// revoked fails unless the answer is that of a success.
func (a answer) revoked(t *testing.T) {
	t.Helper()
	if a.status != http.StatusOK || a.body != "" {
		t.Errorf("got %d %q, want 200 without a body", a.status, a.body)
	}
}

const opaqueAudience = "https://opaque.example"

// twoFormats makes a second API, with opaque tokens, and a key that may refresh
// the tokens of both.
func (i *instance) twoFormats(t *testing.T) admin.CreatedKey {
	t.Helper()
	i.createAPI(t, admin.NewAPI{Audience: opaqueAudience, Scopes: []string{"/opaque.read"}, TokenFormat: "opaque"})
	return i.create(t, admin.NewKey{Scopes: []string{"/ping.read", "/opaque.read"}, GrantTypes: refreshing})
}

// formats are the scopes that give a JWT and an opaque token.
func formats() map[string]string {
	return map[string]string{"JWT": "&scope=/ping.read", "opaque": "&scope=/opaque.read"}
}

func TestRevocation(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	for name, scope := range formats() {
		t.Run(name, func(t *testing.T) {
			t.Run("RFC 7009 §2.1: an access token ends at once, and only it", func(t *testing.T) {
				tokens, others := i.token(t, key, scope), i.token(t, key, scope)
				i.revoke(t, key, tokens.fields["access_token"], "").revoked(t)
				i.introspect(t, key, tokens.fields["access_token"]).inactive(t)
				i.introspect(t, key, others.fields["access_token"]).active(t)
				i.refresh(t, key, tokens.granted(t), "").granted(t)
			})
			t.Run("RFC 7009 §2.1: a refresh token ends with all access tokens of its grant", func(t *testing.T) {
				first := i.token(t, key, scope)
				second := i.refresh(t, key, first.granted(t), "")
				others := i.token(t, key, scope)
				i.revoke(t, key, second.granted(t), "").revoked(t)
				for _, tokens := range []answer{first, second} {
					i.introspect(t, key, tokens.fields["access_token"]).inactive(t)
					i.refresh(t, key, tokens.fields["refresh_token"], "").refused(t)
				}
				i.introspect(t, key, others.fields["access_token"]).active(t)
				i.refresh(t, key, others.granted(t), "").granted(t)
			})
		})
	}
	t.Run("a refresh token that was used ends its family, too", func(t *testing.T) {
		first := i.token(t, key, "&scope=/ping.read")
		second := i.refresh(t, key, first.granted(t), "")
		i.revoke(t, key, first.granted(t), "").revoked(t)
		i.refresh(t, key, second.granted(t), "").refused(t)
	})
}

func TestRevocationRequests(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	token := func(t *testing.T) any { return i.token(t, key, "&scope=/ping.read").fields["access_token"] }
	t.Run("RFC 7009 §2.1: token is required", func(t *testing.T) {
		for _, body := range []string{"", "token=", "token_type_hint=access_token"} {
			got := i.do(t, request{path: revokePath, contentType: formType, body: body, user: key.ClientID, password: key.ClientSecret})
			if got.status != http.StatusBadRequest || got.fields["error"] != string(oauth.InvalidRequest) {
				t.Errorf("%q: got %d %s", body, got.status, got.body)
			}
		}
	})
	t.Run("RFC 7009 §2.1: a wrong or unknown hint changes nothing", func(t *testing.T) {
		for _, hint := range []string{"refresh_token", "access_token", "urn:something:else", ""} {
			access := token(t)
			i.revoke(t, key, access, "&token_type_hint="+hint).revoked(t)
			i.introspect(t, key, access).inactive(t)
		}
	})
	t.Run("RFC 7009 §2.1: the client authenticates", func(t *testing.T) {
		access := token(t)
		for _, password := range []string{"wrong", ""} {
			got := i.do(t, request{path: revokePath, contentType: formType, body: fmt.Sprintf("token=%v", access), user: key.ClientID, password: password})
			if got.status != http.StatusUnauthorized || got.fields["error"] != string(oauth.InvalidClient) {
				t.Errorf("got %d %s", got.status, got.body)
			}
		}
		i.introspect(t, key, access).active(t)
	})
	t.Run("RFC 7009 §2.2: success is 200 in a form and 204 in JSON, without a body", func(t *testing.T) {
		i.revoke(t, key, token(t), "").revoked(t)
		access := token(t)
		body := fmt.Sprintf(`{"token":"%v","token_type_hint":"access_token","client_id":"%s","client_secret":"%s"}`, access, key.ClientID, key.ClientSecret)
		got := i.do(t, request{path: revokePath, contentType: "application/json", body: body})
		if got.status != http.StatusNoContent || got.body != "" {
			t.Errorf("got %d %q", got.status, got.body)
		}
		i.introspect(t, key, access).inactive(t)
		if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Pragma") != "no-cache" {
			t.Errorf("got %v", got.header)
		}
	})
	t.Run("RFC 7009 §2: GET is refused", func(t *testing.T) {
		got := i.do(t, request{method: http.MethodGet, path: revokePath, user: key.ClientID, password: key.ClientSecret})
		if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != http.MethodPost {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
}

func TestWhatNeedsNoRevocationWritesNothing(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	key := i.twoFormats(t)
	short := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, AccessTokenLifetime: 1})
	ended := i.token(t, key, "&scope=/opaque.read")
	i.revoke(t, key, ended.fields["access_token"], "").revoked(t)
	family := i.token(t, key, "&scope=/opaque.read")
	i.revoke(t, key, family.fields["refresh_token"], "").revoked(t)
	expired := i.token(t, short, "").fields["access_token"]
	c.advance(2 * time.Second)
	rows := len(i.audit(t))
	for _, tt := range []struct {
		name  string
		key   admin.CreatedKey
		token any
	}{
		{"RFC 7009 §2.2: unknown token is success", key, "nonsense"},
		{"a cut token", key, fmt.Sprint(ended.fields["access_token"])[:20]},
		{"a JWT of another server", key, "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA"},
		{"an expired token", short, expired},
		{"a token that was revoked", key, ended.fields["access_token"]},
		{"a family that was revoked", key, family.fields["refresh_token"]},
		{"an access token of such a family", key, family.fields["access_token"]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i.revoke(t, tt.key, tt.token, "").revoked(t)
			if now := i.audit(t); len(now) != rows {
				t.Errorf("there is an audit row: %+v", now[len(now)-1])
			}
		})
	}
}

func TestAnotherKeysTokenIsNotRevoked(t *testing.T) {
	i := start(t, nil)
	owner := i.twoFormats(t)
	thief := i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, GrantTypes: refreshing})
	t.Run("RFC 7009 §2.1: the token of another client is refused and lives on", func(t *testing.T) {
		for name, scope := range formats() {
			tokens := i.token(t, owner, scope)
			rows := len(i.audit(t))
			for _, kind := range []string{"access_token", "refresh_token"} {
				got := i.revoke(t, thief, tokens.fields[kind], "")
				if got.status != http.StatusBadRequest || got.fields["error"] != string(oauth.InvalidGrant) {
					t.Errorf("%s, %s: got %d %s", name, kind, got.status, got.body)
				}
			}
			i.introspect(t, owner, tokens.fields["access_token"]).active(t)
			i.refresh(t, owner, tokens.fields["refresh_token"], "").granted(t)
			if now := len(i.audit(t)); now != rows {
				t.Errorf("%s: there are %d audit rows more", name, now-rows)
			}
		}
	})
}

func TestARevocationIsInTheAuditTrail(t *testing.T) {
	i := start(t, nil)
	key := i.twoFormats(t)
	tokens := i.token(t, key, "&scope=/ping.read")
	for _, want := range []struct{ kind, event string }{
		{"access_token", store.EventTokenRevoked}, {"refresh_token", store.EventFamilyRevoked},
	} {
		i.revoke(t, key, tokens.fields[want.kind], "").revoked(t)
		rows := i.audit(t)
		last := rows[len(rows)-1]
		if last.Event != want.event || last.Actor != "key:"+key.ClientID || last.Kind != store.KindRevocation {
			t.Errorf("%s: the last audit row is %+v", want.kind, last)
		}
	}
}

// A revocation that the store did not take is in force on this node, and is not
// acknowledged before the store has it.
func TestARevocationWithoutTheStore(t *testing.T) {
	var broken atomic.Pointer[outage]
	i := startOn(t, &clock{}, nil, func(s store.Store) store.Store { return flaky{s, &broken} })
	key := i.twoFormats(t)
	t.Run("RFC 7009 §2.2.1: while the store fails it is 503 with Retry-After", func(t *testing.T) {
		for name, o := range outages() {
			for _, kind := range []string{"access_token", "refresh_token"} {
				t.Run(name+", "+kind, func(t *testing.T) { i.revokeDuring(t, key, kind, o, &broken) })
			}
		}
	})
	if !strings.Contains(i.log.String(), "disk on fire") {
		t.Error("the log does not say why")
	}
}

func (i *instance) revokeDuring(t *testing.T, key admin.CreatedKey, kind string, o *outage, broken *atomic.Pointer[outage]) {
	t.Helper()
	tokens := i.token(t, key, "&scope=/opaque.read")
	broken.Store(o)
	i.revoke(t, key, tokens.fields[kind], "").comeAgain(t)
	i.introspect(t, key, tokens.fields[kind]).inactive(t)
	i.introspect(t, key, tokens.fields["access_token"]).inactive(t)
	broken.Store(&outage{err: o.err})
	i.revoke(t, key, tokens.fields[kind], "").comeAgain(t)
	i.revoke(t, key, tokens.fields["access_token"], "").comeAgain(t)
	broken.Store(nil)
	before := len(i.audit(t))
	i.revoke(t, key, tokens.fields[kind], "").revoked(t)
	after := len(i.audit(t))
	if after != before+1 {
		t.Errorf("the revocation that was acknowledged left %d audit rows", after-before)
	}
	i.revoke(t, key, tokens.fields[kind], "").revoked(t)
	if len(i.audit(t)) != after {
		t.Error("once it was written, it is written again")
	}
}

func TestARevokedRefreshTokenMayHaveAccessTokensThatOutliveIt(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	i.createAPI(t, admin.NewAPI{Audience: "https://short.example", Scopes: []string{"/short"}, RefreshTokenLifetime: 60, AccessTokenLifetime: 3600})
	key := i.create(t, admin.NewKey{Scopes: []string{"/short"}, GrantTypes: refreshing})
	for name, wait := range map[string]time.Duration{"before it expired": 0, "after it expired": 2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			tokens := i.token(t, key, "")
			c.advance(wait)
			i.revoke(t, key, tokens.fields["refresh_token"], "").revoked(t)
			i.introspect(t, key, tokens.fields["access_token"]).inactive(t)
			c.advance(30 * time.Minute)
			i.untilReady(t)
			i.introspect(t, key, tokens.fields["access_token"]).inactive(t)
		})
	}
}
