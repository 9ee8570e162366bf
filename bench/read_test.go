package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseStat(t *testing.T) {
	got, err := parseStat("42 (a) b (c) S 1 42 42 0 -1 4194560 1 0 0 0 150 25 0 0 20 0 7 0 100 1 1")
	if err != nil || got != 1750*time.Millisecond {
		t.Errorf("got %s and %v, want 1.75s", got, err)
	}
	_, err = parseStat("42 (a) S 1")
	if err == nil {
		t.Error("got no error for a short line")
	}
}

func TestProcessNumbersOfOurOwn(t *testing.T) {
	_, err := cpuTime(os.Getpid())
	if err != nil {
		t.Error(err)
	}
	now, most, err := resident(os.Getpid())
	if err != nil || now <= 0 || most < now {
		t.Errorf("got %d now, %d at most and %v", now, most, err)
	}
	if !strings.Contains(machine(), "cores") {
		t.Errorf("got %q", machine())
	}
}

func TestParseCounters(t *testing.T) {
	const text = "# TYPE grantd_store_statements_total counter\n" +
		"grantd_store_statements_total{statement=\"feed head\"} 12\n" +
		"grantd_store_statements_total{statement=\"write\"} 1e+03\n" +
		"grantd_other_total{statement=\"write\"} 5\n"
	before, err := parseCounters(strings.NewReader(text), statementsMetric)
	if err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff(counters{"feed head": 12, "write": 1000}, before)
	if diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
	since := counters{"feed head": 15, "write": 1000, "new": 1}.since(before)
	if since.String() != "feed head 3, new 1" || since.total() != 4 {
		t.Errorf("got %q, total %v", since, since.total())
	}
	_, err = parseCounters(strings.NewReader("x 1\n"), statementsMetric)
	if err == nil {
		t.Error("got no error for a server without the metric")
	}
}

func TestReadyURL(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"the line comes after others", "data in x\nready http://127.0.0.1:1\nmore\n", "http://127.0.0.1:1"},
		{"it comes in the middle of a line only", "not ready yet\n", ""},
		{"nothing comes", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := readyURL(strings.NewReader(test.text))
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
