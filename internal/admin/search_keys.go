package admin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// KeyState is what a key can be used for now.
type KeyState string

// The states. A key that is disabled and has expired is disabled.
const (
	StateEnabled  KeyState = "enabled"
	StateDisabled KeyState = "disabled"
	StateExpired  KeyState = "expired"
)

// KeySort is the order of a list of keys.
type KeySort string

// The orders.
const (
	SortID     KeySort = "id"
	SortName   KeySort = "name"
	SortNewest KeySort = "newest"
	// SortUnused begins with those never used, then the longest unused.
	SortUnused KeySort = "unused"
)

// KeySearch asks for keys. What is empty asks for nothing.
type KeySearch struct {
	// Search is how the id or the name begins: first come the ids, then the names. It
	// goes with no sort.
	Search string `json:"search,omitempty"`
	// Contains is in the name, the id or the owner. ASCII letters match in either case.
	Contains string     `json:"contains,omitempty"`
	Owner    string     `json:"owner,omitempty"`
	Mode     store.Mode `json:"mode,omitempty"`
	State    KeyState   `json:"state,omitempty"`
	// UsedFrom and UsedBefore bound the day of UTC of the last use, the latter
	// exclusively; a key that was never used was used before all days.
	UsedFrom   time.Time `json:"used_from,omitzero"`
	UsedBefore time.Time `json:"used_before,omitzero"`
	// NeverUsed asks for keys that nobody has used.
	NeverUsed bool `json:"never_used,omitzero"`
	// UnusedFor asks for keys that are so old and were not used for so long.
	UnusedFor Seconds `json:"unused_for,omitzero"`
	// Sort is id unless given, and unused with a bound of the last use. Keys of one
	// owner come by id only.
	Sort KeySort `json:"sort,omitempty"`
	// Cursor is the Next of the page before.
	Cursor string `json:"-"`
	// Limit is 50 unless given, at most 200.
	Limit int `json:"-"`
}

// keyPlace is where a page of keys begins.
type keyPlace struct {
	// Names says that the ids of a Search have all been listed.
	Names  bool   `json:"p,omitzero"`
	Name   string `json:"n,omitempty"`
	Number int64  `json:"i,omitzero"`
	ID     string `json:"d,omitempty"`
}

// SearchKeys returns a part of the list of keys that is asked for. A page may hold
// fewer keys than its limit, or none, and have a Next: the server looks at so many keys
// for one page and no more.
func (u *UseCases) SearchKeys(ctx context.Context, s KeySearch) (Page[Key], error) {
	at := u.now()
	limit, err := checkLimit(s.Limit)
	if err != nil {
		return Page[Key]{}, err
	}
	q, err := s.query(at)
	if err != nil {
		return Page[Key]{}, err
	}
	var place keyPlace
	if s.Cursor != "" {
		err = u.open(s, s.Cursor, &place)
		if err != nil {
			return Page[Key]{}, err
		}
	}
	q.After = store.ClientPlace{Name: place.Name, Number: place.Number, ID: place.ID}
	page := Page[Key]{Items: []Key{}}
	for {
		q.Limit = limit - len(page.Items)
		if place.Names {
			q.Order = store.ByName
		}
		found, err := u.Store.FindClients(ctx, q)
		if err != nil {
			return Page[Key]{}, storeProblem(err)
		}
		for _, c := range found.Clients {
			if !place.Names || !strings.HasPrefix(c.ID, s.Search) {
				page.Items = append(page.Items, keyFrom(c, at))
			}
		}
		ended := found.Next == (store.ClientPlace{})
		switch {
		case !ended:
			place.Name, place.Number, place.ID = found.Next.Name, found.Next.Number, found.Next.ID
		case s.Search != "" && !place.Names:
			place = keyPlace{Names: true}
		default:
			return page, nil
		}
		if !ended || len(page.Items) == limit {
			page.Next, err = u.seal(s, place)
			return page, err
		}
		q.After = store.ClientPlace{}
	}
}

// query checks what is asked for.
func (s KeySearch) query(at time.Time) (store.ClientQuery, error) {
	q := store.ClientQuery{
		Prefix: s.Search, Contains: s.Contains, Owner: s.Owner, Mode: s.Mode, At: at,
		UsedFrom: s.UsedFrom, UsedBefore: s.UsedBefore,
	}
	for name, text := range map[string]string{"search": s.Search, "contains": s.Contains, "owner": s.Owner} {
		if len(text) > maxNameRunes {
			return q, badQuery(name, fmt.Sprintf("the parameter %s is longer than %d bytes", name, maxNameRunes), "look for a part of it")
		}
	}
	yes, no := true, false
	switch s.State {
	case "":
	case StateEnabled:
		q.Disabled, q.Expired = &no, &no
	case StateDisabled:
		q.Disabled = &yes
	case StateExpired:
		q.Disabled, q.Expired = &no, &yes
	default:
		return q, badQuery("state", "there is no such state", "use enabled, disabled or expired")
	}
	if s.Mode != "" && s.Mode != store.Live && s.Mode != store.Test {
		return q, badQuery("mode", "there is no such mode", "use live or test")
	}
	if s.UnusedFor < 0 || s.UnusedFor > maxSecretLifetime {
		return q, badQuery("unused_for", "unused_for is not a number of seconds", fmt.Sprintf("use a number from 1 to %d", maxSecretLifetime))
	}
	if s.UnusedFor > 0 {
		q.UsedBefore = at.Add(-s.UnusedFor.Duration())
		q.CreatedBefore = q.UsedBefore
	}
	if s.NeverUsed {
		q.UsedBefore = time.Unix(0, 0).Add(24 * time.Hour)
	}
	return q, s.order(&q)
}

// order chooses the order, which decides what is quick to find.
func (s KeySearch) order(q *store.ClientQuery) error {
	sort := s.Sort
	switch {
	case sort != "" && s.Search != "":
		return badQuery("sort", "what a search finds comes in an order of its own", "leave sort out, or look for a part with contains")
	case sort == "" && s.Search == "" && s.Owner == "" && (!q.UsedFrom.IsZero() || !q.UsedBefore.IsZero()):
		sort = SortUnused
	case sort == "":
		sort = SortID
	}
	switch sort {
	case SortID, SortName, SortNewest, SortUnused:
	default:
		return badQuery("sort", "there is no such order", "use id, name, newest or unused")
	}
	if s.Owner != "" && sort != SortID {
		return badQuery("sort", "the keys of one owner come in the order of their ids", "leave sort out")
	}
	if s.Owner != "" && s.Search != "" {
		return badQuery("search", "the keys of one owner are looked through with contains", "use contains in place of search")
	}
	q.Order = store.ClientOrder(sort)
	return nil
}
