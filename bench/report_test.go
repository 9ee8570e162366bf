package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMedianPercentileSpread(t *testing.T) {
	if got := median([]float64{3, 1, 2}); got != 2 {
		t.Errorf("odd median: got %v, want 2", got)
	}
	if got := median([]int{4, 1, 2, 3}); got != 2 {
		t.Errorf("even median: got %v, want 2", got)
	}
	if got := median([]int(nil)); got != 0 {
		t.Errorf("median of nothing: got %v, want 0", got)
	}
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	if got := percentile(hundred, 99); got != 99 {
		t.Errorf("p99: got %v, want 99", got)
	}
	if got := percentile(hundred[:1], 50); got != 1 {
		t.Errorf("p50 of one: got %v, want 1", got)
	}
	low, high := spread([]float64{2, 1, 3})
	if low != 1 || high != 3 {
		t.Errorf("spread: got %v and %v, want 1 and 3", low, high)
	}
}

func TestRatiosAreOfTheSameRound(t *testing.T) {
	table := []series{
		{contender: contender{name: "a", against: []against{{name: "b"}, {name: "nobody"}}}, rounds: []sampleRun{{50, 40, 0, 6, 0}, {200, 20, 0, 2, 0}}},
		{contender: contender{name: "b"}, rounds: []sampleRun{{100, 10, 0, 2, 0}, {250, 10, 0, 4, 0}}},
	}
	for i := range table {
		table[i].compareWith(table)
	}
	if len(table[0].compared) != 1 || len(table[1].compared) != 0 {
		t.Fatalf("got %d and %d comparisons, want 1 and 0", len(table[0].compared), len(table[1].compared))
	}
	got := table[0].compared[0]
	diff := cmp.Diff([][]float64{{0.5, 0.8}, {0.25, 0.5}, {3, 0.5}}, [][]float64{got.ratios, got.cpuRatios, got.p99Ratios})
	if diff != "" {
		t.Errorf("ratios (-want +got):\n%s", diff)
	}
}

func TestChosenContendersBringThoseTheyAreComparedWith(t *testing.T) {
	all := []contender{
		{name: "ours", against: []against{{name: "limit"}, {name: "limit 3"}}},
		{name: "limit"},
		{name: "other", against: []against{{name: "limit 2"}}},
		{name: "limit 2"},
		{name: "limit 3"},
	}
	var got []string
	for _, c := range choose(all, regexp.MustCompile("^ours")) {
		got = append(got, c.name)
	}
	diff := cmp.Diff([]string{"ours", "limit", "limit 3"}, got)
	if diff != "" {
		t.Errorf("contenders (-want +got):\n%s", diff)
	}
}

func exampleReport() report {
	second := []time.Duration{100 * time.Millisecond, time.Second, 250 * time.Millisecond}
	return report{
		rounds: 1, duration: time.Second, usual: 32,
		series: []series{
			{
				contender: contender{name: "grantd g"}, connections: 32,
				rounds: []sampleRun{{rate: 1000, cpu: 1500 * time.Nanosecond}},
				compared: []comparison{
					{against{name: "limit: a", ratio: 0.75, p99: 1.3}, []float64{0.80}, []float64{0.70}, []float64{1.4}},
					{against{name: "limit: b", kind: kindES256, bar: "grantd"}, []float64{0.25}, []float64{0.20}, []float64{1.5}},
				},
			},
			{contender: contender{name: "r", rate: 3000}, connections: 32, rounds: []sampleRun{{rate: 2999}}},
		},
		peers: []peerResult{
			examplePeer(),
			{peer: peer{Name: "other", Package: "other-package", Version: "2", Settings: "None.", Missing: "it is not there"}},
		},
		flood: flood{
			without: []floodRound{{rate: 1000, p50: time.Microsecond, p99: 2 * time.Microsecond}},
			with:    []floodRound{{rate: 999, p50: time.Microsecond, p99: 5 * time.Microsecond}},
			guesses: []floodRound{{rate: 9999, statuses: map[int]int{429: 7, 401: 20}}},
		},
		crowds:     crowds{few: 10, some: 100, many: 1010, fewMemory: 1 << 20, manyMemory: 1<<20 + 130_000, loaded: time.Second},
		idle:       idleConnections{count: 1000, ours: 4096_000, limits: 8192_000},
		startup:    startup{fresh: second, again: second, token: second},
		windows:    []window{{unit: "token", requests: 10000, idle: counters{"poll": 15}, loaded: counters{"poll": 16}, before: database{rows: 7}, after: database{rows: 7}}},
		growth:     growth{jwts: 3, opaques: 2, before: database{rows: 7, size: 4096}, after: database{rows: 7, size: 4096}},
		idleMemory: 61 << 20,
		revocations: revocations{
			count: 9, without: memory{idle: 10 << 20, loaded: 20 << 20}, with: memory{idle: 40 << 20, loaded: 90 << 20}, ready: time.Second,
		},
		syncTime: 2500 * time.Nanosecond,
	}
}

func examplePeer() peerResult {
	p := peerResult{peer: peer{Name: "slow", Package: "slow-package", Version: "1.2", Settings: "All defaults."}, memory: 5 << 20}
	p.series = []series{
		{contender: contender{name: "limit: b"}, rounds: []sampleRun{{rate: 2000}}},
		{
			contender: contender{name: "slow: ES256 JWT"}, connections: 32, rounds: []sampleRun{{rate: 20}},
			compared: []comparison{{against{name: "limit: b", kind: kindES256, bar: "slow"}, []float64{0.0123}, []float64{1}, []float64{1}}},
		},
		{
			contender: contender{name: "grantd g"}, connections: 32, rounds: []sampleRun{{rate: 1000}},
			compared: []comparison{{against{name: "slow: ES256 JWT", ratio: 60}, []float64{50}, []float64{40}, []float64{1}}},
		},
	}
	return p
}

