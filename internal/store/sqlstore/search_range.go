package sqlstore

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/grantd/grantd/internal/store"
)

// highest is behind every text that a name or an id can be.
func highest() string { return strings.Repeat("\U0010FFFF", 256) }

// clientRange is the part of an order that a query is about.
type clientRange struct {
	order    clientOrder
	from, to store.ClientPlace
	// fixed is what all keys have of an index that has the id behind it.
	fixed string
	// filter are the arguments of clientFilter; filtered says that they leave
	// something out.
	filter   []any
	filtered bool
}

func clientRangeOf(q store.ClientQuery) (clientRange, error) {
	r := clientRange{from: q.After}
	order, fixed := q.Order, q.Owner
	if q.Owner == "" && q.Order == store.ByID && q.Disabled != nil {
		order, fixed, q.Disabled = byDisabled, yes(q.Disabled), nil
	}
	if q.Owner != "" && q.Order == store.ByID {
		order = byOwner
	}
	var known bool
	r.order, known = clientOrderOf(order)
	r.fixed = fixed
	if !known || q.Owner != "" && q.Order != store.ByID || q.Prefix != "" && q.Order != store.ByID && q.Order != store.ByName {
		return clientRange{}, fmt.Errorf("order %q with owner %q and prefix %q: %w", q.Order, q.Owner, q.Prefix, store.ErrInvalid)
	}
	r.from.Name, r.from.ID, q.Prefix = textOf(r.from.Name), textOf(r.from.ID), textOf(q.Prefix)
	beginning := lowerASCII(q.Prefix)
	if q.Order == store.ByID {
		beginning = q.Prefix
	}
	r.to = store.ClientPlace{Name: beginning + highest(), ID: beginning + highest(), Number: math.MaxInt64}
	if r.order.number {
		r.to.ID = highest()
	}
	if q.After == (store.ClientPlace{}) {
		r.from = store.ClientPlace{Name: beginning, ID: below(beginning, q.Order), Number: math.MinInt64}
	}
	if r.order.descending {
		r.to = store.ClientPlace{Number: math.MinInt64}
	}
	if r.order.descending && q.After == (store.ClientPlace{}) {
		r.from = store.ClientPlace{Number: math.MaxInt64, ID: highest()}
	}
	used, unused := int64(math.MinInt64), int64(math.MaxInt64)
	if !q.UsedFrom.IsZero() {
		used = dayOf(q.UsedFrom)
	}
	if !q.UsedBefore.IsZero() {
		unused = dayOf(q.UsedBefore)
	}
	if q.Order == store.LongestUnused {
		// The index has it.
		if q.After == (store.ClientPlace{}) {
			r.from.Number = used
		}
		r.to = store.ClientPlace{Number: unused - 1, ID: highest()}
		used, unused = math.MinInt64, math.MaxInt64
	}
	contains, expiring := "", int64(0)
	if q.Contains != "" {
		contains = "%" + escapeLike(lowerASCII(textOf(q.Contains))) + "%"
	}
	if q.Expired != nil && *q.Expired {
		expiring = max(q.At.UnixMilli(), 1)
	}
	created := int64(math.MaxInt64)
	if !q.CreatedBefore.IsZero() {
		created = q.CreatedBefore.UnixMilli()
	}
	r.filter = []any{string(q.Mode), yes(q.Disabled), contains, used, unused, expiring, created}
	r.filtered = q.Mode != "" || q.Disabled != nil || contains != "" || used != math.MinInt64 || unused != math.MaxInt64 || q.Expired != nil || created != math.MaxInt64
	return r, nil
}

// below is a text right before every id that begins so: the ids of a page come after
// the place at which it begins.
func below(beginning string, order store.ClientOrder) string {
	if order != store.ByID || beginning == "" {
		return ""
	}
	const surrogates = 0xE000 - 0xD800
	last, size := utf8.DecodeLastRuneInString(beginning)
	rest := beginning[:len(beginning)-size]
	last--
	if last == 0xDFFF {
		last -= surrogates
	}
	if last == 0 {
		return rest
	}
	return rest + string(last) + highest()
}

func yes(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "yes"
	}
	return "no"
}

// bounds are the first four arguments of a statement.
func (r clientRange) bounds() []any {
	switch {
	case r.order.number:
		return []any{r.from.Number, r.to.Number, r.from.ID, r.to.ID}
	case r.order.name == "name":
		return []any{r.from.Name, r.to.Name, r.from.ID, r.to.ID}
	}
	return []any{r.from.ID, r.to.ID, r.fixed, ""}
}

// lowerASCII does what lower does in both databases.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// escapeLike takes the meaning from what has one in a pattern.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
