package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseStat(t *testing.T) {
	got, err := parseStat("42 (a) b (c) S 7 40 42 0 -1 4194560 1 0 0 0 150 25 3 4 20 0 7 0 100 1 1")
	want := stat{parent: 7, group: 40, own: 1750 * time.Millisecond, reaped: 70 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("got %+v and %v, want %+v", got, err, want)
	}
	for _, text := range []string{"42 (a) S 1", "42 (a) S x 40 42 0 -1 4194560 1 0 0 0 150 25 3 4 20", "42 a S"} {
		_, err = parseStat(text)
		if err == nil {
			t.Errorf("got no error for %q", text)
		}
	}
}

func TestAFamilyIsAGroupAndItsDescendants(t *testing.T) {
	all := map[int]stat{
		1:  {},
		10: {parent: 1, group: 10},
		11: {parent: 10, group: 10},
		12: {parent: 1, group: 10}, // its parent has ended
		13: {parent: 11, group: 13},
		20: {parent: 1, group: 20},
		21: {parent: 21, group: 21}, // not possible, and no reason to search for ever
	}
	var got []int
	for pid := range familyOf(10, all) {
		got = append(got, pid)
	}
	slices.Sort(got)
	diff := cmp.Diff([]int{10, 11, 12, 13}, got)
	if diff != "" {
		t.Errorf("family (-want +got):\n%s", diff)
	}
}

func TestProcessNumbersOfOurOwn(t *testing.T) {
	for _, withFamily := range []bool{false, true} {
		_, err := cpuTime(os.Getpid(), withFamily)
		if err != nil {
			t.Error(err)
		}
	}
	now, most, err := resident(os.Getpid())
	if err != nil || now <= 0 || most < now {
		t.Errorf("got %d now, %d at most and %v", now, most, err)
	}
	all, err := familyMemory(os.Getpid())
	if err != nil || all <= 0 {
		t.Errorf("got %d and %v for the family", all, err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := family{os.Getpid(): {}}
	if !f.runs(filepath.Base(self)) || f.runs("java") {
		t.Errorf("it is not seen that %s is running", self)
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
