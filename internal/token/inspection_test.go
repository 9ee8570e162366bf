package token

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

func TestInspectionShowsAllThatATokenSays(t *testing.T) {
	k := newKit(t)
	opaque, jwt := k.grant(t, ownerKey, "/opaque"), k.grant(t, plainKey, "/jwt")
	for _, tt := range []struct {
		name, token string
		want        Inspection
	}{
		{"an opaque access token", opaque.AccessToken, Inspection{Kind: AccessToken, ClientID: ownerKey, Scope: "/opaque", Audience: []string{opaqueAPI}}},
		{"a JWT", jwt.AccessToken, Inspection{Kind: AccessToken, ClientID: plainKey, Scope: "/jwt", Audience: []string{jwtAPI}}},
		{"a refresh token", opaque.RefreshToken, Inspection{Kind: RefreshToken, ClientID: ownerKey, Scope: "/opaque", Audience: []string{opaqueAPI}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := k.reader.Inspect(tt.token)
			if !got.Active || got.Why != "" || got.Revocation.ID == (store.TokenID{}) || got.Revocation.ExpiresAt.Before(got.ExpiresAt) {
				t.Errorf("got %+v", got)
			}
			lifetime := got.ExpiresAt.Sub(got.IssuedAt)
			if k.now().Sub(got.IssuedAt).Abs() > time.Minute || lifetime > 24*time.Hour || lifetime < time.Hour-time.Second {
				t.Errorf("issued at %s, expires at %s", got.IssuedAt, got.ExpiresAt)
			}
			if (got.ID == "") != (tt.want.Kind == RefreshToken) || (got.Family == "") != (tt.want.ClientID == plainKey) || (got.KeyID == "") != (tt.want.ClientID == ownerKey) {
				t.Errorf("id %q, family %q, kid %q", got.ID, got.Family, got.KeyID)
			}
			shown := Inspection{Kind: got.Kind, ClientID: got.ClientID, Scope: got.Scope, Audience: got.Audience}
			if diff := cmp.Diff(tt.want, shown); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestInspectionSaysWhyATokenIsNotActive(t *testing.T) {
	for _, tt := range []struct {
		why string
		end func(k *kit, token string) []store.Mutation
	}{
		{"it was revoked", func(k *kit, token string) []store.Mutation {
			return []store.Mutation{store.RevokeToken{Revocation: k.reader.Inspect(token).Revocation}}
		}},
		{"the family of its refresh token was revoked", func(k *kit, token string) []store.Mutation {
			var c contents
			_ = k.reader.read(token, k.now(), &c)
			return []store.Mutation{store.RevokeFamily{Revocation: store.Revocation{ID: c.id.family, ExpiresAt: k.now().Add(time.Hour)}}}
		}},
		{"its key is disabled", func(*kit, string) []store.Mutation {
			return []store.Mutation{store.SetClientDisabled{ID: ownerKey, Disabled: true}}
		}},
		{"its key was deleted", func(*kit, string) []store.Mutation {
			return []store.Mutation{store.DeleteClient{ID: ownerKey}}
		}},
		{"it was issued before all tokens of its key were revoked, or before its key was made", func(k *kit, _ string) []store.Mutation {
			return []store.Mutation{store.RevokeClientTokens{ID: ownerKey, Before: instant(k.now()).Add(time.Millisecond)}}
		}},
		{"it was issued before all tokens of its API were revoked", func(k *kit, _ string) []store.Mutation {
			return []store.Mutation{store.RevokeAPITokens{ID: opaqueAPI, Before: instant(k.now()).Add(time.Millisecond)}}
		}},
		{"it was issued before all tokens were revoked", func(k *kit, _ string) []store.Mutation {
			return []store.Mutation{store.RevokeAllTokens{Before: instant(k.now()).Add(time.Millisecond)}}
		}},
		{"it expired 3 minutes ago", func(k *kit, _ string) []store.Mutation { k.advance(63*time.Minute + time.Second); return nil }},
		{"it expired 1 minute ago", func(k *kit, _ string) []store.Mutation { k.advance(61*time.Minute + time.Second); return nil }},
		{"it expired 2 days ago", func(k *kit, _ string) []store.Mutation { k.advance(50 * time.Hour); return nil }},
	} {
		t.Run(tt.why, func(t *testing.T) {
			k := newKit(t)
			token := k.grant(t, ownerKey, "/opaque").AccessToken
			k.write(t, tt.end(k, token)...)
			k.sync(t)
			got := k.reader.Inspect(token)
			if got.Active || got.Why != tt.why || got.Kind != AccessToken {
				t.Errorf("got %+v, want %s", got, tt.why)
			}
			if k.active(t, serverKey, token) {
				t.Error("introspection says it is active")
			}
		})
	}
	k := newKit(t)
	t.Run("what is no token of ours", func(t *testing.T) {
		for token, why := range map[string]string{
			"":                            "it is no token of this server",
			"x.y.z":                       "it is no token of this server",
			keys.AccessTokenPrefix + "AA": "it is no token of this server, or was cut or altered",
		} {
			got := k.reader.Inspect(token)
			if got.Kind != "" || got.Active || !strings.HasPrefix(got.Why, why) {
				t.Errorf("%q: got %+v", token, got)
			}
		}
	})
	t.Run("a token for an API that is unknown", func(t *testing.T) {
		c := sampleClaims()
		c.clientID, c.audience, c.expires = ownerKey, []string{"https://nowhere.example"}, k.now().Add(time.Hour)
		c.id.token = newID(k.now())
		token := k.endpoint.Sealer.SealHandle(keys.AccessToken, c.appendHandle(nil))
		if got := k.reader.Inspect(token); got.Active || got.Why != "its API is unknown" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a refresh token that was not used in time", func(t *testing.T) {
		h := sampleRefresh()
		h.mode, h.clientID, h.scopes = store.Live, ownerKey, []string{"/opaque"}
		h.started, h.issued, h.expires = k.now(), k.now(), k.now().Add(time.Hour)
		token := k.endpoint.Sealer.SealHandle(keys.RefreshToken, h.encode())
		if got := k.reader.Inspect(token); !got.Active || got.Generation != 300 {
			t.Errorf("got %+v", got)
		}
		k.advance(10 * time.Minute)
		if got := k.reader.Inspect(token); got.Active || got.Why != "it was not used within 10m0s of being issued" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "just now", time.Second: "1 second ago", 59 * time.Second: "59 seconds ago", 90 * time.Minute: "1 hour ago", 72 * time.Hour: "3 days ago",
	} {
		if got := ago(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}
