package token

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// broken are families that cannot be rotated, and counts the attempts.
type broken struct {
	store.Families
	attempts *int
}

func (b broken) Rotate(context.Context, store.Rotation) (store.Rotated, error) {
	*b.attempts++
	return store.Rotated{}, store.ErrUnavailable
}

func TestATokenStaysCountedWhenTheStoreFails(t *testing.T) {
	k := newKit(t)
	first := k.grant(t, ownerKey, "/opaque")
	k.change(t, ownerKey, func(c *store.Client) { c.Policy.TokensPerHour = 1 })
	attempts := 0
	k.endpoint.Families = broken{k.store, &attempts}
	for n, want := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests} {
		status, body := k.refresh(t, ownerKey, first.RefreshToken, "")
		if status != want {
			t.Errorf("attempt %d: got %d %s, want %d", n+1, status, body, want)
		}
	}
	if attempts != 1 {
		t.Errorf("the store was asked %d times; a request beyond the limit must not reach it", attempts)
	}
	k.endpoint.Families = k.store
	k.advance(time.Hour)
	k.sync(t)
	status, body := k.refresh(t, ownerKey, first.RefreshToken, "")
	if status != http.StatusOK {
		t.Errorf("an hour later: got %d %s", status, body)
	}
}

func TestTheLimitsStandOnEveryAnswerToAKeyThatHasSome(t *testing.T) {
	k := newKit(t)
	k.change(t, ownerKey, func(c *store.Client) {
		c.Policy.RequestsPerSecond, c.Policy.Burst, c.Policy.Origins = 5, 5, []string{"https://app.example.com"}
	})
	const body = "grant_type=client_credentials&scope=/opaque"
	for _, tt := range []struct {
		name, origin, body string
		status             int
	}{
		{"a token", "https://app.example.com", body, http.StatusOK},
		{"another origin", "https://else.example", body, http.StatusForbidden},
		{"a bad request", "https://app.example.com", body + "&resource=x", http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := k.do(t, "token", ownerKey, tt.body, http.Header{"Origin": {tt.origin}})
			if got.Code != tt.status || !strings.HasPrefix(got.Header().Get("RateLimit"), `"second";r=`) || got.Header().Get("RateLimit-Policy") == "" {
				t.Errorf("got %d %s with %v", got.Code, got.Body, got.Header())
			}
		})
	}
	t.Run("what the policy refuses does not use the limit up", func(t *testing.T) {
		k.advance(time.Minute)
		for range 20 {
			k.do(t, "token", ownerKey, body, http.Header{"Origin": {"https://else.example"}})
		}
		got := k.do(t, "token", ownerKey, body, http.Header{"Origin": {"https://app.example.com"}})
		if got.Code != http.StatusOK {
			t.Errorf("got %d %s", got.Code, got.Body)
		}
	})
	t.Run("a key without limits has none of the fields", func(t *testing.T) {
		got := k.do(t, "token", plainKey, body, nil)
		if got.Code != http.StatusOK || got.Header().Get("RateLimit") != "" || got.Header().Get("RateLimit-Policy") != "" {
			t.Errorf("got %d with %v", got.Code, got.Header())
		}
	})
}

// What is too much for one token is refused before the refresh token is used up.
func TestWhatIsTooMuchDoesNotUseARefreshTokenUp(t *testing.T) {
	for _, format := range []store.TokenFormat{store.Opaque, store.JWT} {
		t.Run(string(format), func(t *testing.T) {
			k := newKit(t)
			var scopes []string
			for n := range 27 {
				scopes = append(scopes, fmt.Sprintf("/%02d/%s", n, strings.Repeat("x", 435)))
			}
			k.changeAPI(t, jwtAPI, func(a *store.API) { a.Scopes, a.TokenFormat = scopes, format })
			k.change(t, ownerKey, func(c *store.Client) { c.Scopes = scopes })
			at := instant(k.now())
			h := refreshHandle{
				family: newFamily(), clientID: ownerKey, scopes: scopes, mode: store.Live, started: at, issued: at, expires: at.Add(time.Hour),
			}
			token := k.ring.Sealer.SealHandle(keys.RefreshToken, h.encode())
			attempts := 0
			k.endpoint.Families = broken{k.store, &attempts}
			status, body := k.refresh(t, ownerKey, token, "")
			if status != http.StatusBadRequest || !strings.Contains(body, "too much for one token") || attempts != 0 {
				t.Errorf("got %d %s after %d rotations", status, body, attempts)
			}
			k.endpoint.Families = k.store
			status, body = k.refresh(t, ownerKey, token, "&scope="+scopes[0])
			if status != http.StatusOK {
				t.Errorf("with one scope: got %d %s", status, body)
			}
		})
	}
}