func TestReportComparesWithTheGoals(t *testing.T) {
	tests := []struct {
		name   string
		change func(rep *report)
		want   []string
	}{
		{"ratios and rates", nil, []string{
			"| grantd g / limit: a, connections: 32 | 0.80 | ≥ 0.75 | reached |",
			"| p99 of grantd g / limit: a, connections: 32 | 1.40 | ≤ 1.30 | missed |",
			"| r, connections: 32 | 2999/s | ≥ 3000/s | missed |",
		}},
		{"a second comparison has a row of its own", nil, []string{
			"| a | 0.80 | 0.80-0.80 | 0.70 | 1.40 |", "| | | | | | | | b | 0.25 | 0.25-0.25 | 0.20 | 1.50 |",
		}},
		{"other servers", nil, []string{
			"| grantd g / slow: ES256 JWT, connections: 32 | 50.00 | ≥ 60.00 | missed |",
			"| slow: ES256 JWT | 20 | 20-20 | 0.0 µs | 0.0 µs | 0.0 µs | 0.012 | 0.012-0.012 | 1000/s | 50 | 50-50 | 40 |",
			"| other | missing |", "- **slow** (`slow-package` 1.2): All defaults. It held 5.0 MB after the load.",
			"- **other** (`other-package` 2): None. Missing: it is not there",
		}},
		{"a flood", nil, []string{
			"| honest p99 beside a flood / without | 2.50 | ≤ 2 | missed |",
			"honest, with: 999/s, p50 1.0 µs, p99 5.0 µs", "answered 20 times 401, 7 times 429",
		}},
		{"many keys and connections", nil, []string{"130 bytes a key", "grantd: 3.9 MB, 4.0 KB each", "limit: form: 7.8 MB, 8.0 KB each"}},
		{"what is stored", nil, []string{
			"| SQL statements per token | 0.0001 | 0 | reached |",
			"SQL statements: 16 (poll 16); idle 15 (poll 15)", "7 before, 7 after", "1.5 µs",
			"| database file after 5 tokens (3 JWTs, 2 opaque) | 4096 bytes | 4096 bytes, as before | reached |",
			"database file in bytes: 4096 before, 4096 after, so 0 for a million tokens",
		}},
		{"memory and time", nil, []string{
			"| 61.0 MB | ≤ 60.0 MB | missed |",
			"| 250 ms | ≤ 300 ms | reached |",
			"| resident memory that 9 revocations add | 70.0 MB | ≤ 64.0 MB | missed |",
			"after a load of opaque tokens: 20.0 MB, 90.0 MB", "start to ready with them: 1000 ms", "2.5 µs here",
		}},
		{"one row more", func(rep *report) { rep.windows[0].after.rows = 8 }, []string{"| rows for 10000 tokens | 1 | 0 | missed |"}},
		{"one page more", func(rep *report) { rep.growth.after.size = 8192 }, []string{"| 8192 bytes | 4096 bytes, as before | missed |"}},
		{"one row more in a file as large", func(rep *report) { rep.growth.after.rows = 8 }, []string{"| 4096 bytes | 4096 bytes, as before | missed |"}},
		{"no sqlite3 command", func(rep *report) {
			rep.windows[0].before.rows, rep.windows[0].after.rows, rep.revocations.count = -1, -1, 0
		}, []string{"| bytes for 10000 tokens | 0 | 0 | reached |", "not counted, no sqlite3 command", "revocations was not measured"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rep := exampleReport()
			if test.change != nil {
				test.change(&rep)
			}
			text := oneSpace(rep.markdown("plot.svg"))
			for _, part := range test.want {
				if !strings.Contains(text, part) {
					t.Errorf("got no %q in:\n%s", part, text)
				}
			}
		})
	}
}

func oneSpace(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestReportIsSoundOrNot(t *testing.T) {
	rep := exampleReport()
	err := rep.sound()
	if err != nil {
		t.Errorf("got %v, want none", err)
	}
	rep.series[0].rounds[0].bad = 1
	if rep.sound() == nil {
		t.Error("a bad answer is not noticed")
	}
	rep = exampleReport()
	rep.peers[0].series[1].rounds[0].bad = 1
	if rep.sound() == nil {
		t.Error("a bad answer of a peer is not noticed")
	}
}

func TestSignificantDigits(t *testing.T) {
	for value, want := range map[float64]string{0: "0", 0.000123: "0.00012", 0.1: "0.10", 0.956: "0.96", 1: "1.0", 4.44: "4.4", 12.3: "12", 1234: "1234"} {
		if got := significant(value); got != want {
			t.Errorf("%v: got %s, want %s", value, got, want)
		}
	}
}

func TestAPartOfADocumentIsReplaced(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.md")
	write := func(text string) {
		err := os.WriteFile(name, []byte(text), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + keysPart.begin() + keysPart.end() + mainPart.begin() + "old\n" + mainPart.end() + "after\n")
	for range 2 {
		err := mainPart.replace(name, "new\n")
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff("before\n"+keysPart.begin()+keysPart.end()+mainPart.begin()+"\nnew\n\n"+mainPart.end()+"after\n", string(got))
	if diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	write("no markers\n")
	err = mainPart.replace(name, "new\n")
	if err == nil {
		t.Error("got no error for a document without markers")
	}
}

func TestThePageHasAllGeneratedParts(t *testing.T) {
	text, err := os.ReadFile("../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []part{mainPart, keysPart} {
		if !strings.Contains(string(text), p.begin()) || !strings.Contains(string(text), p.end()) {
			t.Errorf("docs/performance.md has no %s", p)
		}
	}
}
