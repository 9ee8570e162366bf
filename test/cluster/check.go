package main

import (
	"fmt"
	"slices"
	"time"
)

// spread is how long a revocation may take to be known to all nodes.
const spread = 2 * time.Second

// grace is for how long a refresh token may be presented again after its answer
// was lost: a little less than the ten seconds of the server, by our clock.
const grace = 8 * time.Second

// rule looks at a history and returns what is wrong with it, and how many things
// it looked at: a rule that never had any is no comfort.
type rule struct {
	name  string
	check func(h *history) (broken []string, looked int)
}

var rules = []rule{
	{"every token request of a known key succeeds", everyTokenRequestSucceeds},
	{"a node that acknowledged a revocation goes by it at once", revokedHereAtOnce},
	{"a revocation is known to every node within 2 s", revokedEverywhereInTime},
	{"no answer is older than it says", noOlderThanItSays},
	{"a refresh token has one successor", oneSuccessor},
	{"the newest refresh token is good", chainsGoOn},
	{"an assertion is accepted once", assertedOnce},
	{"no acknowledged write is lost", nothingLost},
}

func broke(e event, format string, args ...any) string {
	return fmt.Sprintf("%.3f s, %s, %s %s: ", e.Begun.Seconds(), e.Node, e.Op, e.What) + fmt.Sprintf(format, args...)
}

// everyTokenRequestSucceeds: an answer that is no token breaks the rule, whatever is
// wrong elsewhere. No answer breaks it unless the node was away or frozen while the
// attempt lasted. The client then tries other nodes, and gets its token, unless all
// of them were.
func everyTokenRequestSucceeds(h *history) (broken []string, looked int) {
	got := map[string]bool{}
	last := map[string]event{}
	excused := map[string]bool{}
	for _, e := range h.Events {
		if e.Op != opToken {
			continue
		}
		last[e.What] = e
		switch {
		case e.Outcome == acknowledged:
			got[e.What] = true
		case e.Outcome == refused:
			broken = append(broken, broke(e, "refused with %d: %s", e.Status, e.Detail))
		case h.troubled(e.Node, e.Begun, e.Ended, away, frozen):
			excused[e.What] = true
		default:
			broken = append(broken, broke(e, "no answer of a node that runs: %s", e.Detail))
		}
	}
	for what, e := range last {
		if !got[what] && e.Outcome == silent && excused[what] && h.someNodeRuns(e.Ended) {
			broken = append(broken, broke(e, "no node gave a token"))
		}
	}
	return broken, len(last)
}

// someNodeRuns reports whether a node that was ever heard of is well at a time.
func (h *history) someNodeRuns(at time.Duration) bool {
	return slices.ContainsFunc(h.Events, func(e event) bool { return !h.troubled(e.Node, at, at, away, frozen) })
}

// firstRevocations returns for each token when it was first acknowledged to be
// revoked, and where.
func (h *history) firstRevocations() map[string]event {
	first := map[string]event{}
	for _, e := range h.Events {
		if e.Op == opRevoke && e.Outcome == acknowledged && (first[e.What].Op == "" || e.Ended < first[e.What].Ended) {
			first[e.What] = e
		}
	}
	return first
}

// afterRevocation calls judge with each introspection that began after the
// revocation of its token was acknowledged.
func (h *history) afterRevocation(judge func(revoked, seen event)) {
	first := h.firstRevocations()
	for _, e := range h.Events {
		revoked, was := first[e.What]
		if e.Op == opIntrospect && e.Outcome == acknowledged && was && e.Begun >= revoked.Ended {
			judge(revoked, e)
		}
	}
}

func revokedHereAtOnce(h *history) (broken []string, looked int) {
	h.afterRevocation(func(revoked, seen event) {
		// A node that was started again has it from the database.
		if seen.Node != revoked.Node || h.troubled(seen.Node, revoked.Ended, seen.Begun, away) {
			return
		}
		looked++
		if seen.Active {
			broken = append(broken, broke(seen, "active %s after the same node acknowledged the revocation", seen.Begun-revoked.Ended))
		}
	})
	return broken, looked
}

// revokedEverywhereInTime: a node that runs and has its database knows it in time.
// For one that was kept from that, time begins when it has it again.
func revokedEverywhereInTime(h *history) (broken []string, looked int) {
	faults := slices.SortedFunc(slices.Values(h.Faults), func(a, b fault) int { return int(a.From - b.From) })
	h.afterRevocation(func(revoked, seen event) {
		due := revoked.Ended + spread
		for _, f := range faults {
			if (f.Node == "" || f.Node == seen.Node) && f.From < due && f.To+spread > due {
				due = f.To + spread
			}
		}
		if seen.Begun < due {
			return
		}
		looked++
		if seen.Active {
			broken = append(broken, broke(seen, "active %s after the revocation was acknowledged by %s", seen.Begun-revoked.Ended, revoked.Node))
		}
	})
	return broken, looked
}

