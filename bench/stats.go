package main

import (
	"cmp"
	"slices"
)

// number is anything with an order that can be averaged.
type number interface {
	~int | ~int64 | ~float64
}

// median returns the middle of the values, or 0 when there are none.
func median[T number](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// percentile returns the smallest value that p per cent of the sorted values do
// not exceed, or the zero value when there are none.
func percentile[T cmp.Ordered](sorted []T, p int) T {
	if len(sorted) == 0 {
		var none T
		return none
	}
	at := (len(sorted)*p + 99) / 100
	return sorted[max(at, 1)-1]
}

// spread returns the smallest and the largest value.
func spread[T number](values []T) (T, T) {
	if len(values) == 0 {
		return 0, 0
	}
	return slices.Min(values), slices.Max(values)
}
