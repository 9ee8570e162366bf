package console

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// errLasting is any text that is none.
var errLasting = errors.New("not a lifetime")

const daySeconds = 24 * 60 * 60

// lasting writes a lifetime as people do: 15m.
func lasting(s admin.Seconds) string {
	switch {
	case s == 0:
		return ""
	case s%daySeconds == 0:
		return strconv.FormatInt(int64(s/daySeconds), 10) + "d"
	case s%3600 == 0:
		return strconv.FormatInt(int64(s/3600), 10) + "h"
	case s%60 == 0:
		return strconv.FormatInt(int64(s/60), 10) + "m"
	}
	return strconv.FormatInt(int64(s), 10) + "s"
}

// parseLasting reads it back; a number alone counts seconds, and nothing is zero.
func parseLasting(text string) (admin.Seconds, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err == nil && n >= 0 {
		return admin.Seconds(n), nil
	}
	days, isDays := strings.CutSuffix(text, "d")
	if isDays {
		n, err = strconv.ParseInt(days, 10, 16)
		if err != nil || n < 0 {
			return 0, errLasting
		}
		return admin.Seconds(n * daySeconds), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d%time.Second != 0 {
		return 0, errLasting
	}
	return admin.Seconds(d / time.Second), nil
}

// localTime writes a time in UTC as fields of forms have it.
func localTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	text := at.UTC().Format("2006-01-02T15:04:05.999")
	return strings.TrimSuffix(text, ":00")
}
