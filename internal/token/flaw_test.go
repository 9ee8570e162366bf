package token

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// The clock of this node is behind that of the one where all tokens were ended.
func TestATokenIssuedAfterTheEndOfAllTokensIsGood(t *testing.T) {
	k := newKit(t)
	for n, end := range []func(time.Time) store.Mutation{
		func(at time.Time) store.Mutation { return store.RevokeClientTokens{ID: ownerKey, Before: at} },
		func(at time.Time) store.Mutation { return store.RevokeAPITokens{ID: jwtAPI, Before: at} },
		func(at time.Time) store.Mutation { return store.RevokeAllTokens{Before: at} },
	} {
		old := k.grant(t, ownerKey, "/jwt")
		ahead := instant(k.now()).Add(time.Duration(n+2) * time.Second)
		k.write(t, end(ahead))
		k.sync(t)
		fresh := k.grant(t, ownerKey, "/jwt")
		for _, token := range []string{old.AccessToken, old.RefreshToken} {
			if got := k.reader.Inspect(token); got.Active {
				t.Errorf("%T: got %+v", end(ahead), got)
			}
		}
		if got := k.reader.Inspect(fresh.AccessToken); !got.Active || !got.IssuedAt.Equal(ahead) {
			t.Errorf("%T at %s: got %+v", end(ahead), ahead, got)
		}
		if got := k.reader.Inspect(fresh.RefreshToken); !got.Active {
			t.Errorf("%T at %s: got %+v", end(ahead), ahead, got)
		}
	}
}

// The clock was a year ahead when somebody ended all tokens, and was set back.
func TestATokenLivesNoLongerThanItsLifetimeWhenTheClockWasSetBack(t *testing.T) {
	k := newKit(t)
	k.write(t, store.RevokeAllTokens{Before: instant(k.now()).Add(365 * 24 * time.Hour)})
	k.sync(t)
	for _, scope := range []string{"/opaque", "/jwt"} {
		tokens := k.grant(t, ownerKey, scope)
		_, body := k.refresh(t, ownerKey, tokens.RefreshToken, "")
		again := readTokens(t, http.StatusOK, body)
		for token, lifetime := range map[string]time.Duration{
			tokens.AccessToken: time.Hour, again.AccessToken: time.Hour,
			tokens.RefreshToken: 24 * time.Hour, again.RefreshToken: 24 * time.Hour,
		} {
			got := k.reader.Inspect(token)
			left := got.ExpiresAt.Sub(k.now())
			if !got.Active || left > lifetime || left < lifetime-time.Minute {
				t.Errorf("%s: it lives for another %s, want %s: %+v", scope, left, lifetime, got)
			}
		}
	}
}

// meanwhile is a store in which something happens while a family is rotated.
type meanwhile struct {
	store.Families
	happens func()
}

func (m meanwhile) Rotate(ctx context.Context, r store.Rotation) (store.Rotated, error) {
	rotated, err := m.Families.Rotate(ctx, r)
	m.happens()
	return rotated, err
}

