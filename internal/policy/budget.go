package policy

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// reading is what is left of a limit, and after what time that changes: when all
// of it is there again or, when nothing more was admitted, one more.
type reading struct {
	left  int
	reset time.Duration
}

// Budget is what a key may still do. The zero Budget is that of a key without
// limits.
type Budget struct {
	advertised        string
	second, hour, day reading
	has               struct{ second, hour, day bool }
}

// Write sets the fields RateLimit and RateLimit-Policy of
// draft-ietf-httpapi-ratelimit-headers, with one item for each limit of the key,
// and none when it has no limit.
func (b Budget) Write(h http.Header) {
	if b.advertised == "" {
		return
	}
	h.Set("RateLimit-Policy", b.advertised)
	line := make([]byte, 0, 64)
	if b.has.second {
		line = b.second.appendItem(line, "second")
	}
	if b.has.hour {
		line = b.hour.appendItem(line, "hour")
	}
	if b.has.day {
		line = b.day.appendItem(line, "day")
	}
	h.Set("RateLimit", string(line))
}

func (r reading) appendItem(line []byte, name string) []byte {
	if len(line) > 0 {
		line = append(line, ", "...)
	}
	line = append(line, '"')
	line = append(line, name...)
	line = append(line, `";r=`...)
	line = strconv.AppendInt(line, int64(r.left), 10)
	line = append(line, ";t="...)
	return strconv.AppendInt(line, int64(whole(r.reset)/time.Second), 10)
}

// whole rounds up to whole seconds, at least one: who comes back after that finds
// what was promised.
func whole(d time.Duration) time.Duration {
	return max(1, (d+time.Second-1)/time.Second) * time.Second
}

// advertise writes the field RateLimit-Policy.
func (r *Rules) advertise() string {
	text := ""
	if r.second.limited() {
		// The long run and the burst in one item: as many as may come at once, in the
		// time after which they may do so again.
		burst, perSecond := r.second.burst, r.second.perSecond
		text += fmt.Sprintf(`, "second";q=%d;w=%d`, max(burst, perSecond), max(1, (burst+perSecond-1)/perSecond))
	}
	if r.hour.limited() {
		text += fmt.Sprintf(`, "hour";q=%d;w=3600`, r.hour.limit)
	}
	if r.day.limited() {
		text += fmt.Sprintf(`, "day";q=%d;w=86400`, r.day.limit)
	}
	if text == "" {
		return ""
	}
	return text[len(", "):]
}

// TakeRequest counts a request. Beyond the limit the error is the *web.Error to
// answer with, and nothing is counted. The Budget is good in either case.
func (r *Rules) TakeRequest(now time.Time) (Budget, error) {
	if r.unlimited() {
		return Budget{}, r.refuseClosed()
	}
	b := r.budget(now)
	if !r.second.limited() {
		return b, nil
	}
	admitted := false
	b.second, admitted = r.second.take(&r.counters.second, now)
	if !admitted {
		return b, r.refuseSecond(b.second)
	}
	return b, nil
}

// TakeToken counts a token in the hour and in the day, or in neither. Beyond a
// limit the error is the *web.Error to answer with. The Budget is good in either
// case.
func (r *Rules) TakeToken(now time.Time) (Budget, error) {
	if r.unlimited() {
		return Budget{}, r.refuseClosed()
	}
	b := r.budget(now)
	var window uint32
	admitted := true
	if r.hour.limited() {
		b.hour, window, admitted = r.hour.take(&r.counters.hour, now)
	}
	if !admitted {
		return b, r.refuseHour(b.hour)
	}
	if r.day.limited() {
		b.day, _, admitted = r.day.take(&r.counters.day, now)
	}
	if !admitted {
		if r.hour.limited() {
			r.hour.giveBack(&r.counters.hour, window)
			b.hour.left++
		}
		return b, r.refuseDay(b.day)
	}
	return b, nil
}

// AdmitRate returns what [Rules.TakeRequest] and then [Rules.TakeToken] would
// refuse with. It counts nothing.
func (r *Rules) AdmitRate(now time.Time) error {
	if r.unlimited() {
		return r.refuseClosed()
	}
	if r.second.limited() {
		left, admitted := r.second.peek(&r.counters.second, now)
		if !admitted {
			return r.refuseSecond(left)
		}
	}
	if r.hour.limited() {
		left, admitted := r.hour.peek(&r.counters.hour, now)
		if !admitted {
			return r.refuseHour(left)
		}
	}
	if r.day.limited() {
		left, admitted := r.day.peek(&r.counters.day, now)
		if !admitted {
			return r.refuseDay(left)
		}
	}
	return nil
}

// Budget returns what the key may still do. It counts nothing.
func (r *Rules) Budget(now time.Time) Budget {
	if r.unlimited() {
		return Budget{}
	}
	return r.budget(now)
}

func (r *Rules) unlimited() bool { return r == nil || r.advertised == "" }

// budget reads all limits and counts nothing.
func (r *Rules) budget(now time.Time) Budget {
	b := Budget{advertised: r.advertised}
	if r.second.limited() {
		b.has.second = true
		b.second, _ = r.second.peek(&r.counters.second, now)
	}
	if r.hour.limited() {
		b.has.hour = true
		b.hour, _ = r.hour.peek(&r.counters.hour, now)
	}
	if r.day.limited() {
		b.has.day = true
		b.day, _ = r.day.peek(&r.counters.day, now)
	}
	return b
}

func (r *Rules) refuseSecond(left reading) error {
	wait := whole(left.reset)
	return refuseRate(fmt.Sprintf("this key may make %d requests a second, %d of them at once; wait %s and send the request again",
		r.second.perSecond, r.second.burst, seconds(wait)), wait)
}

func (r *Rules) refuseHour(left reading) error {
	wait := whole(left.reset)
	return refuseRate(fmt.Sprintf("this key has got all that it may get in an hour, %s; use those until the next hour begins in %s",
		count(r.hour.limit, "token"), seconds(wait)), wait)
}

func (r *Rules) refuseDay(left reading) error {
	wait := whole(left.reset)
	return refuseRate(fmt.Sprintf("this key has got all that it may get in a day of UTC, %s; use those until the next day begins in %s",
		count(r.day.limit, "token"), seconds(wait)), wait)
}

func seconds(d time.Duration) string { return count(int(d/time.Second), "second") }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
