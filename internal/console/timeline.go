package console

import (
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// timeline has a row for every signing key, with a bar for each state that it was in or
// will be in. All lengths are in the units of its view box, which is chartWidth wide.
type timeline struct {
	Rows     []timelineRow
	Height   int
	Now      int
	From, To time.Time
}

type timelineRow struct {
	ID, Algorithm string
	TextY, BarY   int
	Bars          []timelineBar
}

// timelineBar is the time in one state; Until is zero when its end is not known.
type timelineBar struct {
	State       string
	X, Width    int
	From, Until time.Time
}

const (
	timelineRowHeight = 36
	timelineHead      = 16
	timelineLongest   = 400 * 24 * time.Hour
)

func newTimeline(list []admin.SigningKey, now time.Time) timeline {
	t := timeline{Height: timelineHead + timelineRowHeight*len(list)}
	t.From, t.To = now.Add(-time.Hour), now.Add(time.Hour)
	for _, key := range list {
		for _, bar := range barsOf(key) {
			t.From = earlier(t.From, bar.From)
			t.To = later(t.To, later(bar.From, bar.Until))
		}
	}
	// What is very long ago, or far ahead, would leave no room for what is near.
	t.From, t.To = later(t.From, now.Add(-timelineLongest)), earlier(t.To, now.Add(timelineLongest))
	t.To = later(t.To, now.Add(t.To.Sub(t.From)/12))
	t.Now = t.place(now)
	for i, key := range list {
		row := timelineRow{ID: key.ID, Algorithm: key.Algorithm, TextY: timelineHead + i*timelineRowHeight + 12, BarY: timelineHead + i*timelineRowHeight + 17}
		for _, bar := range barsOf(key) {
			end := bar.Until
			if end.IsZero() {
				end = t.To
			}
			bar.X = t.place(bar.From)
			bar.Width = max(2, t.place(end)-bar.X)
			row.Bars = append(row.Bars, bar)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// place is where an instant lies; what is outside is at the edge.
func (t timeline) place(at time.Time) int {
	at = earlier(later(at, t.From), t.To)
	return int(float64(chartWidth) * float64(at.Sub(t.From)) / float64(t.To.Sub(t.From)))
}

// barsOf are the states of a key in order. A revoked key was in none after it.
func barsOf(key admin.SigningKey) []timelineBar {
	all := []timelineBar{
		{State: "pending", From: key.CreatedAt, Until: key.ActivatesAt},
		{State: "active", From: key.ActivatesAt, Until: key.RetiresAt},
		{State: "retiring", From: key.RetiresAt, Until: key.GoneAt},
	}
	var bars []timelineBar
	for _, bar := range all {
		end := key.RevokedAt
		if !end.IsZero() && (bar.Until.IsZero() || end.Before(bar.Until)) {
			bar.Until = end
		}
		if !bar.From.IsZero() && (bar.Until.IsZero() || bar.From.Before(bar.Until)) {
			bars = append(bars, bar)
		}
	}
	return bars
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
