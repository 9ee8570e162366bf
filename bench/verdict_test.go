package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVerdicts(t *testing.T) {
	even := []float64{1, 1.02, 0.98, 1.01, 0.99, 1, 1.03, 0.97}
	tests := []struct {
		name        string
		ratios, cpu []float64
		bad         int
		worse       bool
		want        string
	}{
		{"the same", even, even, 0, false, "as good"},
		{"noise that is large and even", []float64{0.6, 1.5, 0.7, 1.4, 0.9, 1.1, 0.8, 1.2}, even, 0, false, "as good"},
		{"slower by less than is tolerated", []float64{0.96, 0.97, 0.96, 0.95, 0.96, 0.97, 0.96, 0.96}, even, 0, false, "as good"},
		{"slower in every round", []float64{0.90, 0.91, 0.92, 0.93, 0.91, 0.94, 0.9, 0.9}, even, 0, true, "worse"},
		{"slower but for one round in eight", []float64{0.90, 0.91, 1.2, 0.93, 0.91, 0.94, 0.9, 0.9}, even, 0, true, "worse"},
		{"slower in the median, but two rounds in eight are as good", []float64{0.90, 1.1, 1.2, 0.93, 0.91, 0.94, 0.9, 0.9}, even, 0, false, "as good"},
		{"more CPU time at the same rate", even, []float64{0.8, 0.82, 0.81, 0.8, 0.79, 0.8, 0.8, 0.8}, 0, true, "worse"},
		{"faster", []float64{1.2, 1.21, 1.22, 1.2, 1.2, 1.2, 1.19, 1.2}, even, 0, false, "better"},
		{"answers that are wrong, however fast", []float64{2, 2, 2}, even, 7, true, "7 bad answers"},
		{"nothing", nil, nil, 0, false, "as good"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := revisions{tolerance: 0.05}
			v := verdict{name: "a row", ratios: test.ratios, cpuRatios: test.cpu, bad: test.bad}
			if got := len(r.worse([]verdict{v})) == 1; got != test.worse {
				t.Errorf("got worse %t, want %t", got, test.worse)
			}
			if text := r.table([]verdict{v}); !strings.Contains(text, "| "+test.want) {
				t.Errorf("got no %q in:\n%s", test.want, text)
			}
		})
	}
}

func TestVerdictsGatherThePairs(t *testing.T) {
	pair := func(rate float64, bad int) []series {
		return []series{
			{contender: contender{name: "a, base"}, rounds: []sampleRun{{rate: 1}}},
			{contender: contender{name: "a"}, rounds: []sampleRun{{bad: bad}}, compared: []comparison{{ratios: []float64{rate}, cpuRatios: []float64{2 * rate}}}},
		}
	}
	got := gatherVerdicts(gatherVerdicts(nil, pair(1, 0)), pair(0.5, 3))
	want := []verdict{{"a", []float64{1, 0.5}, []float64{2, 1}, 3}}
	if len(got) != 1 || got[0].name != want[0].name || got[0].bad != 3 || cmp.Diff(want[0].ratios, got[0].ratios) != "" || cmp.Diff(want[0].cpuRatios, got[0].cpuRatios) != "" {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestOnlyWhatIsWorseTwiceIsWorse(t *testing.T) {
	slow, even := []float64{0.9, 0.9, 0.9}, []float64{1, 1, 1}
	r := revisions{tolerance: 0.05}
	first := r.worse([]verdict{{name: "a", ratios: slow, cpuRatios: slow}, {name: "b", ratios: slow, cpuRatios: even}, {name: "c", bad: 2}})
	second := r.worse([]verdict{{name: "a", ratios: even, cpuRatios: slow}, {name: "b", ratios: even, cpuRatios: slow}, {name: "c", bad: 3}})
	diff := cmp.Diff([]string{"a: CPU time", "c: answers"}, both(first, second))
	if diff != "" {
		t.Errorf("worse both times (-want +got):\n%s", diff)
	}
}
