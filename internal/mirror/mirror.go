package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// Source is what the mirror reads from the store.
type Source interface {
	store.APIs
	store.Clients
	store.SigningKeys
	store.Revocations
	store.Feed
}

// Keyring takes the signing keys whenever they change.
type Keyring interface {
	Load(keys []store.SigningKey) error
}

// Mirror holds what this node knows. Call [Mirror.Load] once, then [Mirror.Run];
// the lookups are safe at any time after Load.
type Mirror struct {
	// Source is the store.
	Source Source
	// Keyring gets the signing keys.
	Keyring Keyring
	// Restorer takes back what the store has lost; nil leaves it lost.
	Restorer Restorer
	// Logger gets what goes wrong in Run.
	Logger *slog.Logger
	// Hints says when the feed may have gone on; nil leaves it to be polled alone.
	Hints <-chan struct{}
	// Now is the clock; staleness is measured with it.
	Now func() time.Time

	clients   atomic.Pointer[table]
	directory atomic.Pointer[directory]
	origins   origins
	revoked   revocations
	// local counts the calls of Revoke.
	local atomic.Int64
	// acknowledged is the last change that the store said to this node it had made.
	acknowledged atomic.Pointer[store.Position]
	// forks counts how often the feed was found to have another history.
	forks atomic.Int64
	// notBefore is of RevokeAllTokens, in milliseconds since 1970; zero if none.
	notBefore atomic.Int64
	// fresh is when the last pull that succeeded began.
	fresh atomic.Pointer[time.Time]

	// pull is held while the feed is read; what follows belongs to it.
	pull     sync.Mutex
	position store.Position
	grants   map[string]*scope.Grants
	signing  []store.SigningKey
	// until is, after a start from a snapshot and before the feed was read, the last
	// change that it may hold something of.
	until *store.Position
	// loads counts how often everything was loaded.
	loads int64
	// forked says that everything is still to be loaded after a fork.
	forked bool
	// lost is what the store does not have any more, and is to be given back.
	lost lost
}

const (
	// pollEvery is how often the feed is read; a change is seen within it.
	pollEvery = 200 * time.Millisecond
	// hintsEvery bounds how often hints have it read, too.
	hintsEvery = 10 * time.Millisecond
)

// Client returns the key with this client id, or nil.
func (m *Mirror) Client(id string) *Client { return m.clients.Load().get(id) }

// Clients returns how many keys there are.
func (m *Mirror) Clients() int64 { return m.clients.Load().len() }

// APIs returns how many APIs there are.
func (m *Mirror) APIs() int { return len(m.directory.Load().list) }

// API returns the API with this audience, or nil.
func (m *Mirror) API(audience string) *API { return m.directory.Load().byAudience[audience] }

// ServedBy returns the first API that the key is a resource server of, or nil.
func (m *Mirror) ServedBy(clientID string) *API { return m.directory.Load().servedBy(clientID) }

// Scopes returns the scopes of all APIs of the mode; never nil.
func (m *Mirror) Scopes(mode store.Mode) *scope.Index[*API] { return m.directory.Load().scopes(mode) }

// AllowsOrigin reports whether some key lists the web origin.
func (m *Mirror) AllowsOrigin(origin string) bool { return m.origins.allows(origin) }

// NotBefore returns the instant before which every token was revoked; the zero
// time when none was.
func (m *Mirror) NotBefore() time.Time {
	ms := m.notBefore.Load()
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Revoked reports whether the token or the family with this id was revoked. It
// may forget that once the token or the family has expired.
func (m *Mirror) Revoked(id store.TokenID) bool { return m.revoked.has(id) }

// Revoke ends a token or a family on this node, before the feed says so or when
// the store is away. Nothing but the end of the token takes it back.
func (m *Mirror) Revoke(r store.Revocation) {
	m.revoked.add(r, m.Now())
	m.local.Add(1)
}

// Revocations returns how many revocations are known.
func (m *Mirror) Revocations() int64 { return m.revoked.len() }

// Sweep forgets revocations of what has expired. Call it once a minute.
func (m *Mirror) Sweep() { m.revoked.sweep(m.Now()) }

// Staleness returns how old what the mirror knows may be: by the clock that only goes
// forward, or by the one that can be set when that says more. The first one stands still
// while the machine sleeps.
func (m *Mirror) Staleness() time.Duration {
	now, fresh := m.Now(), *m.fresh.Load()
	return max(now.Sub(fresh), now.Round(0).Sub(fresh.Round(0)))
}

// Run keeps the mirror up to date until ctx ends.
func (m *Mirror) Run(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	failing := false
	hints, rested := m.Hints, (<-chan time.Time)(nil)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-hints:
			hints, rested = nil, time.After(hintsEvery)
		case <-rested:
			hints, rested = m.Hints, nil
			continue
		}
		err := m.Sync(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			m.Logger.LogAttrs(ctx, slog.LevelError, "the store cannot be read; serving from memory", slog.String("cause", err.Error()))
		}
		if err == nil && failing {
			m.Logger.LogAttrs(ctx, slog.LevelInfo, "the store can be read again")
			// It may be another server that answers now.
			m.doubtFamilies()
		}
		if err == nil {
			m.giveBack(ctx)
		}
		failing = err != nil
	}
}

// Sync returns when the mirror has applied everything that was committed
// before the call.
func (m *Mirror) Sync(ctx context.Context) error {
	m.pull.Lock()
	defer m.pull.Unlock()
	start := m.Now()
	err := m.follow(ctx)
	if errors.Is(err, store.ErrForked) {
		m.tellFork(ctx, err)
		err = m.load(ctx)
	}
	if err != nil {
		return fmt.Errorf("bring the mirror up to date: %w", err)
	}
	m.until = nil
	m.fresh.Store(&start)
	return nil
}

func (m *Mirror) follow(ctx context.Context) error {
	if m.until != nil {
		return m.catchUp(ctx)
	}
	return m.apply(ctx)
}
