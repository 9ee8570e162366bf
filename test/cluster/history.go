package main

import (
	"slices"
	"sync"
	"time"
)

// op is a kind of request.
type op string

const (
	opToken      op = "token"      // What: the number of the request, the same for all attempts
	opIntrospect op = "introspect" // What: the token
	opRevoke     op = "revoke"     // What: the token
	opRefresh    op = "refresh"    // What: the token presented; Value: its successor
	opAssertion  op = "assertion"  // What: its jti
	opCreate     op = "create"     // What: the name of the key
	opUpdate     op = "update"     // What: the name of the register; Number: what is written
	opRead       op = "read"       // what is there; Value or Number as above
)

// outcome is how an attempt ended.
type outcome string

const (
	acknowledged outcome = "acknowledged"
	refused      outcome = "refused" // an answer that says no
	silent       outcome = "silent"  // no answer: what was asked for may have happened
)

// Absent is the Value of a read that found nothing.
const absent = ""

// event is one attempt of a client at one node. Times count from the beginning of
// the history, by the monotonic clock of this machine.
type event struct {
	Op      op            `json:"op"`
	Node    string        `json:"node"`
	What    string        `json:"what"`
	Value   string        `json:"value,omitempty"`
	Number  int           `json:"number,omitempty"`
	Active  bool          `json:"active,omitempty"`
	Begun   time.Duration `json:"begun"`
	Ended   time.Duration `json:"ended"`
	Outcome outcome       `json:"outcome"`
	Status  int           `json:"status,omitempty"`
	// Age is how old an introspection says that its answer may be.
	Age    time.Duration `json:"age,omitempty"`
	Detail string        `json:"detail,omitempty"`
}

// trouble is what a fault does to a node.
type trouble string

const (
	// away: the process is not there, or is about to end or to begin.
	away trouble = "away"
	// frozen: it is there and does not run.
	frozen trouble = "frozen"
	// apart: it cannot use the database.
	apart trouble = "apart"
)

// fault is a trouble of one node, or of all of them when Node is "".
type fault struct {
	Node    string        `json:"node"`
	Trouble trouble       `json:"trouble"`
	From    time.Duration `json:"from"`
	To      time.Duration `json:"to"`
}

// history is all that is known from outside.
type history struct {
	Events []event
	Faults []fault
}

// recorder gathers a history while many write to it.
type recorder struct {
	zero time.Time

	mu      sync.Mutex
	history history
	open    map[fault]bool
}

func newRecorder() *recorder { return &recorder{zero: time.Now(), open: map[fault]bool{}} }

func (r *recorder) now() time.Duration { return time.Since(r.zero) }

func (r *recorder) add(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history.Events = append(r.history.Events, e)
}

// begin notes a trouble; the function that it returns notes the end.
func (r *recorder) begin(node string, t trouble) (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := fault{Node: node, Trouble: t, From: r.now()}
	r.open[f] = true
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.open, f)
		f.To = r.now()
		r.history.Faults = append(r.history.Faults, f)
	})
}

// taken returns the history so far. Troubles that last go on until now.
func (r *recorder) taken() history {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := history{Events: slices.Clone(r.history.Events), Faults: slices.Clone(r.history.Faults)}
	for f := range r.open {
		f.To = r.now()
		h.Faults = append(h.Faults, f)
	}
	return h
}

// troubled reports whether the node had one of these troubles at some time between.
func (h *history) troubled(node string, from, to time.Duration, kinds ...trouble) bool {
	return slices.ContainsFunc(h.Faults, func(f fault) bool {
		return (f.Node == "" || f.Node == node) && slices.Contains(kinds, f.Trouble) && f.From <= to && f.To >= from
	})
}
