package server

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/telemetry"
)

// chores is all that an upkeep works on.
type chores struct {
	mu sync.Mutex
	done
	// left is how many rows there are to expire.
	left    int
	failing error
	// hang makes RecordUses wait for the end of its context.
	hang bool
	log  bytes.Buffer
}

// done is what has been done.
type done struct {
	recorded       []store.SecretUse
	expired        []expiry
	sweeps, rounds int
	// strangers counts what was done without the lease, and merges the steps of
	// merging.
	strangers, merges int
	// reports and gone count what was said of the node.
	reports, gone int
	// fence is that of the last lease, and taken says that another node has it.
	fence int64
	taken bool
}

func (c *chores) seen() done {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

// expiry is one call of Expire.
type expiry struct {
	at, before time.Time
	limit      int
}

// set changes how the chores go from now on.
func (c *chores) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *chores) RecordUses(ctx context.Context, uses []store.SecretUse) error {
	c.mu.Lock()
	hangs := c.hang
	c.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return errors.Join(store.ErrUnavailable, ctx.Err())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failing != nil {
		return c.failing
	}
	c.recorded = append(c.recorded, uses...)
	return nil
}

func (c *chores) Expire(_ context.Context, before time.Time, limit int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failing != nil {
		return 0, c.failing
	}
	c.expired = append(c.expired, expiry{time.Now(), before, limit})
	n := min(limit, c.left)
	c.left -= n
	return n, nil
}

func (c *chores) Sweep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweeps++
}

func (c *chores) KeepSigningKeys(_ context.Context, lease store.Lease) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rounds++
	if lease.Fence != c.fence {
		c.strangers++
	}
	return c.failing
}

func (c *chores) AddUsage(ctx context.Context, _ ...store.UsageBatch) error {
	return c.RecordUses(ctx, nil)
}

func (c *chores) ExpireUsage(context.Context, store.UsageSpan, time.Time, int) (int, error) {
	return 0, nil
}

func (c *chores) Report(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reports++
	return c.failing
}

func (c *chores) Leave(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone++
	return c.failing
}

func (c *chores) ForgetUsed(context.Context, time.Time) error { return nil }

func (c *chores) Step(context.Context, store.Lease, time.Time) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.merges++
	return 0, c.failing
}

func (c *chores) AcquireLease(_ context.Context, r store.LeaseRequest) (store.Lease, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken {
		return store.Lease{}, store.ErrNotHolder
	}
	c.fence++
	return store.Lease{Name: r.Name, Fence: c.fence}, nil
}

func (c *chores) RenewLease(context.Context, store.Lease, time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken {
		return store.ErrNotHolder
	}
	return nil
}

func (c *chores) ReleaseLease(context.Context, store.Lease) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fence = 0
	return nil
}

func (c *chores) WriteUnder(context.Context, store.Lease, store.Origin, ...store.Mutation) (store.Position, error) {
	return store.Position{}, nil
}

func (c *chores) upkeep() *upkeep {
	return &upkeep{
		Store:       c,
		Usage:       newUsage(c, time.Now, store.NodeID{}),
		Merger:      c,
		Reports:     c,
		Mirror:      c,
		SigningKeys: c,
		Logger:      telemetry.NewLogger(&c.log, telemetry.JSON, -4),
		Now:         time.Now,
	}
}

// running is an upkeep that runs in a bubble.
func (c *chores) running(t *testing.T) (u *upkeep, stop func()) {
	t.Helper()
	u = c.upkeep()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		u.run(ctx)
		close(done)
	}()
	return u, func() {
		cancel()
		<-done
	}
}

// wait lets the bubble's time pass, and then what was due at its end.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// use is the use of a secret now.
func use(id string) store.SecretUse {
	return store.SecretUse{ClientID: id, Hash: make([]byte, 32), At: time.Now().UTC().Truncate(time.Second), From: "192.0.2.1"}
}

