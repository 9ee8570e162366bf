package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// What grantd has to reach. The ratios are to the limit server that gets the same
// requests and answers as many bytes.
const (
	// To the form limit server with the same signature, or one verification.
	goalSigning  = 0.95
	goalAboutJWT = 0.90
	// To the form limit server.
	goalES256OfForm = 0.38
	goalEdDSAOfForm = 0.45
	goalOpaque      = 0.90
	goalAboutOpaque = 0.85
	// To the no-op limit server.
	goalOpaqueOfNoop      = 0.75
	goalAboutOpaqueOfNoop = 0.75
	goalAboutJWTOfNoop    = 0.35
	// goalP99 is how many times as long as that limit server's the 99th percentile
	// may be.
	goalP99 = 1.3

	// goalScopes is to a key that asks for the same scopes and was granted just them,
	// goalKeys to a server with ten keys.
	goalScopes = 0.90
	goalKeys   = 0.95
	// goalFlood is how many times as long honest requests may take beside a flood.
	goalFlood = 2
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

// How many times as many tokens as a peer grantd has to issue.
const (
	// goalLibrary is of a bare composition of a Go library.
	goalLibrary      = 1.4
	goalOIDCProvider = 5
	goalJVM          = 10
	// goalRows is of servers that write a row for each token.
	goalRows = 50
)

// goal is how many times as many tokens as this peer grantd has to issue; zero means
// that there is no such goal. It is that of the program, whose variants are in folders
// whose names begin with its name.
func (p peer) goal() float64 {
	for _, one := range []struct {
		folder string
		goal   float64
	}{
		{"fosite-sqlite", goalRows},
		{"hydra", goalRows},
		{"glewlwyd", goalRows},
		{"fosite", goalLibrary},
		{"go-oauth2", goalLibrary},
		{"zitadel-oidc", goalLibrary},
		{"oidc-provider", goalOIDCProvider},
		{"spring", goalJVM},
		{"keycloak", goalJVM},
	} {
		if strings.HasPrefix(filepath.Base(p.folder), one.folder) {
			return one.goal
		}
	}
	return 0
}

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
	for _, s := range rep.series {
		rows.addSpeed(s)
	}
	if len(rep.flood.with) > 0 {
		ratio := rep.flood.p99Ratio()
		rows.add("honest p99 beside a flood / without", fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≤ %d", goalFlood), ratio <= goalFlood)
	}
	for _, p := range rep.peers {
		for _, s := range p.series {
			rows.addSpeed(s)
		}
	}
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

// addSpeed adds the goals of one contender.
func (g *goals) addSpeed(s series) {
	for _, c := range s.compared {
		what := fmt.Sprintf("%s / %s, connections: %d", s.name, c.name, s.connections)
		if c.ratio > 0 {
			ratio := median(c.ratios)
			g.add(what, fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≥ %.2f", c.ratio), ratio >= c.ratio)
		}
		if c.p99 > 0 {
			ratio := median(c.p99Ratios)
			g.add("p99 of "+what, fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≤ %.2f", c.p99), ratio <= c.p99)
		}
	}
	if s.rate > 0 {
		rate := median(s.rates())
		g.add(fmt.Sprintf("%s, connections: %d", s.name, s.connections),
			fmt.Sprintf("%.0f/s", rate), fmt.Sprintf("≥ %.0f/s", s.rate), rate >= s.rate)
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
