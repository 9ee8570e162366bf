package main

import (
	"strings"
	"testing"
	"time"
)

const s = time.Second

// at makes an event that lasts 10 ms.
func at(begun time.Duration, o op, node, what string, end outcome) event {
	return event{Op: o, Node: node, What: what, Begun: begun, Ended: begun + 10*time.Millisecond, Outcome: end}
}

func (e event) value(v string) event { e.Value = v; return e }

func (e event) number(n int) event { e.Number = n; return e }

func (e event) status(n int) event { e.Status = n; return e }

func (e event) until(t time.Duration) event { e.Ended = t; return e }

func seen(begun time.Duration, node, token string, active bool, age time.Duration) event {
	e := at(begun, opIntrospect, node, token, acknowledged)
	e.Active, e.Age = active, age
	return e
}

// TestRulesNotice shows for each rule histories that keep it and ones that break it.
func TestRulesNotice(t *testing.T) {
	revoked := at(1*s, opRevoke, "a", "t", acknowledged)
	for _, test := range []struct {
		name   string
		rule   func(*history) ([]string, int)
		events []event
		faults []fault
		looked int
		want   string // part of what is broken, or "" when nothing is
	}{
		{"a token at once", everyTokenRequestSucceeds, []event{at(s, opToken, "a", "1", acknowledged)}, nil, 1, ""},
		{"a token from another node while one is away", everyTokenRequestSucceeds, []event{at(s, opToken, "a", "1", silent), at(2*s, opToken, "b", "1", acknowledged)}, []fault{{"a", away, 0, 9 * s}}, 1, ""},
		{"no answer begins before the node is frozen", everyTokenRequestSucceeds, []event{at(s, opToken, "a", "1", silent).until(8 * s), at(9*s, opToken, "b", "1", acknowledged)}, []fault{{"a", frozen, 2 * s, 3 * s}}, 1, ""},
		{"no answer while the node cannot reach the database", everyTokenRequestSucceeds, []event{at(s, opToken, "a", "1", silent), at(2*s, opToken, "b", "1", acknowledged)}, []fault{{"a", apart, 0, 9 * s}}, 1, "no answer of a node that runs"},
		{"no answer of a node beside the one that is away", everyTokenRequestSucceeds, []event{at(s, opToken, "b", "1", silent), at(2*s, opToken, "c", "1", acknowledged)}, []fault{{"a", away, 0, 9 * s}}, 1, "no answer of a node that runs"},
		{"no answer after the node is back", everyTokenRequestSucceeds, []event{at(4*s, opToken, "a", "1", silent), at(5*s, opToken, "b", "1", acknowledged)}, []fault{{"a", away, 0, 3 * s}}, 1, "no answer of a node that runs"},
		{"503 while the database is away", everyTokenRequestSucceeds, []event{at(s, opToken, "a", "1", refused).status(503)}, []fault{{"", apart, 0, 9 * s}}, 1, "refused with 503"},
		{"401 after a restart", everyTokenRequestSucceeds, []event{at(s, opToken, "a", "1", refused).status(401), at(2*s, opToken, "b", "1", acknowledged)}, []fault{{"a", away, 0, 9 * s}}, 1, "refused with 401"},
		{"no node gives a token", everyTokenRequestSucceeds, []event{at(s, opToken, "a", "1", silent), at(s, opToken, "b", "2", acknowledged)}, []fault{{"a", away, 0, 9 * s}}, 2, "no node gave a token"},

		{"not active where it was revoked", revokedHereAtOnce, []event{revoked, seen(2*s, "a", "t", false, 0)}, nil, 1, ""},
		{"active before", revokedHereAtOnce, []event{seen(s/2, "a", "t", true, 0), revoked}, nil, 0, ""},
		{"active at the same time", revokedHereAtOnce, []event{seen(s, "a", "t", true, 0), revoked}, nil, 0, ""},
		{"active after a revocation that was refused", revokedHereAtOnce, []event{at(s, opRevoke, "a", "t", refused), seen(2*s, "a", "t", true, 0)}, nil, 0, ""},
		{"active where it was revoked", revokedHereAtOnce, []event{revoked, seen(1100*time.Millisecond, "a", "t", true, 0)}, nil, 1, "active"},
		{"active where it was revoked, with the database away", revokedHereAtOnce, []event{revoked, seen(2*s, "a", "t", true, 9*s)}, []fault{{"", apart, 0, 9 * s}}, 1, "active"},

		{"active elsewhere at first", revokedEverywhereInTime, []event{revoked, seen(2900*time.Millisecond, "b", "t", true, 0)}, nil, 0, ""},
		{"not active elsewhere", revokedEverywhereInTime, []event{revoked, seen(4*s, "b", "t", false, 0)}, nil, 1, ""},
		{"active elsewhere", revokedEverywhereInTime, []event{revoked, seen(3100*time.Millisecond, "b", "t", true, 0)}, nil, 1, "active"},
		{"active elsewhere again", revokedEverywhereInTime, []event{revoked, seen(4*s, "b", "t", false, 0), seen(5*s, "b", "t", true, 0)}, nil, 2, "active"},
		{"active on a node that cannot know", revokedEverywhereInTime, []event{revoked, seen(9*s, "b", "t", true, 9*s)}, []fault{{"b", apart, 0, 9 * s}}, 0, ""},
		{"active on a node that was cut off just in time", revokedEverywhereInTime, []event{revoked, seen(9*s, "b", "t", true, 9*s)}, []fault{{"b", apart, 2 * s, 9 * s}}, 0, ""},
		{"active on a node beside the one that cannot know", revokedEverywhereInTime, []event{revoked, seen(9*s, "b", "t", true, 0)}, []fault{{"c", apart, 0, 9 * s}}, 1, "active"},
		{"active on a node that was cut off long after", revokedEverywhereInTime, []event{revoked, seen(6*s, "b", "t", true, 0)}, []fault{{"b", apart, 5 * s, 9 * s}}, 1, "active"},
		{"active on a node that could know again", revokedEverywhereInTime, []event{revoked, seen(11100*time.Millisecond, "b", "t", true, 0)}, []fault{{"b", apart, 0, 9 * s}}, 1, "active"},
		{"active on a node that ran again", revokedEverywhereInTime, []event{revoked, seen(11100*time.Millisecond, "b", "t", true, 0)}, []fault{{"b", frozen, 0, 9 * s}}, 1, "active"},
		{"the first acknowledgement counts", revokedEverywhereInTime, []event{revoked, at(3*s, opRevoke, "b", "t", acknowledged), seen(4*s, "c", "t", true, 0)}, nil, 1, "active"},

		{"active and honest", noOlderThanItSays, []event{revoked, seen(9*s, "b", "t", true, 8*s)}, nil, 1, ""},
		{"active and younger than it says", noOlderThanItSays, []event{revoked, seen(9*s, "b", "t", true, 4*s)}, []fault{{"b", apart, 0, 9 * s}}, 1, "says that it is 4s old"},
		{"not active and younger", noOlderThanItSays, []event{revoked, seen(9*s, "b", "t", false, 0)}, nil, 1, ""},

		{"the same successor twice", oneSuccessor, []event{at(s, opRefresh, "a", "r", acknowledged).value("r2"), at(s, opRefresh, "b", "r", acknowledged).value("r2")}, nil, 2, ""},
		{"two successors", oneSuccessor, []event{at(s, opRefresh, "a", "r", acknowledged).value("r2"), at(s, opRefresh, "b", "r", acknowledged).value("r3")}, nil, 2, "successor r3, and r2 before"},

		{"the newest token refused", chainsGoOn, []event{at(s, opRefresh, "a", "r", refused).status(400)}, nil, 1, "refused with 400"},
		{"503 is no refusal", chainsGoOn, []event{at(s, opRefresh, "a", "r", refused).status(503)}, nil, 0, ""},
		{"a retry refused in time", chainsGoOn, []event{at(s, opRefresh, "a", "r", silent), at(5*s, opRefresh, "b", "r", refused).status(400)}, nil, 1, "refused with 400"},
		{"a retry refused too late", chainsGoOn, []event{at(s, opRefresh, "a", "r", silent), at(11*s, opRefresh, "b", "r", refused).status(400)}, nil, 1, ""},

		{"a token refused after a node comes to one before it", chainsGoOn, []event{at(s, opRefresh, "b", "r", silent).until(8 * s), at(9*s, opRefresh, "a", "r", acknowledged).value("r2"), at(12*s, opRefresh, "a", "r2", refused).status(400)}, []fault{{"b", frozen, 0, 11 * s}}, 2, ""},
		{"a token refused before a node can have come to it", chainsGoOn, []event{at(s, opRefresh, "b", "r", silent).until(8 * s), at(9*s, opRefresh, "a", "r", acknowledged).value("r2"), at(10*s, opRefresh, "a", "r2", refused).status(400)}, []fault{{"b", frozen, 0, 11 * s}}, 2, "refused with 400"},
		{"a token refused after another node was frozen", chainsGoOn, []event{at(s, opRefresh, "b", "r", silent).until(8 * s), at(9*s, opRefresh, "a", "r", acknowledged).value("r2"), at(12*s, opRefresh, "a", "r2", refused).status(400)}, []fault{{"c", frozen, 0, 11 * s}}, 2, "refused with 400"},
		{"a token refused after the node of another family was frozen", chainsGoOn, []event{at(s, opRefresh, "b", "other", silent).until(8 * s), at(12*s, opRefresh, "a", "r2", refused).status(400)}, []fault{{"b", frozen, 0, 11 * s}}, 1, "refused with 400"},

		{"an assertion refused elsewhere", assertedOnce, []event{at(s, opAssertion, "a", "j", acknowledged), at(s, opAssertion, "b", "j", refused).status(401)}, nil, 1, ""},
		{"an assertion accepted twice", assertedOnce, []event{at(s, opAssertion, "a", "j", acknowledged), at(2*s, opAssertion, "b", "j", acknowledged)}, nil, 2, "accepted, and by a 1.000 s before"},
		{"an assertion accepted twice by one node", assertedOnce, []event{at(s, opAssertion, "a", "j", acknowledged), at(2*s, opAssertion, "a", "j", acknowledged)}, []fault{{"a", away, 0, 9 * s}}, 2, "accepted"},

		{"a key is there", nothingLost, []event{at(s, opCreate, "a", "k", acknowledged).value("id"), at(9*s, opRead, "a", "k", "").value("id")}, nil, 1, ""},
		{"a key is gone", nothingLost, []event{at(s, opCreate, "a", "k", acknowledged).value("id"), at(9*s, opRead, "a", "k", "")}, nil, 1, "key id was acknowledged"},
		{"a key is another one", nothingLost, []event{at(s, opCreate, "a", "k", acknowledged).value("id"), at(9*s, opRead, "a", "k", "").value("other")}, nil, 1, `got "other"`},
		{"a key without an answer is not there", nothingLost, []event{at(s, opCreate, "a", "k", silent), at(9*s, opRead, "a", "k", "")}, nil, 0, ""},
		{"a key is not read again", nothingLost, []event{at(s, opCreate, "a", "k", acknowledged).value("id")}, nil, 0, "never read again"},
		{"a register holds the last number", nothingLost, []event{at(s, opUpdate, "a", "r", acknowledged).number(1), at(2*s, opUpdate, "a", "r", acknowledged).number(2), at(9*s, opRead, "a", "r", "").number(2)}, nil, 1, ""},
		{"a register holds one without an answer", nothingLost, []event{at(s, opUpdate, "a", "r", acknowledged).number(1), at(2*s, opUpdate, "a", "r", silent).number(2), at(9*s, opRead, "a", "r", "").number(2)}, nil, 1, ""},
		{"a register holds an earlier number", nothingLost, []event{at(s, opUpdate, "a", "r", acknowledged).number(1), at(2*s, opUpdate, "a", "r", acknowledged).number(2), at(9*s, opRead, "a", "r", "").number(1)}, nil, 1, "2 was acknowledged"},
		{"a register holds what nobody wrote", nothingLost, []event{at(s, opUpdate, "a", "r", acknowledged).number(1), at(9*s, opRead, "a", "r", "").number(7)}, nil, 1, "got 7"},
		{"a register is read before its next number", nothingLost, []event{at(s, opUpdate, "a", "r", acknowledged).number(1), at(2*s, opRead, "b", "r", "").number(1), at(3*s, opUpdate, "a", "r", acknowledged).number(2)}, nil, 1, ""},
		{"a register is read while it is written", nothingLost, []event{at(s, opUpdate, "a", "r", acknowledged).number(1), at(2*s, opUpdate, "a", "r", acknowledged).number(2).until(4 * s), at(3*s, opRead, "b", "r", "").number(1), at(3*s, opRead, "b", "r", "").number(2)}, nil, 2, ""},
		{"a register goes back for a moment", nothingLost, []event{at(s, opUpdate, "a", "r", acknowledged).number(1), at(2*s, opUpdate, "a", "r", acknowledged).number(2), at(3*s, opRead, "b", "r", "").number(1), at(9*s, opRead, "a", "r", "").number(2)}, nil, 2, "2 was acknowledged"},
		{"a register is not read again", nothingLost, []event{at(s, opUpdate, "a", "r", acknowledged).number(1)}, nil, 0, "never read again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			broken, looked := test.rule(&history{Events: test.events, Faults: test.faults})
			got := strings.Join(broken, "\n")
			if looked != test.looked || (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %d looked at and %q, want %d and one with %q", looked, got, test.looked, test.want)
			}
		})
	}
}

func TestWriteGap(t *testing.T) {
	h := &history{Events: []event{
		at(9*s, opRevoke, "a", "t", acknowledged), at(1*s, opCreate, "a", "k", acknowledged), at(3*s, opToken, "a", "1", acknowledged),
		at(4*s, opUpdate, "a", "r", silent), at(5*s, opRefresh, "a", "r", refused),
	}}
	got := writeGap(h)
	if got != 8*s {
		t.Errorf("got %s, want 8s", got)
	}
}
