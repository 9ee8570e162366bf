package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// memoryReplay remembers in memory what was used: the database belongs to one
// process, and a row for each use would cost more than the rest of a request.
//
// What it has forgotten with the process is behind a fence. The database holds one
// setting for that, which is written before the first use and at the end. After an
// end in good order nothing but what could have been used by then is refused; after
// a crash, nothing but what could have been used before the start.
type memoryReplay struct {
	// setting and save read and write the one setting.
	setting func(ctx context.Context) ([]byte, error)
	save    func(ctx context.Context, value string) error

	mu sync.Mutex
	// minutes holds what was used, by the minute in which it ends, and held is how
	// much that is.
	minutes map[int64]map[usedDigest]struct{}
	held    int
	// fence is the instant before which nothing is known; last is the latest From of
	// what was used.
	fence, last time.Time

	// begun says that the database knows of uses. It is changed with beginning held.
	beginning sync.Mutex
	begun     bool
}

const (
	replaySetting = "replay"
	// inUse is the value while something may be used, and endedAt what begins it after
	// an end in good order.
	inUse   = "in use"
	endedAt = "ended "

	// maxUsed bounds the memory, at about 200 MB. Beyond it nothing is taken.
	maxUsed = 1 << 22
)

var errTooMany = errors.New("more was used in the last minutes than there is room for")

// begin reads the setting of an earlier process; now is when this one has started.
func (r *memoryReplay) begin(ctx context.Context, now time.Time) error {
	r.minutes = map[int64]map[usedDigest]struct{}{}
	value, err := r.setting(ctx)
	if errors.Is(err, store.ErrNotFound) {
		// Nothing has ever been used.
		return nil
	}
	if err != nil {
		return err
	}
	r.fence, r.begun = now, true
	text, ended := strings.CutPrefix(string(value), endedAt)
	if ended {
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("the setting %q is not as grantd writes it", replaySetting)
		}
		r.fence, r.begun = time.UnixMilli(ms+1), false
	}
	return nil
}

func (r *memoryReplay) use(ctx context.Context, digest usedDigest, u store.OneTime) error {
	err := r.open(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if u.From.Before(r.fence) {
		return &store.ForgottenError{Until: r.fence}
	}
	for _, used := range r.minutes {
		_, found := used[digest]
		if found {
			return store.ErrUsed
		}
	}
	if r.held >= maxUsed {
		return failed("note that something is used", errTooMany)
	}
	minute := minuteOf(u.Until)
	if r.minutes[minute] == nil {
		r.minutes[minute] = map[usedDigest]struct{}{}
	}
	r.minutes[minute][digest] = struct{}{}
	r.held++
	if u.From.After(r.last) {
		r.last = u.From
	}
	return nil
}

// open writes down that something may be used from now on.
func (r *memoryReplay) open(ctx context.Context) error {
	r.beginning.Lock()
	defer r.beginning.Unlock()
	if r.begun {
		return nil
	}
	err := r.save(ctx, inUse)
	r.begun = err == nil
	return err
}

func minuteOf(at time.Time) int64 { return at.Unix() / 60 }

// forget keeps a minute more than it must, for a clock that was set back.
func (r *memoryReplay) forget(_ context.Context, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for minute, used := range r.minutes {
		if minute < minuteOf(now)-1 {
			r.held -= len(used)
			delete(r.minutes, minute)
		}
	}
	return nil
}

// end writes down up to when something may have been used.
func (r *memoryReplay) end(ctx context.Context) error {
	if !r.begun {
		return nil
	}
	last := r.last
	if r.fence.After(last) {
		last = r.fence
	}
	return r.save(ctx, endedAt+strconv.FormatInt(last.UnixMilli(), 10))
}
