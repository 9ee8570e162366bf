package telemetry

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Figures are how the requests to a route were answered since the process began, or
// since other figures. A node tells the others about them.
type Figures struct {
	// OK were answered with 200, and Failed with an error.
	OK, Failed uint64
	// Took is how long all answers took together.
	Took time.Duration
	// atMost are how many answers took no longer than each bound, the lowest first.
	atMost []step
}

// step is a bound of the histogram, and how many answers took no longer.
type step struct {
	bound float64
	n     uint64
}

// Figures reads what was counted for a route.
func (m *Metrics) Figures(route string) (Figures, error) {
	families, err := m.ours.Gather()
	if err != nil {
		return Figures{}, fmt.Errorf("read the metrics: %w", err)
	}
	var f Figures
	for _, family := range families {
		for _, one := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range one.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if labels["route"] != route {
				continue
			}
			if n := uint64(one.GetCounter().GetValue()); labels["status"] == "200" {
				f.OK += n
			} else if labels["status"] >= "400" {
				f.Failed += n
			}
			histogram := one.GetHistogram()
			f.Took += time.Duration(histogram.GetSampleSum() * float64(time.Second))
			for _, bucket := range histogram.GetBucket() {
				f.atMost = append(f.atMost, step{bucket.GetUpperBound(), bucket.GetCumulativeCount()})
			}
			if histogram != nil {
				f.atMost = append(f.atMost, step{math.Inf(1), histogram.GetSampleCount()})
			}
		}
	}
	return f, nil
}

// Since returns what has come since other figures of the same route were read.
func (f Figures) Since(before Figures) Figures {
	since := Figures{OK: f.OK - before.OK, Failed: f.Failed - before.Failed, Took: f.Took - before.Took, atMost: slices.Clone(f.atMost)}
	for i := range before.atMost {
		since.atMost[i].n -= before.atMost[i].n
	}
	return since
}

func (f Figures) answers() uint64 {
	if len(f.atMost) == 0 {
		return 0
	}
	return f.atMost[len(f.atMost)-1].n
}

// Mean is how long an answer took on average; zero without any.
func (f Figures) Mean() time.Duration {
	return time.Duration(float64(f.Took) / float64(max(f.answers(), 1)))
}

// AtMost is a time that this share of the answers did not exceed, as near as the
// histogram knows: the bound above it. Beyond its last bound, it is that one; without
// answers, zero.
func (f Figures) AtMost(share float64) time.Duration {
	need := share * float64(f.answers())
	var last float64
	for _, s := range f.atMost {
		if math.IsInf(s.bound, 1) || need == 0 {
			break
		}
		last = s.bound
		if float64(s.n) >= need {
			break
		}
	}
	return time.Duration(math.Round(last * float64(time.Second)))
}
