package main

import (
	"fmt"
	"time"
)

// What grantd has to reach. The ratios are to the limit server that gets the same
// requests and answers as many bytes, goalScopes to a key that asks for the same
// scopes and was granted just them.
const (
	goalSigning     = 0.75
	goalOpaque      = 0.75
	goalAboutOpaque = 0.75
	goalAboutJWT    = 0.35
	goalScopes      = 0.90
	// goalRefresh is in refreshes a second.
	goalRefresh = 3000

	goalIdleMemory  = 60 << 20
	goalRevocations = 64 << 20
	goalBinary      = 40 << 20
	goalReady       = 300 * time.Millisecond
	goalToken       = 2 * time.Second
	// A poll more or less in one of the two windows, or the upkeep of once a minute,
	// is no statement per token.
	goalStatements = 0.01
)

// goals are the rows of the table: what, measured, goal, verdict.
type goals [][]string

func (g *goals) add(what, measured, goal string, reached bool) {
	verdict := "missed"
	if reached {
		verdict = "reached"
	}
	*g = append(*g, []string{what, measured, goal, verdict})
}

func (rep report) goalRows() [][]string {
	rows := goals{{"what", "measured", "goal", ""}}
	rep.addSpeed(&rows)
	rep.addStorage(&rows)
	rows.add("resident memory, idle for "+idleFor.String(), mega(rep.idleMemory), "≤ "+mega(goalIdleMemory), rep.idleMemory <= goalIdleMemory)
	if rep.revocations.count > 0 {
		added := rep.revocations.added()
		rows.add(fmt.Sprintf("resident memory that %d revocations add", rep.revocations.count),
			mega(added), "≤ "+mega(goalRevocations), added <= goalRevocations)
	}
	rows.add("static binary", mega(rep.binary), "≤ "+mega(goalBinary), rep.binary <= goalBinary)
	times := func(what string, took []time.Duration, goal time.Duration) {
		rows.add(fmt.Sprintf("%s, median of %d", what, len(took)), milli(median(took)), "≤ "+milli(goal), median(took) <= goal)
	}
	times("start to ready, new data directory", rep.startup.fresh, goalReady)
	times("start to ready, used data directory", rep.startup.again, goalReady)
	times("start to first token, used data directory", rep.startup.token, goalToken)
	return rows
}

func (rep report) addSpeed(rows *goals) {
	for _, s := range rep.series {
		if s.ratio > 0 && len(s.ratios) > 0 {
			ratio := median(s.ratios)
			rows.add(fmt.Sprintf("%s / %s, connections: %d", s.name, s.base, s.connections),
				fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≥ %.2f", s.ratio), ratio >= s.ratio)
		}
		if s.rate > 0 {
			rate := median(s.rates())
			rows.add(fmt.Sprintf("%s, connections: %d", s.name, s.connections),
				fmt.Sprintf("%.0f/s", rate), fmt.Sprintf("≥ %.0f/s", s.rate), rate >= s.rate)
		}
	}
}

// addStorage adds the goals that say that a token is stored nowhere.
func (rep report) addStorage(rows *goals) {
	for _, w := range rep.windows {
		each := w.statementsEach()
		rows.add("SQL statements per "+w.unit, fmt.Sprintf("%.4f", each), "0", each < goalStatements)
		grown, unit := w.growth()
		rows.add(fmt.Sprintf("%s for %d %ss", unit, w.requests, w.unit), fmt.Sprint(grown), "0", grown == 0)
	}
	g := rep.growth
	rows.add(fmt.Sprintf("database file after %d tokens (%d JWTs, %d opaque)", g.tokens(), g.jwts, g.opaques),
		fmt.Sprintf("%d bytes", g.after.size), fmt.Sprintf("%d bytes, as before", g.before.size), g.after == g.before)
}
