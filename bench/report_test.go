package main

import (
	"os"
	"path/filepath"
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

func exampleReport() report {
	second := []time.Duration{100 * time.Millisecond, time.Second, 250 * time.Millisecond}
	return report{
		rounds: 1, duration: time.Second, example: sample{algorithm: "ES256"},
		series: []series{{
			contender: contender{name: "g"}, connections: 32, ratios: []float64{0.80}, cpuRatios: []float64{0.70},
			rounds: []sampleRun{{rate: 1000, cpu: 1500 * time.Nanosecond}},
		}},
		startup:    startup{fresh: second, again: second, token: second},
		window:     window{requests: 10000, idle: counters{"poll": 15}, loaded: counters{"poll": 16}, before: database{rows: 7}, after: database{rows: 7}},
		idleMemory: 61 << 20,
	}
}

func TestReportComparesWithTheGoals(t *testing.T) {
	rep := exampleReport()
	text := oneSpace(rep.markdown())
	want := []string{
		"| g, to the signing limit server, connections: 32 | 0.80 | ≥ 0.75 | reached |",
		"| SQL statements per token | 0.0001 | 0 | reached |",
		"| 61.0 MB | ≤ 60.0 MB | missed |",
		"| 250 ms | ≤ 300 ms | reached |",
		"SQL statements: 16 (poll 16); idle 15 (poll 15)", "7 before, 7 after", "1.5 µs",
	}
	for _, part := range want {
		if !strings.Contains(text, part) {
			t.Errorf("got no %q in:\n%s", part, text)
		}
	}
	rep.window.after.rows = 8
	if !strings.Contains(oneSpace(rep.markdown()), "| rows for 10000 tokens | 1 | 0 | missed |") {
		t.Error("one row more is not noticed")
	}
}

func oneSpace(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestReportIsSoundOrNot(t *testing.T) {
	rep := exampleReport()
	err := rep.sound()
	if err != nil {
		t.Errorf("got %v, want none", err)
	}
	rep.example.algorithm = "RS256"
	if rep.sound() == nil {
		t.Error("another algorithm is not noticed")
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
