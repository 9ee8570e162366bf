package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// replay is how a kind of database remembers what was used.
type replay interface {
	// use notes a digest; see [store.Replay].
	use(ctx context.Context, digest usedDigest, u store.OneTime) error
	forget(ctx context.Context, now time.Time) error
	// end is called once, before the writer stops; nothing is used any more.
	end(ctx context.Context) error
}

// usedDigest stands for what was used. Half of a SHA-256 is enough: a key can only
// clash with what it uses itself.
type usedDigest [16]byte

func digestOf(key []byte, u store.OneTime) usedDigest {
	b := make([]byte, 0, 512)
	b = append(b, key...)
	for _, text := range []string{string(u.Kind), u.Owner, u.ID} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	sum := sha256.Sum256(b)
	return usedDigest(sum[:16])
}

// Use implements [store.Replay].
func (s *Store) Use(ctx context.Context, u store.OneTime) error {
	const doing = "note that something is used"
	if u.Until.Sub(u.At) > store.LongestUse {
		return fmt.Errorf("%s: it can be used for too long: %w", doing, store.ErrInvalid)
	}
	err := s.enter()
	if err == nil {
		defer s.leave()
		err = ctx.Err()
	}
	if err != nil {
		return failed(doing, err)
	}
	return s.replay.use(ctx, digestOf(s.replayKey, u), u)
}

// ForgetUsed implements [store.Replay].
func (s *Store) ForgetUsed(ctx context.Context, now time.Time) error {
	const doing = "forget what was used"
	err := s.enter()
	if err == nil {
		defer s.leave()
		err = ctx.Err()
	}
	if err == nil {
		err = s.replay.forget(ctx, now)
	}
	if err != nil {
		return failed(doing, err)
	}
	return nil
}