// noOlderThanItSays: this one knows no excuse, because a node that cannot know a
// revocation says so.
func noOlderThanItSays(h *history) (broken []string, looked int) {
	h.afterRevocation(func(revoked, seen event) {
		looked++
		// A node may be frozen between looking at its clock and answering; what it says
		// is as of then, which is after the request was sent.
		if seen.Active && seen.Begun-revoked.Ended > seen.Age+spread {
			broken = append(broken, broke(seen, "active %s after the revocation was acknowledged by %s, and says that it is %s old",
				seen.Begun-revoked.Ended, revoked.Node, seen.Age))
		}
	})
	return broken, looked
}

func oneSuccessor(h *history) (broken []string, looked int) {
	successor := map[string]string{}
	for _, e := range h.Events {
		if e.Op != opRefresh || e.Outcome != acknowledged {
			continue
		}
		looked++
		other, was := successor[e.What]
		if was && other != e.Value {
			broken = append(broken, broke(e, "successor %s, and %s before", e.Value, other))
		}
		successor[e.What] = e.Value
	}
	return broken, looked
}

// chainsGoOn: a refresh token is refused only after it was presented before, too long
// ago, or after a frozen node has come to a request for it or for one before it that
// its client had given up: then two parties hold it, as far as a server can tell. 503
// does not refuse it.
func chainsGoOn(h *history) (broken []string, looked int) {
	presented, parent, stuck := map[string]time.Duration{}, map[string]string{}, map[string][]event{}
	for _, e := range h.Events {
		if e.Op != opRefresh {
			continue
		}
		first, was := presented[e.What]
		if !was || e.Begun < first {
			presented[e.What] = e.Begun
		}
		switch e.Outcome {
		case acknowledged:
			parent[e.Value] = e.What
		case silent:
			stuck[e.What] = append(stuck[e.What], e)
		default:
		}
	}
	for _, e := range h.Events {
		if e.Op != opRefresh || e.Outcome == silent || e.Status >= 500 {
			continue
		}
		looked++
		if e.Outcome == refused && e.Ended-presented[e.What] < grace && !h.thawed(e, parent, stuck) {
			broken = append(broken, broke(e, "refused with %d: %s", e.Status, e.Detail))
		}
	}
	return broken, looked
}

// thawed reports whether a node that was frozen when a token, or one before it, was
// presented to it ran again before the answer.
func (h *history) thawed(answer event, parent map[string]string, stuck map[string][]event) bool {
	for token, more := answer.What, true; more; token, more = parent[token], parent[token] != "" {
		for _, e := range stuck[token] {
			late := func(f fault) bool {
				return f.Node == e.Node && f.Trouble == frozen && f.From <= e.Ended && f.To >= e.Begun && f.To <= answer.Ended
			}
			if slices.ContainsFunc(h.Faults, late) {
				return true
			}
		}
	}
	return false
}

// assertedOnce: of all nodes one gives a token for an assertion, once. That it is
// refused is no breach here: where replays cannot be noticed, all are refused.
func assertedOnce(h *history) (broken []string, looked int) {
	accepted := map[string]event{}
	for _, e := range h.Events {
		if e.Op != opAssertion || e.Outcome != acknowledged {
			continue
		}
		looked++
		before, twice := accepted[e.What]
		if twice {
			broken = append(broken, broke(e, "accepted, and by %s %.3f s before", before.Node, (e.Begun-before.Begun).Seconds()))
		}
		accepted[e.What] = e
	}
	return broken, looked
}

// nothingLost compares what was acknowledged with what is read later. A register has
// one writer, which counts: it holds the last number acknowledged before the read, or
// a later one that was asked for before its end.
func nothingLost(h *history) (broken []string, looked int) {
	keys, writes := map[string]event{}, map[string][]event{}
	for _, e := range h.Events {
		switch {
		case e.Op == opCreate && e.Outcome == acknowledged:
			keys[e.What] = e
		case e.Op == opUpdate:
			writes[e.What] = append(writes[e.What], e)
		}
	}
	read := map[string]bool{}
	for _, e := range h.Events {
		if e.Op != opRead {
			continue
		}
		made, isKey := keys[e.What]
		switch {
		case isKey && e.Begun >= made.Ended:
			looked++
			read[e.What] = true
			if e.Value != made.Value {
				broken = append(broken, broke(e, "key %s was acknowledged, got %q", made.Value, e.Value))
			}
		case len(writes[e.What]) > 0:
			looked++
			read[e.What] = true
			least, most := bounds(writes[e.What], e)
			if e.Number < least || e.Number > most {
				broken = append(broken, broke(e, "%d was acknowledged and %d asked for last, got %d", least, most, e.Number))
			}
		}
	}
	for what := range keys {
		if !read[what] {
			broken = append(broken, "key "+what+" was acknowledged and never read again")
		}
	}
	for what := range writes {
		if !read[what] {
			broken = append(broken, "register "+what+" was written and never read again")
		}
	}
	return broken, looked
}

// bounds are between which numbers a read may find a register.
func bounds(writes []event, read event) (least, most int) {
	for _, w := range writes {
		if w.Outcome == acknowledged && w.Ended <= read.Begun {
			least = max(least, w.Number)
		}
		if w.Begun <= read.Ended {
			most = max(most, w.Number)
		}
	}
	return least, most
}
