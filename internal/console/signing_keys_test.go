package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// withSigningKey makes one that signs since this long ago.
func (r *running) withSigningKey(ago time.Duration) string {
	r.t.Helper()
	key, err := r.UseCases.Keys.New("ES256", r.now.Add(-ago), r.now.Add(-ago))
	if err == nil {
		_, err = r.db.Write(r.t.Context(), store.Origin{Actor: "test", At: r.now}, store.CreateSigningKey{SigningKey: key})
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return key.ID
}

func (r *running) signingKeys() map[string]string {
	r.t.Helper()
	found, err := r.UseCases.ListSigningKeys(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	states := map[string]string{}
	for _, key := range found.Items {
		states[key.ID] = string(key.State)
	}
	return states
}

func TestASigningKeyIsRevokedByItsTypedID(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Admin)
	kid := r.withSigningKey(time.Hour)
	path := "/console/signing-keys/" + kid + "/revoke"
	for _, typed := range []string{"", kid + " ", "x", scripted} {
		got := r.request("POST", path, cookie, url.Values{"typed": {typed}})
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(between(got.body, "<details", "</details>"), "What you typed is not") || r.signingKeys()[kid] != "active" {
			t.Errorf("typed %q: got %d, %v", typed, got.Code, r.signingKeys())
		}
	}
	for _, unknown := range []string{"nobody", "alg", "%22%3E%3Cscript%3E"} {
		typed, err := url.PathUnescape(unknown)
		if err != nil {
			t.Fatal(err)
		}
		got := r.request("POST", "/console/signing-keys/"+unknown+"/revoke", cookie, url.Values{"typed": {typed}})
		if got.Code != http.StatusNotFound || !strings.Contains(textOf(got.body), "There is no signing key") || strings.Contains(got.body, "><script>") {
			t.Errorf("%s: got %d %s", unknown, got.Code, textOf(got.body))
		}
	}
	got := r.request("POST", path, cookie, url.Values{"typed": {kid}})
	said := textOf(got.body)
	if got.Code != http.StatusOK || !strings.Contains(said, "every token it signed has ended, and ") || !strings.Contains(said, "signs from now on") {
		t.Errorf("got %d %s", got.Code, said)
	}
	states := r.signingKeys()
	if states[kid] != "revoked" || len(states) != 2 {
		t.Errorf("got %v, want the key revoked and another one", states)
	}
	// A form that comes twice changes nothing more.
	got = r.request("POST", path, cookie, url.Values{"typed": {kid}})
	if again := r.signingKeys(); got.Code != http.StatusOK || cmp.Diff(states, again) != "" || !strings.Contains(textOf(got.body), "nothing was changed") {
		t.Errorf("again: got %d, %v", got.Code, again)
	}
}

func TestWhatRotationRefusesStandsBesideTheButton(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Admin)
	r.withSigningKey(time.Hour)
	got := r.request("POST", "/console/signing-keys/rotate", cookie, url.Values{"alg": {"ES256"}})
	if got.Code != http.StatusSeeOther {
		t.Fatalf("got %d %s", got.Code, got.body)
	}
	for alg, want := range map[string]string{"ES256": "is published already and signs from", "RS256": "There is no RS256 signing key", scripted: "use one of"} {
		got = r.request("POST", "/console/signing-keys/rotate", cookie, url.Values{"alg": {alg}})
		if got.Code < 400 || got.Code >= 500 || !strings.Contains(textOf(between(got.body, `class="wrong"`, "</p>")), want) || strings.Contains(got.body, "<script>alert") {
			t.Errorf("%s: got %d, want %q: %s", alg, got.Code, want, textOf(got.body))
		}
	}
	if n := len(r.signingKeys()); n != 2 {
		t.Errorf("there are %d keys, want 2", n)
	}
}

func TestTheTimelineHasABarForEachState(t *testing.T) {
	now := time.Date(2030, 1, 11, 0, 0, 0, 0, time.UTC)
	at := func(days int) time.Time { return now.AddDate(0, 0, days) }
	line := newTimeline([]admin.SigningKey{
		{ID: "old", CreatedAt: at(-10), ActivatesAt: at(-10), RetiresAt: at(0), GoneAt: at(2)},
		{ID: "new", CreatedAt: at(-1), ActivatesAt: at(0)},
		{ID: "stolen", CreatedAt: at(-4), ActivatesAt: at(-3), RevokedAt: at(-2)},
		{ID: "unused", CreatedAt: at(-4), ActivatesAt: at(5), RevokedAt: at(-2)},
	}, now)
	var got [][]string
	for _, row := range line.Rows {
		bars := []string{row.ID}
		for _, bar := range row.Bars {
			bars = append(bars, bar.State)
			if bar.X < 0 || bar.X+bar.Width > chartWidth+2 || bar.Width < 2 {
				t.Errorf("%s: the bar %+v leaves the chart", row.ID, bar)
			}
		}
		got = append(got, bars)
	}
	want := [][]string{{"old", "active", "retiring"}, {"new", "pending", "active"}, {"stolen", "pending", "active"}, {"unused", "pending"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Ten of twelve days and a half have passed, and the old key retires now.
	old, next := line.Rows[0], line.Rows[1]
	if line.Now != 600 || old.Bars[0].X != 0 || old.Bars[0].Width != line.Now || old.Bars[1].X != line.Now || old.Bars[1].Width != 120 {
		t.Errorf("now is at %d, the old key has %+v", line.Now, old.Bars)
	}
	if end := next.Bars[1].X + next.Bars[1].Width; end != chartWidth {
		t.Errorf("the active key ends at %d, want the edge", end)
	}
	if line = newTimeline(nil, now); len(line.Rows) != 0 || line.Now <= 0 || line.Now >= chartWidth {
		t.Errorf("without keys: %+v", line)
	}
	line = newTimeline([]admin.SigningKey{
		{ID: "ancient", CreatedAt: at(-9000), ActivatesAt: at(-9000), RetiresAt: at(-20), GoneAt: at(-19)}, {ID: "young", CreatedAt: at(-20), ActivatesAt: at(-20)},
	}, now)
	ancient, young := line.Rows[0].Bars[0], line.Rows[1].Bars[0]
	if ancient.X != 0 || young.X+young.Width != chartWidth || young.Width < 80 {
		t.Errorf("beside an ancient key, %+v, a young one has %+v", ancient, young)
	}
}
