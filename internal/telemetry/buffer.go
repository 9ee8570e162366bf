package telemetry

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// Buffer gathers log lines and writes many at once: a line of its own for each
// request would cost a system call each. [Buffer.Run] does the writing, so that
// a reader that does not read, such as a full pipe, never stops a request; lines
// beyond a limit are dropped then, and counted.
type Buffer struct {
	// To is where the lines go.
	To io.Writer

	mu      sync.Mutex
	text    []byte
	dropped int
	// enough is told when there is enough to write; nobody is while it is nil.
	enough chan struct{}
}

const (
	flushEvery = 100 * time.Millisecond
	// flushAt is how much is written without waiting for that. What was gathered in
	// a tenth of a second of full load is as large as the fast memory of a core and
	// drives out everything else: requests took 4 % more time.
	flushAt = 64 << 10
	// mostHeld is how much is held back for a reader that does not read.
	mostHeld = 4 << 20
)

// Write takes a line. It never waits and never fails.
func (b *Buffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.text)+len(line) > mostHeld {
		b.dropped++
		return len(line), nil
	}
	b.text = append(b.text, line...)
	if len(b.text) >= flushAt && len(b.text)-len(line) < flushAt {
		select {
		case b.enough <- struct{}{}:
		default:
		}
	}
	return len(line), nil
}

// Run writes what was gathered every tenth of a second, or when it is much, until
// ctx ends, and once more then.
func (b *Buffer) Run(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	enough := make(chan struct{}, 1)
	b.mu.Lock()
	b.enough = enough
	b.mu.Unlock()
	var spare []byte
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-ticker.C:
		case <-enough:
		}
		spare = b.flush(spare)
	}
}

// flush writes what was gathered, without holding up who adds to it, and
// returns the room it took.
func (b *Buffer) flush(spare []byte) []byte {
	b.mu.Lock()
	text, dropped := b.text, b.dropped
	b.text, b.dropped = spare[:0], 0
	b.mu.Unlock()
	if dropped > 0 {
		text = fmt.Appendf(text, "grantd: %d log lines were dropped because nobody read them\n", dropped)
	}
	if len(text) > 0 {
		// A log that cannot be written has nobody to be told.
		_, _ = b.To.Write(text)
	}
	return text
}
