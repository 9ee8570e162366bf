package main

import (
	"fmt"
	"time"
)

// What grantd has to reach.
const (
	goalRatio      = 0.75
	goalIdleMemory = 60 << 20
	goalBinary     = 40 << 20
	goalReady      = 300 * time.Millisecond
	goalToken      = 2 * time.Second
	// A poll more or less in one of the two windows is no statement per token.
	goalStatements = 0.001
)

// goalRows is the table of goals: what, measured, goal, verdict.
func (rep report) goalRows() [][]string {
	rows := [][]string{{"what", "measured", "goal", ""}}
	add := func(what, measured, goal string, reached bool) {
		verdict := "missed"
		if reached {
			verdict = "reached"
		}
		rows = append(rows, []string{what, measured, goal, verdict})
	}
	for _, s := range rep.series {
		if len(s.ratios) == 0 {
			continue
		}
		ratio := median(s.ratios)
		add(fmt.Sprintf("%s, to the signing limit server, connections: %d", s.name, s.connections),
			fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≥ %.2f", goalRatio), ratio >= goalRatio)
	}
	perToken := rep.window.statementsPerToken()
	add("SQL statements per token", fmt.Sprintf("%.4f", perToken), "0", perToken < goalStatements)
	growth, unit := rep.window.growth()
	add(fmt.Sprintf("%s for %d tokens", unit, rep.window.requests), fmt.Sprint(growth), "0", growth == 0)
	add("resident memory, idle for "+idleFor.String(), mega(rep.idleMemory), "≤ "+mega(goalIdleMemory), rep.idleMemory <= goalIdleMemory)
	add("static binary", mega(rep.binary), "≤ "+mega(goalBinary), rep.binary <= goalBinary)
	times := func(what string, took []time.Duration, goal time.Duration) {
		add(fmt.Sprintf("%s, median of %d", what, len(took)), milli(median(took)), "≤ "+milli(goal), median(took) <= goal)
	}
	times("start to ready, new data directory", rep.startup.fresh, goalReady)
	times("start to ready, used data directory", rep.startup.again, goalReady)
	times("start to first token, used data directory", rep.startup.token, goalToken)
	return rows
}
