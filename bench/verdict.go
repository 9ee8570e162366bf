package main

import (
	"fmt"
	"slices"
)

// verdict is how one row does in comparison with the base, over all pairs.
type verdict struct {
	name string
	// ratios are of the rates, and cpuRatios of the CPU time the other way round: below
	// 1 is slower than the base.
	ratios, cpuRatios []float64
	bad               int
}

// gatherVerdicts adds the rounds of a table to what the pairs before have brought.
func gatherVerdicts(all []verdict, table []series) []verdict {
	for _, s := range table {
		if len(s.compared) == 0 {
			continue
		}
		at := slices.IndexFunc(all, func(v verdict) bool { return v.name == s.name })
		if at < 0 {
			at = len(all)
			all = append(all, verdict{name: s.name})
		}
		all[at].ratios = append(all[at].ratios, s.compared[0].ratios...)
		all[at].cpuRatios = append(all[at].cpuRatios, s.compared[0].cpuRatios...)
		all[at].bad += s.bad()
	}
	return all
}

// complaints are what is worse: answers that are not as they should be, or a rate or a
// CPU time that is slower than the tolerance allows.
func (v verdict) complaints(tolerance float64) []string {
	var all []string
	if v.bad > 0 {
		all = append(all, v.name+": answers")
	}
	if slower(v.ratios, tolerance) {
		all = append(all, v.name+": rate")
	}
	if slower(v.cpuRatios, tolerance) {
		all = append(all, v.name+": CPU time")
	}
	return all
}

// slower reports whether the median is below what is tolerated, while nearly no round
// was as good as the base: noise goes to both sides, a slower program does not.
func slower(ratios []float64, tolerance float64) bool {
	if len(ratios) == 0 {
		return false
	}
	_, high := trimmed(ratios)
	return median(ratios) < 1-tolerance && high < 1
}

// trimmed is the spread without the best and the worst eighth of the rounds, which a
// machine that does something else for a moment makes.
func trimmed(ratios []float64) (float64, float64) {
	const part = 8
	sorted := slices.Sorted(slices.Values(ratios))
	cut := len(sorted) / part
	return spread(sorted[cut : len(sorted)-cut])
}

// worse is all that is.
func (r revisions) worse(all []verdict) []string {
	var complaints []string
	for _, v := range all {
		complaints = append(complaints, v.complaints(r.tolerance)...)
	}
	return complaints
}

func (r revisions) table(all []verdict) string {
	rows := [][]string{{"row", "rate / base", "spread", "base CPU / CPU", "spread", ""}}
	for _, v := range all {
		low, high := trimmed(v.ratios)
		least, most := trimmed(v.cpuRatios)
		word := "as good"
		switch {
		case v.bad > 0:
			word = fmt.Sprintf("%d bad answers", v.bad)
		case len(v.complaints(r.tolerance)) > 0:
			word = "worse"
		case slower(inverse(v.ratios), r.tolerance) || slower(inverse(v.cpuRatios), r.tolerance):
			word = "better"
		}
		rows = append(rows, []string{
			v.name, fmt.Sprintf("%.3f", median(v.ratios)), fmt.Sprintf("%.2f-%.2f", low, high),
			fmt.Sprintf("%.3f", median(v.cpuRatios)), fmt.Sprintf("%.2f-%.2f", least, most), word,
		})
	}
	return markdownTable(rows)
}

func inverse(ratios []float64) []float64 {
	all := make([]float64, len(ratios))
	for i, ratio := range ratios {
		all[i] = 1 / max(ratio, 1e-9)
	}
	return all
}
