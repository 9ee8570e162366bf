package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlotShowsWhatIsMeantForIt(t *testing.T) {
	rep := exampleReport()
	limit := comparison{against: against{name: "limit: b", kind: kindES256, bar: "c"}, ratios: []float64{0.5}}
	rep.series = append(rep.series,
		series{contender: contender{name: "limit: c"}, connections: 32, compared: []comparison{limit}},
		series{contender: contender{name: "limit: c"}, connections: 1, compared: []comparison{limit}},
	)
	var got []string
	for _, g := range rep.plot().groups {
		for _, one := range g.bars {
			got = append(got, g.title+": "+one.class+" "+one.name+" "+significant(one.value))
		}
	}
	diff := cmp.Diff([]string{"ES256 JWT: limit c 0.50", "ES256 JWT: ours grantd 0.25", "ES256 JWT: peer slow 0.012"}, got)
	if diff != "" {
		t.Errorf("bars (-want +got):\n%s", diff)
	}
}

func TestPlotIsWellFormed(t *testing.T) {
	p := plot{title: "a <b> & c", groups: []barGroup{{title: "x", bars: []bar{{"ours", "<&>", 0.0005}, {"peer", "y", 2}, {"limit", "nothing", 0}}}, {title: "empty"}}}
	text := p.svg()
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("got %v in:\n%s", err, text)
		}
	}
	for _, part := range []string{"a &lt;b&gt; &amp; c", "&lt;&amp;&gt;", "prefers-color-scheme: dark", ">0.0001<", ">1<", ">0.00050<"} {
		if !strings.Contains(text, part) {
			t.Errorf("got no %q in:\n%s", part, text)
		}
	}
}

func TestScaleIsLogarithmic(t *testing.T) {
	s := plot{groups: []barGroup{{bars: []bar{{value: 0.02}, {value: 10}}}}}.scale()
	if s.low != 0.01 || s.high != 10 {
		t.Fatalf("got %v to %v, want 0.01 to 10", s.low, s.high)
	}
	const width = plotWidth - plotNames - plotRight
	for value, want := range map[float64]float64{0.001: 0, 0.01: 0, 0.1: width / 3, 1: width * 2 / 3, 10: width} {
		got := s.at(value) - plotNames
		if math.Abs(got-want) > 1 {
			t.Errorf("%v: got %.1f, want %.1f", value, got, want)
		}
	}
	if got := len(s.ticks()); got != 4 {
		t.Errorf("got %d ticks, want 4: %v", got, s.ticks())
	}
}