func TestUpkeepComesRoundAtOnceAndEveryMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chores{left: 2500}
		u, stop := c.running(t)
		wait(time.Second)
		did := c.seen()
		if len(did.recorded) != 0 || did.sweeps != 1 || did.rounds != 1 {
			t.Errorf("at once it did %+v", did)
		}
		if len(did.expired) != 4 {
			t.Errorf("2500 rows were removed in %d calls, want three and one that finds nothing", len(did.expired))
		}
		for n, e := range did.expired {
			if e.limit != 1000 || e.at.Sub(e.before) != expireLate+time.Duration(n)*expirePause {
				t.Errorf("call %d removed %d rows of %s ago", n, e.limit, e.at.Sub(e.before))
			}
		}
		first := use("first")
		u.Usage.uses.Return([]store.SecretUse{first})
		wait(58 * time.Second)
		did = c.seen()
		if len(did.recorded) != 0 || did.sweeps != 1 || did.rounds != 1 {
			t.Errorf("before the minute was over it did %+v", did)
		}
		wait(2 * time.Second)
		did = c.seen()
		if did.reports != 2 || did.gone != 0 {
			t.Errorf("after a minute it had told %d times how it is, and %d times that it is gone", did.reports, did.gone)
		}
		if did.sweeps != 2 || did.rounds != 2 || len(did.recorded) != 1 {
			t.Errorf("after a minute there were %d sweeps and %d uses, and the signing keys were looked after %d times",
				did.sweeps, len(did.recorded), did.rounds)
		}
		last := use("last")
		u.Usage.uses.Return([]store.SecretUse{last})
		stop()
		if c.gone != 1 {
			t.Errorf("at the end it told %d times that it is gone", c.gone)
		}
		if diff := cmp.Diff([]store.SecretUse{first, last}, c.recorded); diff != "" {
			t.Errorf("uses that were recorded (-want +got):\n%s", diff)
		}
		if !strings.Contains(c.log.String(), `"msg":"removed what has expired","rows":2500`) {
			t.Errorf("the log says\n%s", c.log.String())
		}
	})
}

func TestAnOutageIsOneLineInTheLogAndLosesNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chores{failing: errors.Join(store.ErrUnavailable, errors.New("the cable was cut"))}
		u, stop := c.running(t)
		used := use("used")
		u.Usage.uses.Return([]store.SecretUse{used})
		wait(10*time.Minute + time.Second)
		c.set(func() { c.failing = nil })
		wait(5 * time.Minute)
		stop()
		if diff := cmp.Diff([]store.SecretUse{used}, c.recorded); diff != "" {
			t.Errorf("uses that were recorded (-want +got):\n%s", diff)
		}
		for _, duty := range []string{recordUses, reportNode, keepSigningKeys, mergeUsage, removeExpired} {
			for _, message := range []string{"upkeep fails; it is tried again every minute", "upkeep works again"} {
				line := `"msg":"` + message + `","duty":"` + duty + `"`
				if n := strings.Count(c.log.String(), line); n != 1 {
					t.Errorf("the log has %d lines %s:\n%s", n, line, c.log.String())
				}
			}
		}
	})
}

func TestExpiringLeavesTimeForTheOtherDuties(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const endless = 1 << 40
		c := &chores{left: endless}
		_, stop := c.running(t)
		wait(10*time.Minute + time.Second)
		stop()
		if c.rounds < 9 {
			t.Errorf("in ten minutes the signing keys were looked after %d times", c.rounds)
		}
		if strings.Contains(c.log.String(), "fails") {
			t.Errorf("the log says\n%s", c.log.String())
		}
	})
}

func TestAStoreThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chores{hang: true}
		u, stop := c.running(t)
		u.Usage.uses.Return([]store.SecretUse{use("used")})
		before := time.Now()
		stop()
		if took := time.Since(before); took != flushTime {
			t.Errorf("the end took %s, want %s", took, flushTime)
		}
		if !strings.Contains(c.log.String(), recordUses) {
			t.Errorf("the log says\n%s", c.log.String())
		}
	})
}

func TestAFlushWaitsForTheOneUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chores{hang: true}
		u := c.upkeep()
		u.Usage.uses.Return([]store.SecretUse{use("used")})
		go u.Usage.Flush(t.Context())
		wait(time.Second)
		c.set(func() { c.hang = false })
		before := time.Now()
		err := u.Usage.Flush(t.Context())
		if err != nil || len(c.seen().recorded) != 1 || time.Since(before) == 0 {
			t.Errorf("a second flush ended after %s with %v and %d uses written", time.Since(before), err, len(c.seen().recorded))
		}
	})
}

func TestOnlyTheHolderOfTheLeaseDoesWhatOneNodeShould(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chores{}
		_, stop := c.running(t)
		wait(2*time.Minute + time.Second)
		c.set(func() { c.taken = true })
		before := c.seen()
		wait(5 * time.Minute)
		did := c.seen()
		if did.rounds != before.rounds || did.merges != before.merges || len(did.expired) != len(before.expired) {
			t.Errorf("without the lease it did %+v after %+v", did, before)
		}
		if did.sweeps != before.sweeps+5 {
			t.Errorf("without the lease it forgot its own revocations %d times in five minutes", did.sweeps-before.sweeps)
		}
		c.set(func() { c.taken = false })
		wait(2 * time.Minute)
		did = c.seen()
		if did.rounds != before.rounds+2 || did.strangers != 0 || did.fence != 2 {
			t.Errorf("with the lease again it did %+v", did)
		}
		stop()
		if c.seen().fence != 0 {
			t.Error("the lease was not given back at the end")
		}
		if strings.Contains(c.log.String(), "fails") {
			t.Errorf("that another node has the lease is told as a failure:\n%s", c.log.String())
		}
	})
}
