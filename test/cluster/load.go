package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// load is what clients do all the time, at every node.
type load struct {
	*caller
	nodes  []*node
	key    key
	signer signer
	// registers are one for each node.
	registers []register
	round     int // tells the keys that it makes from those of other loads
	mayLose   bool

	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	watched []watched
	created []key
}

// watched is a token that is asked about, whether it was revoked or not.
type watched struct {
	token string
	since time.Duration
}

// How often each client of each node does something. The machine is small, and has
// to keep up: what is measured here is not speed.
const (
	tokenPause      = 40 * time.Millisecond
	introspectPause = 15 * time.Millisecond
	revokePause     = 150 * time.Millisecond
	refreshPause    = 120 * time.Millisecond
	assertionPause  = 120 * time.Millisecond
	adminPause      = 250 * time.Millisecond
)

func (l *load) start(ctx context.Context) {
	ctx, l.stop = context.WithCancel(ctx)
	for i, n := range l.nodes {
		others := slices.Concat(l.nodes[i:], l.nodes[:i])
		l.repeat(ctx, tokenPause, func() { l.token(&l.key, others...) })
		l.repeat(ctx, introspectPause, func() { l.look(n) })
		l.repeat(ctx, introspectPause, func() { l.look(n) })
		l.repeat(ctx, revokePause, func() { l.end(ctx, n, others) })
		l.chain(ctx, i)
		l.assert(ctx, n)
		l.operate(ctx, n, l.registers[i])
	}
}

// end stops the clients and waits for them.
func (l *load) finish() {
	l.stop()
	l.running.Wait()
}

// repeat calls step until the load ends.
func (l *load) repeat(ctx context.Context, pause time.Duration, step func()) {
	l.running.Go(func() {
		for wait(ctx, pause/2+rand.N(pause)) {
			step()
		}
	})
}

// wait returns false when ctx ends before.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// look introspects a token, of the last ones more often than of others.
func (l *load) look(n *node) {
	l.mu.Lock()
	if len(l.watched) == 0 {
		l.mu.Unlock()
		return
	}
	first := 0
	if rand.IntN(3) > 0 {
		first = max(0, len(l.watched)-60)
	}
	one := l.watched[first+rand.IntN(len(l.watched)-first)]
	l.mu.Unlock()
	l.introspect(n, &l.key, one.token)
}

// end gets a token, sees it used for a moment, and revokes it or its family.
func (l *load) end(ctx context.Context, n *node, nodes []*node) {
	t, ok := l.token(&l.key, nodes...)
	if !ok {
		return
	}
	ending := t.Access
	if rand.IntN(4) == 0 {
		ending = t.Refresh
	}
	l.mu.Lock()
	l.watched = append(l.watched, watched{ending, l.now()})
	l.mu.Unlock()
	wait(ctx, rand.N(200*time.Millisecond))
	l.revoke(n, &l.key, ending)
}

// chain goes on with a refresh token, at any node, and presents some of them twice at
// the same time, as a client does that has lost patience. Refused, it begins anew.
func (l *load) chain(ctx context.Context, first int) {
	last := ""
	l.repeat(ctx, refreshPause, func() {
		nodes := slices.Concat(l.nodes[first:], l.nodes[:first])
		if last == "" {
			t, _ := l.token(&l.key, nodes...)
			last = t.Refresh
			return
		}
		presented, n, other := last, nodes[rand.IntN(len(nodes))], nodes[rand.IntN(len(nodes))]
		var twice sync.WaitGroup
		if rand.IntN(4) == 0 {
			twice.Go(func() { l.refresh(other, &l.key, presented) })
		}
		t, e := l.refresh(n, &l.key, presented)
		twice.Wait()
		switch {
		case e.Outcome == acknowledged:
			last = t.Refresh
		case e.Outcome == refused && e.Status < 500:
			last = ""
		}
	})
}

// replays is how many assertions are kept to be presented again.
const replays = 30

// assert presents an assertion, sometimes at two nodes at the same time, and after it
// one that was presented before, just now or some seconds ago.
func (l *load) assert(ctx context.Context, n *node) {
	var before [][2]string
	l.repeat(ctx, assertionPause, func() {
		text, jti, err := l.signer.assert()
		if err != nil {
			return
		}
		var twice sync.WaitGroup
		if rand.IntN(3) == 0 {
			twice.Go(func() { l.present(l.nodes[rand.IntN(len(l.nodes))], text, jti) })
		}
		l.present(n, text, jti)
		twice.Wait()
		before = append(before[max(0, len(before)-replays):], [2]string{text, jti})
		again := before[rand.IntN(len(before))]
		l.present(l.nodes[rand.IntN(len(l.nodes))], again[0], again[1])
	})
}

// roundNumbers is more than a register is written in one round.
const roundNumbers = 1000

// operate is an operator at a node who makes keys and changes one.
func (l *load) operate(ctx context.Context, n *node, r register) {
	turn := 0
	l.repeat(ctx, adminPause, func() {
		turn++
		if turn%2 == 0 {
			k, ok := l.create(n, fmt.Sprintf("%d. %s %d", l.round, n.name, turn))
			if ok {
				l.mu.Lock()
				l.created = append(l.created, k)
				l.mu.Unlock()
			}
			return
		}
		// Higher than in the scenario before.
		l.write(n, r, l.round*roundNumbers+turn)
		l.read(l.nodes[rand.IntN(len(l.nodes))], r)
	})
}

// settle waits until every node says that it is up to date, and then reads what is
// there: keys and registers from one node, tokens for the new keys and the state of
// the revoked tokens from every node.
func (l *load) settle() error {
	for _, n := range l.nodes {
		last := event{}
		err := await(n.name+" is up to date", patience, func() bool {
			last = l.introspect(n, &l.key, "nothing")
			return last.Outcome == acknowledged && last.Age < time.Second
		})
		if err != nil {
			return fmt.Errorf("%w: it says %+v", err, last)
		}
	}
	time.Sleep(spread + 200*time.Millisecond)
	for _, n := range l.nodes {
		err := l.readBack(n)
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *load) readBack(n *node) error {
	all, err := l.keys(n)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for id, k := range all {
		names[k.Name] = id
	}
	for _, k := range l.created {
		l.add(event{Op: opRead, Node: n.name, What: k.Name, Value: names[k.Name], Begun: l.now()})
		if !l.mayLose {
			l.token(&k, n)
		}
	}
	for _, r := range l.registers {
		l.read(n, r)
	}
	for _, one := range l.watched[max(0, len(l.watched)-300):] {
		l.introspect(n, &l.key, one.token)
	}
	return nil
}