// Somebody who refreshes all the time is always in the middle of it.
func TestARefreshDoesNotOutliveTheEndOfItsFamilyThatComesInBetween(t *testing.T) {
	for name, end := range map[string]func(before time.Time) store.Mutation{
		"of the tokens of its key": func(before time.Time) store.Mutation { return store.RevokeClientTokens{ID: ownerKey, Before: before} },
		"of the tokens of its API": func(before time.Time) store.Mutation { return store.RevokeAPITokens{ID: jwtAPI, Before: before} },
		"of all tokens":            func(before time.Time) store.Mutation { return store.RevokeAllTokens{Before: before} },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			token := k.grant(t, ownerKey, "/jwt").RefreshToken
			k.endpoint.Families = meanwhile{k.store, func() {
				k.write(t, end(instant(k.now()).Add(time.Millisecond)))
				k.sync(t)
			}}
			_, body := k.refresh(t, ownerKey, token, "")
			tokens := readTokens(t, http.StatusOK, body)
			for _, one := range []string{tokens.AccessToken, tokens.RefreshToken} {
				if got := k.reader.Inspect(one); got.Active {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
}

func TestAFamilyIsJudgedByItsStart(t *testing.T) {
	k := newKit(t)
	at := instant(k.now())
	k.write(t, store.RevokeAllTokens{Before: at})
	k.sync(t)
	for _, tt := range []struct {
		name            string
		started, issued time.Duration
		want            flaw
	}{
		{"began before, used afterwards", -time.Millisecond, time.Minute, endedWithAll},
		{"began at the instant", 0, 0, sound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := refreshHandle{
				clientID: ownerKey, scopes: []string{"/opaque"}, mode: store.Live,
				started: at.Add(tt.started), issued: at.Add(tt.issued), expires: at.Add(time.Hour),
			}
			var c contents
			c.setRefresh(&h, k.mirror)
			if got := k.reader.flaw(&c, at.Add(time.Minute)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestATokenEndsToTheMillisecond(t *testing.T) {
	k := newKit(t)
	for _, scope := range []string{"/opaque", "/jwt"} {
		var c contents
		err := k.reader.read(k.grant(t, ownerKey, scope).AccessToken, k.now(), &c)
		if err != nil {
			t.Fatal(err)
		}
		if c.expires.Nanosecond() != 0 {
			t.Errorf("%s: it expires at %s, which is no whole second", scope, c.expires)
		}
		if got := k.reader.flaw(&c, c.expires.Add(-time.Millisecond)); got != sound {
			t.Errorf("%s: just before its end: %s", scope, got)
		}
		if got := k.reader.flaw(&c, c.expires); got != expired {
			t.Errorf("%s: at its end: %s", scope, got)
		}
	}
}

func TestTheIDOfARefreshedTokenFollowsFromWhatItIs(t *testing.T) {
	k := newKit(t)
	id := func(change func(*refreshHandle, *claims)) store.TokenID {
		h := refreshHandle{family: store.TokenID{1}, generation: 7}
		c := claims{scope: "/a /b", audience: []string{"https://a.example", "https://b.example"}, issued: time.UnixMilli(1_700_000_000_123)}
		change(&h, &c)
		return k.endpoint.nextID(&h, &c)
	}
	same := func(*refreshHandle, *claims) {}
	first := id(same)
	if !issuedAt(first).Equal(time.UnixMilli(1_700_000_000_123)) {
		t.Errorf("it says it was issued at %s", issuedAt(first))
	}
	if id(same) != first || k.node(t).endpoint.nextID(&refreshHandle{}, &claims{}) != k.endpoint.nextID(&refreshHandle{}, &claims{}) {
		t.Error("the same is not the same")
	}
	for name, change := range map[string]func(*refreshHandle, *claims){
		"the family":     func(h *refreshHandle, _ *claims) { h.family = store.TokenID{2} },
		"the generation": func(h *refreshHandle, _ *claims) { h.generation = 8 },
		"the scope":      func(_ *refreshHandle, c *claims) { c.scope = "/a" },
		"the audience":   func(_ *refreshHandle, c *claims) { c.audience = c.audience[:1] },
		"what belongs to scope and what to audience": func(_ *refreshHandle, c *claims) {
			c.scope, c.audience = "/a", []string{"/b", "https://a.example", "https://b.example"}
		},
		"the time":          func(_ *refreshHandle, c *claims) { c.issued = c.issued.Add(time.Millisecond) },
		"the static claims": func(_ *refreshHandle, c *claims) { c.static = []byte(`,"tenant":"acme"`) },
		"the mode":          func(_ *refreshHandle, c *claims) { c.mode = store.Test },
		"the end":           func(_ *refreshHandle, c *claims) { c.expires = c.expires.Add(time.Second) },
	} {
		if id(change) == first {
			t.Errorf("%s does not change the id", name)
		}
	}
}

func TestTheShortestIdleLimitCounts(t *testing.T) {
	for _, tt := range []struct {
		limits []time.Duration
		want   time.Duration
	}{
		{[]time.Duration{0}, 0},
		{[]time.Duration{time.Hour}, time.Hour},
		{[]time.Duration{0, time.Hour}, time.Hour},
		{[]time.Duration{time.Hour, 0}, time.Hour},
		{[]time.Duration{time.Hour, time.Minute, 2 * time.Hour}, time.Minute},
	} {
		var of target
		for _, limit := range tt.limits {
			of.apis = append(of.apis, &mirror.API{API: store.API{Mode: store.Live, RefreshTokenIdleLifetime: limit}})
		}
		if got := of.refreshIdleLifetime(); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.limits, got, tt.want)
		}
	}
}
