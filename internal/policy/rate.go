package policy

import (
	"sync/atomic"
	"time"
)

// counters are what the limits of a key remember, on this node and in memory.
type counters struct {
	second    atomic.Int64
	hour, day atomic.Uint64
}

// stray is how far the clock of a request may be behind that of another one that
// was counted before it: they wait for each other, and clocks are set. What is
// further behind shows that the clock went back for good.
const stray = 10 * time.Second

// pace is so many requests per second in the long run, and some of them at once:
// the generic cell rate algorithm. The zero pace is no limit.
//
// Its state is the instant, in nanoseconds since 1970, at which all that was
// admitted would have come if it had come evenly.
type pace struct {
	perSecond int
	// interval is between two requests that come evenly.
	interval time.Duration
	// burst is how many may come at once.
	burst int
}

// newPace makes the limit; without a burst, a second's worth may come at once.
func newPace(perSecond, burst int) pace {
	if perSecond == 0 {
		return pace{}
	}
	if burst == 0 {
		burst = perSecond
	}
	// Rounded up: never more than was asked for.
	interval := (time.Second + time.Duration(perSecond) - 1) / time.Duration(perSecond)
	return pace{perSecond: perSecond, interval: interval, burst: burst}
}

func (p pace) limited() bool { return p.burst > 0 }

// depth is how long it takes until everything may come at once again.
func (p pace) depth() time.Duration { return p.interval * time.Duration(p.burst) }

// take admits one more, or says how long to wait for that.
func (p pace) take(state *atomic.Int64, now time.Time) (reading, bool) {
	for {
		old := state.Load()
		next, admitted := p.step(old, now)
		if next == old || state.CompareAndSwap(old, next) {
			return p.read(next, now, admitted), admitted
		}
	}
}

// peek is take without taking.
func (p pace) peek(state *atomic.Int64, now time.Time) (reading, bool) {
	at := p.behind(state.Load(), now)
	admitted := at-now.UnixNano() <= int64(p.depth()-p.interval)
	return p.read(at, now, admitted), admitted
}

// step returns the state after one more.
func (p pace) step(old int64, now time.Time) (next int64, admitted bool) {
	at := p.behind(old, now)
	if at-now.UnixNano() > int64(p.depth()-p.interval) {
		return at, false
	}
	return max(at, now.UnixNano()) + int64(p.interval), true
}

// behind returns the state as seen from now. When the clock went back for good,
// everything is as after the largest burst.
func (p pace) behind(state int64, now time.Time) int64 {
	full := now.Add(p.depth())
	if state > full.Add(stray).UnixNano() {
		return full.UnixNano()
	}
	return state
}

// read says what is left of the burst, and when there is more.
func (p pace) read(state int64, now time.Time, admitted bool) reading {
	ahead := max(0, time.Duration(state-now.UnixNano()))
	if !admitted {
		return reading{reset: ahead + p.interval - p.depth()}
	}
	return reading{left: max(0, int((p.depth()-ahead)/p.interval)), reset: ahead}
}

// quota is so many tokens in a whole hour or day of UTC. A zero limit is none.
//
// Its state is the number of the window since 1970 in the upper half, and how
// many it had in the lower.
type quota struct {
	limit  int
	length time.Duration
}

func (q quota) limited() bool { return q.limit > 0 }

// take counts one more, or says how long to wait for that. It returns the window,
// which giveBack takes.
func (q quota) take(state *atomic.Uint64, now time.Time) (reading, uint32, bool) {
	for {
		old := state.Load()
		window, count := q.at(old, now)
		admitted := int64(count) < int64(q.limit)
		if admitted {
			count++
		}
		next := pack(window, count)
		if next == old || state.CompareAndSwap(old, next) {
			return q.read(window, count, now), window, admitted
		}
	}
}

// giveBack takes one back that was counted in the window.
func (q quota) giveBack(state *atomic.Uint64, window uint32) {
	for {
		old := state.Load()
		at, count := unpack(old)
		if at != window || count == 0 || state.CompareAndSwap(old, pack(at, count-1)) {
			return
		}
	}
}

// peek is take without taking.
func (q quota) peek(state *atomic.Uint64, now time.Time) (reading, bool) {
	window, count := q.at(state.Load(), now)
	return q.read(window, count, now), int64(count) < int64(q.limit)
}

// at returns the window of now and how many it had. A clock that goes back for
// good takes the count along: it must not make the limit begin anew, nor may the
// key wait for a window that is far away.
func (q quota) at(state uint64, now time.Time) (window, count uint32) {
	window = uint32(max(0, now.Unix()) / int64(q.length/time.Second)) //nolint:gosec // hours since 1970 have room for 490 000 years
	was, count := unpack(state)
	switch {
	case was < window:
		return window, 0
	case was > window && q.start(was).Sub(now) <= stray:
		return was, count
	}
	return window, count
}

func (q quota) start(window uint32) time.Time {
	return time.Unix(int64(window)*int64(q.length/time.Second), 0)
}

func (q quota) read(window, count uint32, now time.Time) reading {
	return reading{left: max(0, q.limit-int(count)), reset: q.start(window).Add(q.length).Sub(now)}
}

func pack(window, count uint32) uint64 { return uint64(window)<<32 | uint64(count) }

func unpack(state uint64) (window, count uint32) { return uint32(state >> 32), uint32(state) } //nolint:gosec // the two halves
