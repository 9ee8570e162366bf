package main

import (
	"crypto/x509"
	"regexp"
	"slices"
	"time"
)

// contender is one row of a comparison: a server and what it gets.
type contender struct {
	name    string
	address string
	pid     int
	// family says that the server may have children.
	family bool
	// cold says that it takes a while until it is as fast as it gets, and coldRounds
	// how many rounds at least.
	cold       bool
	coldRounds int
	scripts    scripts
	// protocol is how it is asked, and roots who may have signed its certificate.
	protocol protocol
	roots    *x509.CertPool
	// against are whom it is compared with; the first is shown beside it.
	against []against
	// rate is what it has to reach in requests a second; zero means that there is no
	// such goal.
	rate float64
}

// against is another contender that one is compared with.
type against struct {
	name string
	// ratio is what the ratio of the two rates has to be at least, and p99 how many
	// times as long the 99th percentile may be; zero means that there is no such goal.
	ratio, p99 float64
	// kind is the part of the plot that the ratio is shown in, and bar what it is
	// called there; empty means it is not.
	kind, bar string
}

// choose keeps the contenders whose name matches, and those they are compared
// with.
func choose(all []contender, only *regexp.Regexp) []contender {
	wanted := map[string]bool{}
	for _, c := range all {
		if !only.MatchString(c.name) {
			continue
		}
		wanted[c.name] = true
		for _, other := range c.against {
			wanted[other.name] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(c contender) bool { return !wanted[c.name] })
}

// sampleRun is what one contender did in one round.
type sampleRun struct {
	rate     float64
	cpu      time.Duration
	p50, p99 time.Duration
	bad      int
}

// series are a contender's rounds at one number of connections.
type series struct {
	contender
	connections int
	rounds      []sampleRun
	compared    []comparison
}

// comparison is how one contender did beside another, round by round: 1 is as good.
type comparison struct {
	against
	// ratios are of the rates, and cpuRatios of the CPU time the other way round.
	ratios, cpuRatios []float64
	// p99Ratios say how many times as long the 99th percentile was.
	p99Ratios []float64
}

func (s series) rates() []float64 {
	var rates []float64
	for _, r := range s.rounds {
		rates = append(rates, r.rate)
	}
	return rates
}

func medianOf(rounds []sampleRun, value func(sampleRun) time.Duration) time.Duration {
	var values []time.Duration
	for _, r := range rounds {
		values = append(values, value(r))
	}
	return median(values)
}

func (s series) bad() int {
	total := 0
	for _, r := range s.rounds {
		total += r.bad
	}
	return total
}

// compareWith sets the comparisons, each round with the same one of the others.
func (s *series) compareWith(table []series) {
	s.compared = nil
	for _, a := range s.against {
		at := slices.IndexFunc(table, func(other series) bool { return other.name == a.name })
		if at < 0 {
			continue
		}
		c := comparison{against: a}
		for i, r := range s.rounds {
			other := table[at].rounds[i]
			c.ratios = append(c.ratios, r.rate/other.rate)
			c.cpuRatios = append(c.cpuRatios, float64(other.cpu)/float64(max(r.cpu, 1)))
			c.p99Ratios = append(c.p99Ratios, float64(r.p99)/float64(max(other.p99, 1)))
		}
		s.compared = append(s.compared, c)
	}
}
