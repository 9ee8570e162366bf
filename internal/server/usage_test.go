package server_test

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	counting "github.com/grantd/grantd/internal/usage"
)

func (u unreachable) AddUsage(ctx context.Context, batches ...store.UsageBatch) error {
	if u.away.Load() {
		return errAway
	}
	return u.Store.AddUsage(ctx, batches...)
}

// used is what the operator sees that a key was used for in the last day.
func (i *instance) used(t *testing.T, id string) admin.Usage {
	t.Helper()
	to := i.now().Add(time.Second)
	used, err := i.admin.KeyUsage(t.Context(), id, admin.UsageRange{From: to.Add(-24 * time.Hour), To: to})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

func TestWhatAKeyIsUsedForIsCounted(t *testing.T) {
	i := start(t, nil)
	sdk, plain := i.Demo.SDK, i.Demo.Plain
	send := func(path, id, secret string, params url.Values, want int) answer {
		t.Helper()
		a := i.do(t, request{path: path, contentType: formType, user: id, password: secret, body: params.Encode()})
		if a.status != want {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		return a
	}
	tokens := func(grant string) url.Values { return url.Values{"grant_type": {grant}} }
	var issued answer
	for range 7 {
		issued = send("", sdk.ClientID, sdk.ClientSecret, tokens("client_credentials"), http.StatusOK)
	}
	refresh := tokens("refresh_token")
	refresh.Set("refresh_token", issued.fields["refresh_token"].(string))
	send("", sdk.ClientID, sdk.ClientSecret, refresh, http.StatusOK)
	for range 3 {
		send("/oauth2/introspect", sdk.ClientID, sdk.ClientSecret, url.Values{"token": {issued.fields["access_token"].(string)}}, http.StatusOK)
	}
	send("/oauth2/introspect", sdk.ClientID, sdk.ClientSecret, nil, http.StatusBadRequest)
	for range 4 {
		send("", sdk.ClientID, "wrong", tokens("client_credentials"), http.StatusUnauthorized)
	}
	beyond := tokens("client_credentials")
	beyond.Set("scope", "/beyond")
	send("", sdk.ClientID, sdk.ClientSecret, beyond, http.StatusBadRequest)
	// What nobody's id is used for is on no key's account.
	send("", "nobody", sdk.ClientSecret, tokens("client_credentials"), http.StatusUnauthorized)
	send("", plain.ClientID, plain.ClientSecret, tokens("refresh_token"), http.StatusBadRequest)
	_, err := i.admin.UpdateKey(t.Context(), plain.ClientID, admin.KeyChange{Networks: &[]string{"192.0.2.0/24"}})
	if err != nil {
		t.Fatal(err)
	}
	send("", plain.ClientID, plain.ClientSecret, tokens("client_credentials"), http.StatusForbidden)
	i.operate(t, http.MethodPost, "/admin/v1/keys/"+plain.ClientID+"/disable", nil, nil)
	send("", plain.ClientID, plain.ClientSecret, tokens("client_credentials"), http.StatusUnauthorized)

	got := i.used(t, sdk.ClientID)
	want := admin.UsageNumbers{
		Tokens: 8, Refreshes: 1, Introspections: 3, Failures: admin.UsageFailures{WrongSecret: 4, ScopeRefused: 1, Other: 1},
	}
	if diff := cmp.Diff(want, got.Total); diff != "" || len(got.Items) == 0 {
		t.Errorf("the key with refresh tokens (-want +got):\n%s", diff)
	}
	wrong := got.RecentFailures[len(got.RecentFailures)-1]
	for _, failure := range got.RecentFailures {
		if failure.Reason == "wrong_secret" {
			wrong = failure
		}
	}
	if len(got.RecentFailures) != 3 || wrong.Address != "127.0.0.1" || wrong.Count != 4 || wrong.LastAt.IsZero() {
		t.Errorf("recent failures: %+v", got.RecentFailures)
	}
	want = admin.UsageNumbers{Failures: admin.UsageFailures{GrantNotAllowed: 1, PolicyRefused: 1, Disabled: 1}}
	if diff := cmp.Diff(want, i.used(t, plain.ClientID).Total); diff != "" {
		t.Errorf("the plain key (-want +got):\n%s", diff)
	}
	shown, err := i.admin.ShowKey(t.Context(), sdk.ClientID)
	if err != nil || shown.LastUsedAt.IsZero() {
		t.Errorf("the key was last used at %s, %v", shown.LastUsedAt, err)
	}
}

func TestUsageOutlastsTheServer(t *testing.T) {
	i := launch(t, options{})
	for range 5 {
		i.form(t, "grant_type=client_credentials")
	}
	id := i.Demo.Plain.ClientID
	i.end()
	again := launch(t, options{dir: i.dir})
	again.form(t, "grant_type=client_credentials")
	if got := again.used(t, id); got.Total.Tokens != 6 {
		t.Errorf("got %d tokens, want 6", got.Total.Tokens)
	}
}

func TestUsageIsKeptWhileTheStoreIsAway(t *testing.T) {
	away := &atomic.Bool{}
	i := startOn(t, &clock{}, nil, func(s store.Store) store.Store { return unreachable{s, away} })
	id := i.Demo.Plain.ClientID
	away.Store(true)
	for range 3 {
		for range 10 {
			if a := i.form(t, "grant_type=client_credentials"); a.status != http.StatusOK {
				t.Fatalf("got %d %s", a.status, a.body)
			}
		}
		// Whoever asks has the counts written down, which fails.
		to := i.now()
		_, err := i.admin.KeyUsage(t.Context(), id, admin.UsageRange{From: to.Add(-time.Hour), To: to})
		if err == nil {
			t.Fatal("the store is not away")
		}
	}
	away.Store(false)
	if got := i.used(t, id); got.Total.Tokens != 30 {
		t.Errorf("got %d tokens, want 30", got.Total.Tokens)
	}
}

func TestStrangersTakeNoMemoryOfTheCounters(t *testing.T) {
	var batches atomic.Int64
	var last atomic.Pointer[store.UsageBatch]
	i := startOn(t, &clock{}, nil, func(s store.Store) store.Store { return watched{s, &batches, &last} })
	for n := range 300 {
		i.do(t, request{contentType: formType, user: "stranger-" + string(rune('a'+n%26)) + string(rune('a'+n/26)), password: "x", body: "grant_type=client_credentials"})
	}
	i.used(t, i.Demo.Plain.ClientID)
	b := last.Load()
	// Beside the empty id there is that of all keys together.
	if batches.Load() != 1 || b.First != "" || b.Last != counting.AllKeys || len(b.Data) > 200 {
		t.Errorf("%d batches, the last from %q to %q with %d bytes", batches.Load(), b.First, b.Last, len(b.Data))
	}
}

// watched is a store that shows the batches it was given.
type watched struct {
	store.Store
	batches *atomic.Int64
	last    *atomic.Pointer[store.UsageBatch]
}

func (w watched) AddUsage(ctx context.Context, batches ...store.UsageBatch) error {
	w.batches.Add(int64(len(batches)))
	w.last.Store(&batches[len(batches)-1])
	return w.Store.AddUsage(ctx, batches...)
}

func TestUsageOfATimeThatIsNone(t *testing.T) {
	i := start(t, nil)
	now := i.now()
	for name, r := range map[string]admin.UsageRange{
		"it ends before it begins": {From: now, To: now.Add(-time.Hour)},
		"it is empty":              {From: now, To: now},
		"it is longer than kept":   {From: now.AddDate(-2, 0, 0), To: now},
	} {
		_, err := i.admin.KeyUsage(t.Context(), i.Demo.Plain.ClientID, r)
		if err == nil {
			t.Errorf("%s: it was answered", name)
		}
	}
	_, err := i.admin.KeyUsage(t.Context(), "nobody", admin.UsageRange{From: now.Add(-time.Hour), To: now})
	if err == nil {
		t.Error("the usage of nobody was answered")
	}
}
