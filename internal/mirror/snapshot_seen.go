package mirror

import (
	"crypto/hmac"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Touch notes up to when the snapshot holds all there is, unless it does not.
//
// The note is a file of its own beside the snapshot. It is not synced: after a power
// cut the snapshot counts as a little older than it is.
func (s *Snapshot) Touch(m *Mirror) error {
	v := m.view()
	if v.mark != s.holds || v.position == (store.Position{}) {
		return nil
	}
	draft := s.seenPath() + ".new"
	err := os.WriteFile(draft, s.note(&s.header, v.fresh), 0o600)
	if err == nil {
		err = os.Rename(draft, s.seenPath())
	}
	if err != nil {
		return fmt.Errorf("note how old the snapshot is: %w", err)
	}
	return nil
}

func (s *Snapshot) seenPath() string { return s.Path + ".seen" }

// note is an instant, and behind it what only the snapshot's owner can write, and
// only about this one snapshot.
func (s *Snapshot) note(h *header, at time.Time) []byte {
	text := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()))
	proof := s.Derive("mirror snapshot seen", append(h.bytes(), text...))
	return append(text, proof[:]...)
}

// seen returns the instant of the note about the snapshot, or the zero time.
func (s *Snapshot) seen(h *header) time.Time {
	file, err := openFile(s.seenPath())
	if err != nil {
		return time.Time{}
	}
	defer file.Close()
	const longest = 64
	text, err := io.ReadAll(io.LimitReader(file, longest))
	if err != nil || len(text) < 8 {
		return time.Time{}
	}
	at := time.UnixMilli(int64(binary.BigEndian.Uint64(text))) //nolint:gosec // the bits are what counts
	if !hmac.Equal(text, s.note(h, at)) {
		return time.Time{}
	}
	return at.UTC()
}
