package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Restorer writes to the store what it has lost.
type Restorer interface {
	store.Writer
	// RestoreRotated brings the families of refresh tokens that this node has rotated
	// of late to the generations that it has acknowledged.
	RestoreRotated(ctx context.Context) error
}

// Acknowledged notes the position that a write of this node was answered with. The feed
// must come to it: a server that took over may lack that change, and yet continue from
// where the mirror was.
func (m *Mirror) Acknowledged(p store.Position) {
	for {
		last := m.acknowledged.Load()
		if last != nil && last.Seq >= p.Seq || m.acknowledged.CompareAndSwap(last, &p) {
			return
		}
	}
}

// contradicts reports whether another change is in the place of the one acknowledged.
func contradicts(changes []store.Change, acknowledged *store.Position) bool {
	if acknowledged == nil || len(changes) == 0 {
		return false
	}
	at := acknowledged.Seq - changes[0].Seq
	return at >= 0 && at < int64(len(changes)) && changes[at].Position != *acknowledged
}

// settleAcknowledged is called at the end of the feed.
func (m *Mirror) settleAcknowledged(acknowledged *store.Position) error {
	if acknowledged != nil && acknowledged.Seq > m.position.Seq {
		return fmt.Errorf("look for the last change of this node: %w", store.ErrForked)
	}
	m.acknowledged.CompareAndSwap(acknowledged, nil)
	return nil
}

// Forks returns how often the feed was found to have another history.
func (m *Mirror) Forks() int64 { return m.forks.Load() }

// tellFork is called until everything was loaded again.
func (m *Mirror) tellFork(ctx context.Context, cause error) {
	if m.forked {
		return
	}
	m.forked = true
	if errors.Is(cause, store.ErrGap) {
		m.Logger.LogAttrs(ctx, slog.LevelWarn, "the change feed does not reach back to where this node was; loading everything again",
			slog.Int64("position", m.position.Seq))
		return
	}
	m.forks.Add(1)
	m.lost.families = true
	m.Logger.LogAttrs(ctx, slog.LevelError, "the change feed does not continue: the database was put back to an earlier state, or failed over to "+
		"a server without the last commits; loading everything again, and giving back what must not be undone",
		slog.Int64("position", m.position.Seq), slog.String("cause", cause.Error()))
}

func (m *Mirror) doubtFamilies() {
	m.pull.Lock()
	defer m.pull.Unlock()
	m.lost.families = true
}

// givenAtOnce is how much is given back in one write, between two looks at the feed.
const givenAtOnce = 1000

// giveBack writes some of what the store has lost to it. What fails is tried again after
// the next look at the feed.
func (m *Mirror) giveBack(ctx context.Context) {
	m.pull.Lock()
	families, some, loads := m.lost.families, m.lost.some(givenAtOnce, m.NotBefore()), m.loads
	m.pull.Unlock()
	if m.Restorer == nil || !families && len(some) == 0 {
		return
	}
	gone, err := m.restore(ctx, families, some)
	m.pull.Lock()
	defer m.pull.Unlock()
	if m.loads != loads {
		// Another fork was found meanwhile.
		return
	}
	if err != nil {
		if !m.lost.told {
			m.Logger.LogAttrs(ctx, slog.LevelError, "what the store has lost cannot be given back yet; it is tried again", slog.String("cause", err.Error()))
		}
		m.lost.told = true
		return
	}
	m.lost.told, m.lost.families = false, false
	for _, one := range gone {
		m.lost.found(one)
	}
	if len(some) > 0 && m.lost.len() == 0 {
		m.Logger.LogAttrs(ctx, slog.LevelWarn, "the store has again what it had lost and must not lose: revocations and the like; "+
			"other changes of the time that was lost have to be made again")
	}
}

// restore returns those of the mutations that are settled: written, or about a record
// that is gone.
func (m *Mirror) restore(ctx context.Context, families bool, some []store.Mutation) ([]store.Mutation, error) {
	if families {
		err := m.Restorer.RestoreRotated(ctx)
		if err != nil {
			return nil, fmt.Errorf("restore families of refresh tokens: %w", err)
		}
	}
	if len(some) == 0 {
		return nil, nil
	}
	_, err := m.Restorer.Write(ctx, store.Origin{Actor: "system", At: m.Now().UTC().Truncate(time.Millisecond)}, some...)
	refusal, refused := errors.AsType[*store.MutationError](err)
	if refused && errors.Is(err, store.ErrNotFound) {
		return some[refusal.Index : refusal.Index+1], nil
	}
	return some, err
}
