package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/grantd/grantd/internal/web"
)

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

// Range is which part of a list is asked for.
type Range struct {
	// After is the Next of the page before; empty asks for the first page.
	After string
	// Limit is how many items at most.
	Limit int
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T `json:"items"`
	// Next is the After of the next page; empty on the last one.
	Next string `json:"next,omitempty"`
}

// parseRange reads the query of a list.
func parseRange(query url.Values) (Range, error) {
	for name, values := range query {
		if name != "after" && name != "limit" {
			return Range{}, badQuery(name, fmt.Sprintf("there is no parameter %s", quoted(name)), "a list takes after and limit")
		}
		if len(values) > 1 {
			return Range{}, badQuery(name, fmt.Sprintf("the parameter %s is there twice", name), "send it once")
		}
	}
	r := Range{After: query.Get("after"), Limit: defaultPageSize}
	if !query.Has("limit") {
		return r, nil
	}
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > maxPageSize {
		return Range{}, badQuery("limit", "the limit is not a number of items", fmt.Sprintf("use a number from 1 to %d", maxPageSize))
	}
	r.Limit = limit
	return r, nil
}

func badQuery(field, detail, hint string) error {
	return &web.Problem{Status: http.StatusBadRequest, Field: field, Detail: detail, Hint: hint}
}

// cut makes a page of items, which hold one more than asked for when there is
// another page. The id of the last item is where the next page begins.
func cut[T any](items []T, limit int, id func(T) string) Page[T] {
	if len(items) <= limit {
		return Page[T]{Items: items}
	}
	items = items[:limit]
	return Page[T]{Items: items, Next: id(items[limit-1])}
}
