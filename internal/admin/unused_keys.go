package admin

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// UnusedKey is a key that was not used for some time.
type UnusedKey struct {
	ClientID  string    `json:"client_id"`
	Name      string    `json:"name"`
	Disabled  bool      `json:"disabled"`
	CreatedAt time.Time `json:"created_at"`
	// LastUsedOn is a day of UTC, like 2026-01-31; absent when it never was.
	LastUsedOn string `json:"last_used_on,omitempty"`
}

// UnusedRange asks for keys that were not used for so long, the longest unused first.
type UnusedRange struct {
	UnusedFor Seconds
	Range     Range
}

const defaultUnused = Seconds(90 * 24 * time.Hour / time.Second)

// ListUnusedKeys returns a part of the list of keys that nobody has used for so long,
// and that were there all that time. A page may hold fewer keys than its limit, or none,
// and have a Next, as with SearchKeys.
func (u *UseCases) ListUnusedKeys(ctx context.Context, r UnusedRange) (Page[UnusedKey], error) {
	after, err := parseUnused(r.Range.After)
	if err != nil {
		return Page[UnusedKey]{}, err
	}
	since := u.now().Add(-r.UnusedFor.Duration())
	found, err := u.Store.FindClients(ctx, store.ClientQuery{
		Order: store.LongestUnused, After: after, UsedBefore: since, CreatedBefore: since, Limit: r.Range.Limit,
	})
	if err != nil {
		return Page[UnusedKey]{}, storeProblem(err)
	}
	page := Page[UnusedKey]{Items: make([]UnusedKey, 0, len(found.Clients))}
	for i, key := range found.Clients {
		page.Items = append(page.Items, UnusedKey{
			ClientID: key.ID, Name: key.Name, Disabled: key.Disabled, CreatedAt: key.CreatedAt, LastUsedOn: dateOf(found.Places[i]),
		})
	}
	if found.Next != (store.ClientPlace{}) {
		page.Next = dateOf(found.Next) + "/" + found.Next.ID
	}
	return page, nil
}

const secondsOfDay = 24 * 60 * 60

// dateOf is the day of the last use, empty when there was none.
func dateOf(place store.ClientPlace) string {
	if place.Number == 0 {
		return ""
	}
	return time.Unix(place.Number*secondsOfDay, 0).UTC().Format(time.DateOnly)
}

// parseUnused reads the Next of a page: a date, a slash and a client id.
func parseUnused(after string) (store.ClientPlace, error) {
	date, id, found := strings.Cut(after, "/")
	place := store.ClientPlace{ID: id}
	if after == "" || found && date == "" {
		return place, nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil || !found {
		return store.ClientPlace{}, badQuery("after", "after is not the next of a page", "leave it out to begin at the first")
	}
	place.Number = day.Unix() / secondsOfDay
	return place, nil
}

// parseUnusedRange reads the query of the list.
func parseUnusedRange(query url.Values) (UnusedRange, error) {
	r := UnusedRange{UnusedFor: defaultUnused}
	if query.Has("unused_for") {
		unused, err := strconv.ParseInt(query.Get("unused_for"), 10, 64)
		if err != nil || unused < 1 || Seconds(unused) > maxSecretLifetime || len(query["unused_for"]) > 1 {
			return UnusedRange{}, badQuery("unused_for", "unused_for is not a number of seconds",
				fmt.Sprintf("use a number from 1 to %d", maxSecretLifetime))
		}
		r.UnusedFor = Seconds(unused)
	}
	rest := url.Values{}
	for name, values := range query {
		if name != "unused_for" {
			rest[name] = values
		}
	}
	var err error
	r.Range, err = parseRange(rest)
	return r, err
}
