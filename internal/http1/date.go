package http1

import (
	"net/http"
	"sync/atomic"
	"time"
)

// date is the value of the field Date, which is the same for all answers of a second.
type date struct{ now atomic.Pointer[dated] }

type dated struct {
	second int64
	text   string
}

func (d *date) text(now time.Time) string {
	second := now.Unix()
	last := d.now.Load()
	if last == nil || last.second != second {
		// RFC 9110 §5.6.7: a date is in the format of RFC 5322, in UTC.
		last = &dated{second, now.UTC().Format(http.TimeFormat)}
		d.now.Store(last)
	}
	return last.text
}
