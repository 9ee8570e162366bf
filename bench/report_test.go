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
		{contender: contender{name: "a", base: "b"}, rounds: []sampleRun{{rate: 50, cpu: 40}, {rate: 200, cpu: 20}}},
		{contender: contender{name: "b"}, rounds: []sampleRun{{rate: 100, cpu: 10}, {rate: 250, cpu: 10}}},
	}
	for i := range table {
		table[i].compareWith(table)
	}
	diff := cmp.Diff([][]float64{{0.5, 0.8}, {0.25, 0.5}, nil}, [][]float64{table[0].ratios, table[0].cpuRatios, table[1].ratios})
	if diff != "" {
		t.Errorf("ratios (-want +got):\n%s", diff)
	}
}

func TestChosenContendersBringTheirBase(t *testing.T) {
	all := []contender{{name: "ours", base: "limit"}, {name: "limit"}, {name: "other", base: "limit 2"}, {name: "limit 2"}}
	var got []string
	for _, c := range choose(all, regexp.MustCompile("^ours")) {
		got = append(got, c.name)
	}
	diff := cmp.Diff([]string{"ours", "limit"}, got)
	if diff != "" {
		t.Errorf("contenders (-want +got):\n%s", diff)
	}
}

func exampleReport() report {
	second := []time.Duration{100 * time.Millisecond, time.Second, 250 * time.Millisecond}
	return report{
		rounds: 1, duration: time.Second,
		examples: examples{
			jwt:    sample{body: []byte(`{"access_token":"eyJhbGciOiJFUzI1NiJ9.e30.c2ln"}`)},
			opaque: sample{body: []byte(`{"access_token":"gda_x"}`)},
		},
		series: []series{
			{
				contender: contender{name: "g", base: "limit", ratio: 0.75}, connections: 32,
				ratios: []float64{0.80}, cpuRatios: []float64{0.70},
				rounds: []sampleRun{{rate: 1000, cpu: 1500 * time.Nanosecond}},
			},
			{contender: contender{name: "r", rate: 3000}, connections: 32, rounds: []sampleRun{{rate: 2999}}},
		},
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

func TestReportComparesWithTheGoals(t *testing.T) {
	tests := []struct {
		name   string
		change func(rep *report)
		want   []string
	}{
		{"ratios and rates", nil, []string{
			"| g / limit, connections: 32 | 0.80 | ≥ 0.75 | reached |",
			"| r, connections: 32 | 2999/s | ≥ 3000/s | missed |",
		}},
		{"what is stored", nil, []string{
			"| SQL statements per token | 0.0001 | 0 | reached |",
			"SQL statements: 16 (poll 16); idle 15 (poll 15)", "7 before, 7 after", "1.5 µs",
			"| database file after 5 tokens (3 JWTs, 2 opaque) | 4096 bytes | 4096 bytes, as before | reached |",
			"database file in bytes: 4096 before, 4096 after",
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
			text := oneSpace(rep.markdown())
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
	rep.examples.jwt, rep.examples.opaque = rep.examples.opaque, rep.examples.jwt
	if rep.sound() == nil {
		t.Error("another kind of token is not noticed")
	}
	rep = exampleReport()
	rep.series[0].rounds[0].bad = 1
	if rep.sound() == nil {
		t.Error("a bad answer is not noticed")
	}
}

func TestReplaceGenerated(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.md")
	write := func(text string) {
		err := os.WriteFile(name, []byte(text), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + beginGenerated + "old\n" + endGenerated + "after\n")
	for range 2 {
		err := replaceGenerated(name, "new\n")
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff("before\n"+beginGenerated+"\nnew\n\n"+endGenerated+"after\n", string(got))
	if diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	write("no markers\n")
	err = replaceGenerated(name, "new\n")
	if err == nil {
		t.Error("got no error for a document without markers")
	}
}
