package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/usage"
)

const (
	day      = 24 * time.Hour
	scripted = `"><script>alert(1)</script>`
)

// withOldKey makes a live key of this age that was used today, with a secret that ends when it
// is said, the zero time for never.
func (r *running) withOldKey(id string, age time.Duration, ends time.Time) {
	r.t.Helper()
	made := r.now.Add(-age)
	_, err := r.db.Write(r.t.Context(), store.Origin{Actor: "test" + scripted, At: r.now}, store.CreateClient{Client: store.Client{
		ID: id, Name: id + scripted, Mode: store.Live, CreatedAt: made, UpdatedAt: made,
		Secrets: []store.Secret{{ID: "1", Name: "prod" + scripted, Hash: []byte(id), CreatedAt: made, ExpiresAt: ends}},
	}})
	if err != nil {
		r.t.Fatal(err)
	}
}

// counted stores what was counted in a minute.
func (r *running) counted(at time.Time, seq int64, counts map[string]*usage.Counts) {
	r.t.Helper()
	batches := usage.Batches(at, usage.Together(counts))
	for i := range batches {
		batches[i].Seq = seq
	}
	err := r.db.AddUsage(r.t.Context(), batches...)
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestTheDashboardOfANewServerSaysWhatToDo(t *testing.T) {
	r := start(t)
	got := r.request("GET", "/console/", r.signedIn("ada", store.Developer), nil)
	said := textOf(got.body)
	for _, want := range []string{"Tokens a minute 0", "Nothing: no secret ends", "There is no key yet. Make the first one", "No key got a token"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q: %s", want, said)
		}
	}
}

func TestTheDashboardSaysWhatNeedsAttention(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Viewer)
	r.withOldKey("ending", day, r.now.Add(13*day))
	r.withOldKey("later", day, r.now.Add(15*day))
	r.withOldKey("ended", day, r.now.Add(-time.Minute))
	r.withOldKey("old", 366*day, time.Time{})
	r.withOldKey("young", 80*day, time.Time{})
	for n := range 60 {
		r.withOldKey("newer-"+string(rune('A'+n)), time.Hour, time.Time{})
	}
	r.told(
		store.NodeReport{Node: store.NodeID{1}, Name: "alpha", ReportedAt: r.now, Period: time.Minute, Tokens: 300, Failures: 60, Mean: time.Millisecond, P99: 5 * time.Millisecond},
		store.NodeReport{Node: store.NodeID{2}, Name: "beta", ReportedAt: r.now, Period: time.Minute, Tokens: 120, Mean: 3 * time.Millisecond, P99: 10 * time.Millisecond},
		store.NodeReport{Node: store.NodeID{3}, Name: "gone" + scripted, ReportedAt: r.now.Add(-5 * time.Minute), Period: time.Minute, Tokens: 1e6},
	)
	got := r.request("GET", "/console/", cookie, nil)
	list := between(got.body, `id="attention"`, "</ul>")
	said := textOf(list)
	for _, want := range []string{
		"The node gone", "is silent: it told of itself 5 minutes ago", "of ending", "ends in 13 days",
		"of old", "never ends, and was made 366 days ago", "was never used, and is older than 90 days",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q: %s", want, said)
		}
	}
	for _, wrong := range []string{"later", "ended", "young", "newer", "alpha", "beta"} {
		if strings.Contains(said, wrong) {
			t.Errorf("%s needs no attention: %s", wrong, said)
		}
	}
	for _, link := range []string{"/console/secrets#ending", "/console/secrets#weak", "/console/keys?used=unused&amp;state=enabled"} {
		if !strings.Contains(got.body, `href="`+link+`"`) {
			t.Errorf("there is no link to %s", link)
		}
	}
	secrets := r.request("GET", "/console/secrets", cookie, nil)
	ending, weak := textOf(between(secrets.body, `id="ending"`, `id="weak"`)), textOf(between(secrets.body, `id="weak"`, "</main>"))
	if !strings.Contains(ending, "ending") || strings.Contains(ending, "old") || !strings.Contains(weak, "old") || strings.Contains(weak, "young") {
		t.Errorf("ending: %s\nweak: %s", ending, weak)
	}
	if strings.Contains(secrets.body, "<script>alert") {
		t.Errorf("got %s", secrets.body)
	}
	figures := textOf(got.body)
	for _, want := range []string{"Tokens a minute 420", "Failures a minute 60", "A token takes 1.5 ms", "99 of 100 take up to 10 ms", "Nodes 2 "} {
		if !strings.Contains(figures, want) {
			t.Errorf("the page lacks %q: %s", want, figures)
		}
	}
	if got.Code != http.StatusOK || strings.Contains(got.body, "<script>") {
		t.Errorf("got %d: %s", got.Code, got.body)
	}
}

func TestTheDashboardChartsAllKeysTogether(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Viewer)
	hour := r.now.Truncate(time.Hour)
	failure := usage.Failure{Reason: usage.WrongSecret, From: "203.0.113.7", Count: 4, Last: r.now.Add(-2 * time.Minute)}
	r.counted(hour, 1, map[string]*usage.Counts{
		"a": {Uses: [3]uint64{5, 1, 2}}, "b": {Uses: [3]uint64{7, 0, 0}},
		"": {Failures: [7]uint64{4, 0, 1}, Recent: []usage.Failure{failure}},
	})
	r.counted(hour.Add(-3*time.Hour), 2, map[string]*usage.Counts{"a": {Uses: [3]uint64{8, 0, 0}}})
	r.counted(hour.Add(-48*time.Hour), 3, map[string]*usage.Counts{"a": {Uses: [3]uint64{100, 0, 0}}})
	got := r.request("GET", "/console/", cookie, nil)
	numbers := textOf(between(got.body, `id="numbers"`, "</table>"))
	for _, want := range []string{
		hour.Format("2006-01-02 15:04 UTC") + " 12 5 1", hour.Add(-3*time.Hour).Format("2006-01-02 15:04 UTC") + " 8 0 0",
	} {
		if !strings.Contains(numbers, want) {
			t.Errorf("the numbers lack %q: %s", want, numbers)
		}
	}
	said := textOf(got.body)
	for _, want := range []string{"tokens 20 ", "wrong secret: 4 too many requests: 1", "Wrong secret from 203.0.113.7, 4 times, last 2 minutes ago."} {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q: %s", want, said)
		}
	}
	if bars := strings.Count(got.body, `<rect class="tokens"`); bars != 24 {
		t.Errorf("got %d bars, want 24", bars)
	}
}

// between is what of a page lies between two texts.
func between(page, from, to string) string {
	_, rest, _ := strings.Cut(page, from)
	inside, _, _ := strings.Cut(rest, to)
	return inside
}
