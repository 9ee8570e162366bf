package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

func refreshJSON(token any, scope string) string {
	return fmt.Sprintf(`{"grant_type":"refresh_token","refresh_token":"%v","scope":"%s"}`, token, scope)
}

// refused fails unless the answer is the one for every bad refresh token.
func (a answer) refused(t *testing.T) {
	t.Helper()
	const sentence = "the refresh token is not valid for this key, was used already, or has expired; get a new one with grant_type client_credentials"
	if a.status != http.StatusBadRequest || a.fields["error"] != string(oauth.InvalidGrant) || a.fields["error_description"] != sentence {
		t.Errorf("got %d %s, want invalid_grant with the one sentence", a.status, a.body)
	}
}

// granted fails unless the answer has tokens, and returns the refresh token.
func (a answer) granted(t *testing.T) any {
	t.Helper()
	if a.status != http.StatusOK || a.fields["refresh_token"] == nil {
		t.Fatalf("got %d %s, want tokens", a.status, a.body)
	}
	return a.fields["refresh_token"]
}

func TestRefresh(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	first := i.sdk(t, `{"grant_type":"client_credentials","scope":"/accounts.read /accounts.write"}`)
	handle := first.granted(t)

	t.Run("RFC 6749 §6: a refresh cannot widen the scope", func(t *testing.T) {
		got := i.sdk(t, refreshJSON(handle, "/accounts/a1/wallets.read"))
		if got.fields["error"] != string(oauth.InvalidScope) {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("RFC 6749 §6: a refresh token is bound to its key", func(t *testing.T) {
		other := i.create(t, admin.NewKey{Scopes: []string{"/accounts.read", "/accounts.write"}, GrantTypes: refreshing})
		i.refresh(t, other, handle, "").refused(t)
	})
	t.Run("RFC 6749 §6: a refresh gives a new access token with the same scope", func(t *testing.T) {
		got := i.sdk(t, refreshJSON(handle, ""))
		if got.fields["scope"] != "/accounts.read /accounts.write" || got.fields["access_token"] == first.fields["access_token"] {
			t.Errorf("got %d %s", got.status, got.body)
		}
		c.advance(time.Minute)
		t.Run("RFC 6749 §6: another refresh token takes the place of the one that was used", func(t *testing.T) {
			handle = got.granted(t)
			if handle == first.fields["refresh_token"] {
				t.Error("the same refresh token came back")
			}
		})
	})
	t.Run("a refresh can narrow the scope", func(t *testing.T) {
		got := i.sdk(t, refreshJSON(handle, "/accounts.read"))
		if got.fields["scope"] != "/accounts.read" {
			t.Errorf("got %s", got.body)
		}
		handle = got.granted(t)
	})
	t.Run("RFC 6749 §6: the refresh token keeps its scope", func(t *testing.T) {
		again := i.sdk(t, refreshJSON(handle, ""))
		if again.fields["scope"] != "/accounts.read /accounts.write" {
			t.Errorf("got %s", again.body)
		}
		handle = again.granted(t)
	})
	t.Run("RFC 6749 §5.2: a made-up refresh token is invalid_grant", func(t *testing.T) {
		for _, token := range []any{"x", "gdr_", first.fields["access_token"], fmt.Sprint(handle) + "A"} {
			i.sdk(t, refreshJSON(token, "")).refused(t)
		}
	})
	t.Run("no refresh token is invalid_request", func(t *testing.T) {
		got := i.sdk(t, `{"grant_type":"refresh_token"}`)
		if got.fields["error"] != string(oauth.InvalidRequest) {
			t.Errorf("got %s", got.body)
		}
	})
	t.Run("a refused request does not use the token up", func(t *testing.T) {
		for _, more := range []string{"/accounts/a1/wallets.read", "\\u0001"} {
			i.sdk(t, refreshJSON(handle, more))
		}
		c.advance(time.Minute)
		handle = i.sdk(t, refreshJSON(handle, "")).granted(t)
	})
	t.Run("a family ends with its lifetime, however often it was refreshed", func(t *testing.T) {
		c.advance(720*time.Hour - time.Minute)
		i.untilReady(t)
		i.sdk(t, refreshJSON(handle, "")).refused(t)
	})
}

// A client that loses the answer asks again, and must not be logged out for it.
func TestARetryGetsTheSameAnswer(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	apis := []admin.NewAPI{{TokenFormat: "opaque"}}
	for _, algorithm := range keys.Algorithms() {
		apis = append(apis, admin.NewAPI{Algorithm: algorithm})
	}
	for n, api := range apis {
		name := api.Algorithm + string(api.TokenFormat)
		t.Run(name, func(t *testing.T) {
			read, write := fmt.Sprintf("/r%d", n), fmt.Sprintf("/w%d", n)
			api.Audience, api.Scopes = "https://"+name+".example", []string{read, write}
			i.createAPI(t, api)
			key := i.create(t, admin.NewKey{Scopes: api.Scopes, GrantTypes: refreshing})
			token := i.token(t, key, "").granted(t)
			first := i.refresh(t, key, token, "")
			child := first.granted(t)
			c.advance(9 * time.Second)
			if got := i.refresh(t, key, token, ""); got.body != first.body {
				t.Errorf("got %s\nafter %s", got.body, first.body)
			}
			narrow := i.refresh(t, key, token, "&scope="+read)
			if narrow.granted(t) != child || narrow.fields["access_token"] == first.fields["access_token"] || narrow.fields["scope"] != read {
				t.Errorf("narrowed: got %s\nafter %s", narrow.body, first.body)
			}
			for _, access := range []any{first.fields["access_token"], narrow.fields["access_token"]} {
				i.introspect(t, key, access).active(t)
			}
			c.advance(2 * time.Second)
			i.refresh(t, key, token, "").refused(t)
		})
	}
}

func TestAReusedRefreshTokenEndsItsFamily(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reuse func(c *clock, i *instance, key admin.CreatedKey, first any) answer
	}{
		{"RFC 6749 §10.4: used again after the grace", func(c *clock, i *instance, key admin.CreatedKey, first any) answer {
			i.refresh(t, key, first, "").granted(t)
			c.advance(11 * time.Second)
			return i.refresh(t, key, first, "")
		}},
		{"two generations behind, at once", func(_ *clock, i *instance, key admin.CreatedKey, first any) answer {
			second := i.refresh(t, key, first, "").granted(t)
			i.refresh(t, key, second, "").granted(t)
			return i.refresh(t, key, first, "")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &clock{}
			i := startWith(t, c, nil)
			key := i.create(t, admin.NewKey{Scopes: []string{"/accounts.read"}, GrantTypes: refreshing})
			other := i.token(t, key, "")
			start := i.token(t, key, "")
			before := i.refresh(t, key, other.granted(t), "")

			tt.reuse(c, i, key, start.granted(t)).refused(t)
			last := i.audit(t)[len(i.audit(t))-1]
			if last.Event != store.EventFamilyReused || last.Actor != "key:"+key.ClientID {
				t.Errorf("the last audit row is %+v", last)
			}
			i.introspect(t, key, start.fields["access_token"]).inactive(t)
			i.introspect(t, key, start.fields["refresh_token"]).inactive(t)
			i.refresh(t, key, start.fields["refresh_token"], "").refused(t)
			// The other family lives on.
			i.introspect(t, key, other.fields["access_token"]).active(t)
			i.refresh(t, key, before.fields["refresh_token"], "").granted(t)
			if rows := i.audit(t); rows[len(rows)-1] != last {
				t.Errorf("there is another audit row: %+v", rows[len(rows)-1])
			}
		})
	}
}

func TestManyUsesOfOneRefreshTokenNeverGiveTwoLiveChildren(t *testing.T) {
	i := start(t, nil)
	key := i.create(t, admin.NewKey{Scopes: []string{"/accounts.read", "/ping.read"}, GrantTypes: refreshing})
	token := i.token(t, key, "").granted(t)
	const uses = 200
	answers := make([]answer, uses)
	var running sync.WaitGroup
	for n := range uses {
		more := []string{"", "&scope=/ping.read"}[n%2]
		running.Go(func() { answers[n] = i.refresh(t, key, token, more) })
	}
	running.Wait()
	bodies := map[string]bool{}
	for _, got := range answers {
		if got.granted(t) != answers[0].fields["refresh_token"] {
			t.Fatalf("got %s\nand %s", got.body, answers[0].body)
		}
		bodies[got.body] = true
	}
	if len(bodies) != 2 {
		t.Errorf("two different requests got %d different answers", len(bodies))
	}
	i.refresh(t, key, answers[0].fields["refresh_token"], "").granted(t)
}

func TestARefreshTokenThatIsNotUsedEnds(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	i.createAPI(t, admin.NewAPI{Audience: "https://idle.example", Scopes: []string{"/idle"}, RefreshTokenIdleLifetime: 60})
	for _, rotation := range []admin.RefreshRotation{admin.RotationOn, admin.RotationOff} {
		t.Run("rotation "+string(rotation), func(t *testing.T) {
			key := i.create(t, admin.NewKey{Scopes: []string{"/idle", "/ping.read"}, GrantTypes: refreshing, RefreshRotation: rotation})
			token := i.token(t, key, "").granted(t)
			c.advance(50 * time.Second)
			i.introspect(t, key, token).active(t)
			token = i.refresh(t, key, token, "").granted(t)
			c.advance(50 * time.Second)
			got := i.refresh(t, key, token, "")
			// A token that is kept cannot show that it is in use.
			if rotation == admin.RotationOff {
				got.refused(t)
				return
			}
			token = got.granted(t)
			c.advance(time.Minute)
			i.introspect(t, key, token).inactive(t)
			i.refresh(t, key, token, "").refused(t)
		})
	}
}

func TestAKeyThatKeepsItsRefreshTokens(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	key := i.create(t, admin.NewKey{Scopes: []string{"/accounts.read"}, GrantTypes: refreshing, RefreshRotation: admin.RotationOff})
	first := i.token(t, key, "")
	token := first.granted(t)
	seen := map[any]bool{first.fields["access_token"]: true}
	for range 3 {
		c.advance(time.Hour / 2)
		i.untilReady(t)
		got := i.refresh(t, key, token, "")
		if got.granted(t) != token || seen[got.fields["access_token"]] {
			t.Errorf("got %s", got.body)
		}
		seen[got.fields["access_token"]] = true
	}
	got := i.refresh(t, key, token, "")
	if got := i.revoke(t, key, token, ""); got.status != http.StatusOK {
		t.Fatalf("revoke: got %d %s", got.status, got.body)
	}
	i.refresh(t, key, token, "").refused(t)
	i.introspect(t, key, got.fields["access_token"]).inactive(t)
}

func TestNotBeforeEndsFamilies(t *testing.T) {
	i := start(t, nil)
	i.createAPI(t, admin.NewAPI{Audience: "https://second.example", Scopes: []string{"/second.read"}})
	key := i.create(t, admin.NewKey{Scopes: []string{"/accounts.read", "/second.read"}, GrantTypes: refreshing})
	for _, path := range []string{"keys/" + key.ClientID + "/revoke-tokens", "apis/" + i.api(t, "https://second.example").ID + "/revoke-tokens", "revoke-tokens"} {
		t.Run(path, func(t *testing.T) {
			before := i.token(t, key, "")
			used := i.refresh(t, key, i.token(t, key, "").granted(t), "")
			i.operate(t, http.MethodPost, "/admin/v1/"+path, admin.TokenRevocation{}, nil)
			for _, old := range []answer{before, used} {
				i.refresh(t, key, old.fields["refresh_token"], "").refused(t)
				i.introspect(t, key, old.fields["refresh_token"]).inactive(t)
				i.introspect(t, key, old.fields["access_token"]).inactive(t)
			}
			after := i.token(t, key, "")
			i.introspect(t, key, after.fields["access_token"]).active(t)
			i.introspect(t, key, i.refresh(t, key, after.granted(t), "").fields["access_token"]).active(t)
		})
	}
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
	refresh = i.sdk(t, refreshJSON(refresh, "")).granted(t)
	i.operate(t, http.MethodDelete, path, nil, nil)
	got := i.sdk(t, refreshJSON(refresh, ""))
	if got.status != http.StatusUnauthorized {
		t.Errorf("deleted: got %d %s", got.status, got.body)
	}
}

// flaky is a store whose writes of tokens fail when told to.
type flaky struct {
	store.Store
	outage *atomic.Pointer[outage]
}

// outage is how a write fails: before anything happened, or when all has.
type outage struct {
	err   error
	after bool
}

func (f flaky) Rotate(ctx context.Context, r store.Rotation) (store.Rotated, error) {
	return failing(f, func() (store.Rotated, error) { return f.Store.Rotate(ctx, r) })
}

func (f flaky) Write(ctx context.Context, by store.Origin, mutations ...store.Mutation) (store.Position, error) {
	return failing(f, func() (store.Position, error) { return f.Store.Write(ctx, by, mutations...) })
}

func failing[T any](f flaky, do func() (T, error)) (T, error) {
	var nothing T
	broken := f.outage.Load()
	if broken == nil {
		return do()
	}
	if broken.after {
		_, err := do()
		if err != nil {
			return nothing, err
		}
	}
	return nothing, broken.err
}

// outages are the ways in which a store fails that pass by themselves.
func outages() map[string]*outage {
	return map[string]*outage{
		"nothing was written":                           {err: errors.Join(store.ErrUnavailable, errors.New("disk on fire"))},
		"nobody knows, and nothing was written":         {err: errors.Join(store.ErrUnknown, errors.New("disk on fire"))},
		"nobody knows, and everything was written":      {err: errors.Join(store.ErrUnknown, errors.New("disk on fire")), after: true},
		"the store is away, and everything was written": {err: errors.Join(store.ErrUnavailable, errors.New("disk on fire")), after: true},
	}
}

// comeAgain fails unless the answer asks to try again and shows no cause.
func (a answer) comeAgain(t *testing.T) {
	t.Helper()
	if a.status != http.StatusServiceUnavailable || a.fields["error"] != string(oauth.TemporarilyUnavailable) ||
		a.header.Get("Retry-After") != "1" || strings.Contains(a.body, "fire") {
		t.Errorf("got %d %s, Retry-After %q", a.status, a.body, a.header.Get("Retry-After"))
	}
}

func TestARefreshWithoutTheStoreWorksWhenItIsBack(t *testing.T) {
	var broken atomic.Pointer[outage]
	i := startOn(t, &clock{}, nil, func(s store.Store) store.Store { return flaky{s, &broken} })
	key := i.create(t, admin.NewKey{Scopes: []string{"/accounts.read"}, GrantTypes: refreshing})
	for name, f := range outages() {
		t.Run(name, func(t *testing.T) {
			token := i.token(t, key, "").granted(t)
			broken.Store(f)
			i.refresh(t, key, token, "").comeAgain(t)
			broken.Store(nil)
			child := i.refresh(t, key, token, "").granted(t)
			i.refresh(t, key, child, "").granted(t)
		})
	}
	if !strings.Contains(i.log.String(), "disk on fire") {
		t.Error("the log does not say why")
	}
}
