package main

import "testing"

func TestAServerIsWarmWhenItGetsNoFaster(t *testing.T) {
	tests := []struct {
		name  string
		rates []float64
		want  int
	}{
		{"warm from the start", []float64{100, 101, 99, 500}, 3},
		{"it takes a while", []float64{10, 20, 40, 41, 80, 81, 82}, 7},
		{"one slow round is not the end", []float64{10, 9, 20, 20, 20}, 5},
		{"it grows without end", []float64{1, 2, 3, 4, 5}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := warming{}
			got := 0
			for i, rate := range test.rates {
				if w.done(rate) {
					got = i + 1
					break
				}
			}
			if got != test.want {
				t.Errorf("got warm after %d rounds, want %d", got, test.want)
			}
		})
	}
}
