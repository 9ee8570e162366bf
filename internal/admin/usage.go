package admin

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/usage"
)

// Usage is what a key was used for. Items in which nothing happened are left out.
type Usage struct {
	ClientID string    `json:"client_id"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	// Span is how long an item is: hour or day.
	Span  string       `json:"span"`
	Items []UsageItem  `json:"items"`
	Total UsageNumbers `json:"total"`
	// RecentFailures are the latest refusals, the last first. What Failures has more
	// of them came from elsewhere.
	RecentFailures []UsageFailure `json:"recent_failures"`
}

// UsageItem is one hour or day, in UTC.
type UsageItem struct {
	Start time.Time `json:"start"`
	UsageNumbers
}

// UsageNumbers are counts of one time.
type UsageNumbers struct {
	Tokens         uint64        `json:"tokens"`
	Refreshes      uint64        `json:"refreshes"`
	Introspections uint64        `json:"introspections"`
	Failures       UsageFailures `json:"failures"`
}

// UsageFailures are refusals by reason.
type UsageFailures struct {
	WrongSecret     uint64 `json:"wrong_secret"`
	ScopeRefused    uint64 `json:"scope_refused"`
	RateLimited     uint64 `json:"rate_limited"`
	PolicyRefused   uint64 `json:"policy_refused"`
	Disabled        uint64 `json:"disabled"`
	GrantNotAllowed uint64 `json:"grant_not_allowed"`
	Other           uint64 `json:"other"`
}

// UsageFailure is a number of refusals for one reason from one address.
type UsageFailure struct {
	Reason  string    `json:"reason"`
	Address string    `json:"address,omitempty"`
	Count   uint64    `json:"count"`
	LastAt  time.Time `json:"last_at"`
}

// UsageRange is the time that is asked for: From inclusively, To exclusively.
type UsageRange struct{ From, To time.Time }

const (
	// longestByHour is up to what length a range is answered hour by hour.
	longestByHour = 3 * 24 * time.Hour
	longestRange  = 400 * 24 * time.Hour
)

// Usage returns what a key was used for, up to now on this node and up to a minute
// ago on others. A range that begins within an hour or a day has all of it.
func (u *UseCases) Usage(ctx context.Context, clientID string, r UsageRange) (Usage, error) {
	err := u.flush(ctx)
	if err != nil {
		return Usage{}, err
	}
	key, err := u.Store.Client(ctx, clientID)
	if err != nil {
		return Usage{}, keyProblem(clientID, err)
	}
	// What a key of this id was used for that was there before is none of it.
	return u.usageOf(ctx, clientID, r, key.CreatedAt)
}

// UsageOfAll returns what all keys together were used for, and what came under ids that
// are nobody's, up to a minute ago. Earlier releases have not counted it.
func (u *UseCases) UsageOfAll(ctx context.Context, r UsageRange) (Usage, error) {
	all, err := u.usageOf(ctx, usage.AllKeys, r, time.Time{})
	all.ClientID = ""
	return all, err
}

// usageOf returns what was counted under an id since it is that of what is asked about.
func (u *UseCases) usageOf(ctx context.Context, clientID string, r UsageRange, since time.Time) (Usage, error) {
	span, name := store.Hour, "hour"
	if r.To.Sub(r.From) > longestByHour {
		span, name = store.Day, "day"
	}
	from := span.Start(r.From)
	if from.Before(since) {
		from = span.Start(since)
	}
	counts, batches, err := u.UsageCounts.UsageOf(ctx, clientID, span, from, r.To)
	if err != nil {
		return Usage{}, storeProblem(err)
	}
	sums, err := sumUsage(clientID, span, counts, batches)
	if err != nil {
		return Usage{}, fmt.Errorf("read the usage of a key: %w", err)
	}
	return usageFrom(clientID, name, UsageRange{from, r.To}, sums), nil
}

// sumUsage adds what is merged and what is not yet.
func sumUsage(
	clientID string, span store.UsageSpan, counts []store.UsageCount, batches []store.UsageBatch,
) (map[time.Time]*usage.Counts, error) {
	sums := map[time.Time]*usage.Counts{}
	add := func(start time.Time, one usage.Counts) {
		if sums[start] == nil {
			sums[start] = &usage.Counts{}
		}
		sums[start].Add(&one)
	}
	for _, c := range counts {
		one, err := usage.Decode(c.Data, c.Start)
		if err != nil {
			return nil, err
		}
		add(c.Start, one)
	}
	for _, b := range batches {
		one, err := usage.Of(b, clientID)
		if err != nil {
			return nil, err
		}
		add(span.Start(b.At), one)
	}
	return sums, nil
}

func usageFrom(clientID, span string, r UsageRange, sums map[time.Time]*usage.Counts) Usage {
	shown := Usage{ClientID: clientID, From: r.From, To: r.To, Span: span, Items: []UsageItem{}, RecentFailures: []UsageFailure{}}
	var total usage.Counts
	for start, one := range sums {
		total.Add(one)
		numbers := usageNumbers(one)
		if numbers != (UsageNumbers{}) {
			shown.Items = append(shown.Items, UsageItem{start, numbers})
		}
	}
	slices.SortFunc(shown.Items, func(a, b UsageItem) int { return a.Start.Compare(b.Start) })
	shown.Total = usageNumbers(&total)
	for _, f := range total.Recent {
		shown.RecentFailures = append(shown.RecentFailures, UsageFailure{f.Reason.String(), f.From, f.Count, f.Last})
	}
	return shown
}

func usageNumbers(c *usage.Counts) UsageNumbers {
	return UsageNumbers{
		Tokens:         c.Uses[usage.Tokens],
		Refreshes:      c.Uses[usage.Refreshes],
		Introspections: c.Uses[usage.Introspections],
		Failures: UsageFailures{
			WrongSecret:     c.Failures[usage.WrongSecret],
			ScopeRefused:    c.Failures[usage.ScopeRefused],
			RateLimited:     c.Failures[usage.RateLimited],
			PolicyRefused:   c.Failures[usage.PolicyRefused],
			Disabled:        c.Failures[usage.Disabled],
			GrantNotAllowed: c.Failures[usage.GrantNotAllowed],
			Other:           c.Failures[usage.Other],
		},
	}
}

// parseUsageRange reads the query of a key's usage: from and to, as RFC 3339 has
// them; without to it is until now, without from a day long.
func (u *UseCases) parseUsageRange(query url.Values) (UsageRange, error) {
	const hint = "write from and to like 2026-01-31T18:00:00Z, at most 400 days apart"
	r := UsageRange{To: u.now()}
	for name, values := range query {
		if name != "from" && name != "to" {
			return UsageRange{}, badQuery(name, fmt.Sprintf("there is no parameter %s", quoted(name)), "usage takes from and to")
		}
		at, err := time.Parse(time.RFC3339, values[0])
		if err != nil || len(values) > 1 {
			return UsageRange{}, badQuery(name, fmt.Sprintf("the parameter %s is not one time", name), hint)
		}
		if name == "from" {
			r.From = at.UTC()
			continue
		}
		r.To = at.UTC()
	}
	if r.From.IsZero() {
		r.From = r.To.Add(-24 * time.Hour)
	}
	if !r.From.Before(r.To) || r.To.Sub(r.From) > longestRange {
		return UsageRange{}, badQuery("from", "from and to do not bound a time", hint)
	}
	return r, nil
}
