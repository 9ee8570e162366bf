package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

// How much honest traffic there is, in requests a second, and how many times as
// much comes with wrong secrets. Both keep their pace, whatever the answers take.
const (
	honestRate        = 1000
	honestConnections = 8
	floodTimes        = 10
	floodConnections  = 32
	// floodLength is how many times as long as a comparison a round takes, for a 99th
	// percentile of some thousand answers.
	floodLength = 2
)

// flood is how long honest requests take while others guess secrets.
type flood struct {
	// without and with are the rounds of the honest traffic.
	without, with []floodRound
	// guesses are the rounds of the others.
	guesses []floodRound
}

// floodRound is what one side saw in one round.
type floodRound struct {
	rate     float64
	p50, p99 time.Duration
	statuses map[int]int
}

func newFloodRound(r result) floodRound {
	return floodRound{r.rate(), percentile(r.latencies, 50), percentile(r.latencies, 99), r.statuses}
}

// p99Ratio is how many times as long the honest 99th percentile is with the flood.
func (f flood) p99Ratio() float64 {
	var ratios []float64
	for i, with := range f.with {
		ratios = append(ratios, float64(with.p99)/float64(max(f.without[i].p99, 1)))
	}
	return median(ratios)
}

// statuses are the answers that the guesses got.
func (f flood) statuses() map[int]int {
	total := map[int]int{}
	for _, round := range f.guesses {
		for status, count := range round.statuses {
			total[status] += count
		}
	}
	return total
}

// measureFlood measures honest traffic by itself and beside the flood, in turn.
func (r runner) measureFlood(ctx context.Context, g *grantd, who credentials) (flood, error) {
	f := flood{}
	honest := load{
		address: g.address, scripts: always(postRequest(g.address, who)),
		connections: honestConnections, duration: floodLength * r.duration, rate: honestRate,
	}
	guesses := load{
		address: g.address, scripts: turns(wrongRequests(g.address, who), 0),
		connections: floodConnections, duration: floodLength * r.duration, rate: floodTimes * honestRate,
	}
	for range r.rounds {
		seen, err := honest.run(ctx)
		if err == nil && seen.bad > 0 {
			err = fmt.Errorf("%d honest requests were refused without a flood", seen.bad)
		}
		if err != nil {
			return f, err
		}
		f.without = append(f.without, newFloodRound(seen))
		var wrong result
		var failed error
		var flooding sync.WaitGroup
		flooding.Go(func() { wrong, failed = guesses.run(ctx) })
		seen, err = honest.run(ctx)
		flooding.Wait()
		err = errors.Join(err, failed)
		if err == nil && seen.bad > 0 {
			err = fmt.Errorf("%d honest requests were refused beside a flood", seen.bad)
		}
		if err != nil {
			return f, err
		}
		f.with, f.guesses = append(f.with, newFloodRound(seen)), append(f.guesses, newFloodRound(wrong))
	}
	return f, nil
}

// wrongRequests are requests with secrets that are wrong: a half of them with the
// client id of the honest key, from the same address, a half with ids of nobody.
func wrongRequests(host string, who credentials) [][]byte {
	requests := make([][]byte, 1000)
	for i := range requests {
		guess := credentials{ID: who.ID, Secret: rand.Text()}
		if i%2 == 1 {
			guess.ID = rand.Text()[:len(who.ID)]
		}
		requests[i] = postRequest(host, guess)
	}
	return requests
}
