package console

import (
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// chart is a bar for every hour or day, drawn by the template. All lengths are in the
// units of its view box, which is chartWidth by chartHeight.
type chart struct {
	Bars []bar
	Most uint64
}

type bar struct {
	X, Width               int
	TokensY, TokensHeight  int
	FailedY, FailedHeight  int
	Label                  string
	Start                  time.Time
	Tokens, Failed, Others uint64
}

const (
	chartWidth  = 720
	chartHeight = 120
)

func newChart(u admin.Usage, r admin.UsageRange, days bool) chart {
	step, form := time.Hour, "15:00"
	if days {
		step, form = 24*time.Hour, "Jan 2"
	}
	found := map[time.Time]admin.UsageNumbers{}
	for _, item := range u.Items {
		found[item.Start.UTC()] = item.UsageNumbers
	}
	var c chart
	for at := r.From.UTC().Truncate(step); at.Before(r.To); at = at.Add(step) {
		n := found[at]
		c.Bars = append(c.Bars, bar{
			Start: at, Label: at.Format(form), Tokens: n.Tokens, Failed: failures(n.Failures), Others: n.Introspections,
		})
		c.Most = max(c.Most, n.Tokens+failures(n.Failures))
	}
	width := chartWidth / max(len(c.Bars), 1)
	for i := range c.Bars {
		b := &c.Bars[i]
		b.X, b.Width = i*width, width-2
		b.TokensHeight, b.FailedHeight = scaled(b.Tokens, c.Most), scaled(b.Failed, c.Most)
		b.TokensY = chartHeight - b.TokensHeight
		b.FailedY = b.TokensY - b.FailedHeight
	}
	return c
}

// scaled never hides what is not zero.
func scaled(n, most uint64) int {
	if n == 0 {
		return 0
	}
	return max(2, int(float64(n)/float64(most)*(chartHeight-4)))
}

func failures(f admin.UsageFailures) uint64 {
	return f.WrongSecret + f.ScopeRefused + f.RateLimited + f.PolicyRefused + f.Disabled + f.GrantNotAllowed + f.Other
}
