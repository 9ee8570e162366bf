package console

import (
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// told stores what a node says of itself.
func (r *running) told(reports ...store.NodeReport) {
	r.t.Helper()
	for _, one := range reports {
		err := r.db.ReportNode(r.t.Context(), one, one.ReportedAt.Add(-24*time.Hour))
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// textOf is what a page says without its tags, in one line.
func textOf(page string) string {
	var b strings.Builder
	tag := false
	for _, c := range page {
		switch {
		case c == '<':
			tag = true
		case c == '>':
			tag = false
			b.WriteByte(' ')
		case !tag:
			b.WriteRune(c)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestThePageOfNodesHasAllOfThem(t *testing.T) {
	r := start(t)
	cookie := r.signedIn("ada", store.Viewer)
	got := r.request("GET", "/console/nodes", cookie, nil)
	if !strings.Contains(got.body, "No node has told how it is yet") {
		t.Errorf("without nodes: %s", textOf(got.body))
	}
	r.UseCases.Node = store.NodeID{0xab}
	r.told(
		store.NodeReport{
			Node: store.NodeID{0xab}, Name: "alpha", Version: "v1.2.3", StartedAt: r.now.Add(-2 * time.Hour), ReportedAt: r.now.Add(-time.Minute),
			Staleness: 187 * time.Millisecond, Keys: 1234, Period: time.Minute, Tokens: 90, Failures: 3000, Mean: 321 * time.Microsecond, P99: 2500 * time.Microsecond,
		},
		store.NodeReport{Node: store.NodeID{0xcd}, Name: "<img src=x onerror=alert(1)>", StartedAt: r.now.Add(-time.Hour), ReportedAt: r.now.Add(-4 * time.Minute)},
	)
	got = r.request("GET", "/console/nodes", cookie, nil)
	said := textOf(got.body)
	for _, want := range []string{
		"alpha ab000000 made this page v1.2.3 2 hours ago 1 minute ago 187 ms 1234 1.5/s 50/s 321 µs up to 2.5 ms",
		"&lt;img src=x onerror=alert(1)&gt; cd000000 1 hour ago stale 4 minutes ago – 0 0/s 0/s – –",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q: %s", want, said)
		}
	}
	if strings.Contains(got.body, "<img") || strings.Count(got.body, "made this page") != 1 || strings.Count(got.body, ">stale<") != 1 {
		t.Errorf("got %s", got.body)
	}
}
