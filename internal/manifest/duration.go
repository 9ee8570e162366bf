package manifest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	day          = 24 * time.Hour
	durationHint = "write a positive number of whole seconds like 90s, 15m, 1h or 30d"
)

// ParseDuration reads a positive duration of whole seconds as people write it: what
// Go reads, and before it days, each of 24 hours: 90s, 1h, 30d, 1d12h.
// The error says so to whoever wrote it.
func ParseDuration(text string) (time.Duration, error) {
	d, err := parseDays(text)
	if err != nil {
		return 0, fmt.Errorf("%.60q is not a duration; write it like 90s, 15m, 1h or 90d", text)
	}
	if d <= 0 || d%time.Second != 0 {
		return 0, errors.New("it must be a positive number of whole seconds; write it like 90s, 15m, 1h or 90d")
	}
	return d, nil
}

func parseDays(text string) (time.Duration, error) {
	const most = 100 * 365
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > most {
		return 0, errors.New("not a number of days")
	}
	if rest == "" {
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || d > most*day {
		return 0, errors.New("not a duration after the days")
	}
	return time.Duration(n)*day + d, nil
}

// FormatDuration writes a duration the way ParseDuration takes it: 30d, 1d12h, 1h,
// 90s.
func FormatDuration(d time.Duration) string {
	if d >= day {
		text := strconv.FormatInt(int64(d/day), 10) + "d"
		if d%day == 0 {
			return text
		}
		return text + FormatDuration(d%day)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
