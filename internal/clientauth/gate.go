package clientauth

import (
	"context"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

const (
	// slowAtOnce is how many slow hashes run at once.
	slowAtOnce = 2
	// longestWait is how long a request waits for its turn.
	longestWait = 2 * time.Second
	// maxInside and maxInsideOfKey are how many requests run or wait at most.
	maxInside      = 512
	maxInsideOfKey = 64
)

// gate lets few in at once, and one for each key, so that a flood at one key
// takes one of the places at most.
type gate struct {
	places chan struct{}

	mu     sync.Mutex
	inside int
	queues map[string]*queue
}

// queue is of one key.
type queue struct {
	place  chan struct{}
	inside int
}

func newGate() gate {
	return gate{places: make(chan struct{}, slowAtOnce), queues: map[string]*queue{}}
}

// enter waits for a turn; the caller must call leave after it.
func (g *gate) enter(ctx context.Context, clientID string) (leave func(), err error) {
	q := g.join(clientID)
	if q == nil {
		return nil, busy(nil)
	}
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	select {
	case q.place <- struct{}{}:
	case <-ctx.Done():
		g.quit(clientID, q)
		return nil, busy(ctx.Err())
	}
	select {
	case g.places <- struct{}{}:
	case <-ctx.Done():
		<-q.place
		g.quit(clientID, q)
		return nil, busy(ctx.Err())
	}
	return func() {
		<-g.places
		<-q.place
		g.quit(clientID, q)
	}, nil
}

// join returns the queue of the key, or nil when too many wait already.
func (g *gate) join(clientID string) *queue {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.queues[clientID]
	if q == nil {
		q = &queue{place: make(chan struct{}, 1)}
	}
	if g.inside == maxInside || q.inside == maxInsideOfKey {
		return nil
	}
	g.queues[clientID] = q
	g.inside++
	q.inside++
	return q
}

func (g *gate) quit(clientID string, q *queue) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	q.inside--
	if q.inside == 0 {
		delete(g.queues, clientID)
	}
}

func busy(cause error) error {
	return &web.Error{
		Public: oauth.Error{
			Code:        oauth.TemporarilyUnavailable,
			Description: "too many secrets that were imported from another server are being checked; try again shortly",
		},
		RetryAfter: time.Second,
		Cause:      cause,
	}
}
