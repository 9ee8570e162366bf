package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func operatorSessionTests() []test {
	return []test{
		{"Session returns what was created, and ErrNotFound", sessionReads},
		{"Sessions returns those of one operator, the latest seen first", sessionsOfOne},
		{"a session of no operator is ErrNotFound", sessionOfNobody},
		{"of two who replace a session one succeeds", sessionReplaced},
		{"sessions end one by one and all at once, and leave no audit row", sessionsEnd},
		{"removing an operator or a credential ends the sessions", sessionsEndWithOperator},
		{"ExpireSessions removes those created or last seen before", sessionsExpire},
	}
}

func newSession(hash, operator string) store.OperatorSession {
	return store.OperatorSession{
		Hash: []byte(hash), OperatorID: operator, Role: store.Viewer,
		CreatedAt: now, SeenAt: now.Add(time.Minute), ConfirmedAt: now.Add(time.Second),
	}
}

// signIn stores sessions that must be stored.
func (e *env) signIn(sessions ...store.OperatorSession) {
	e.Helper()
	for _, s := range sessions {
		fails(e, "create session", e.store.CreateSession(e.ctx, s), nil)
	}
}

// lives checks which of the sessions are there.
func (e *env) lives(want map[string]bool) {
	e.Helper()
	for hash, there := range want {
		var ends error
		if !there {
			ends = store.ErrNotFound
		}
		_, err := e.store.Session(e.ctx, []byte(hash))
		fails(e, "session "+hash, err, ends)
	}
}

func sessionReads(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a")})
	e.signIn(newSession("h", "a"))
	e.reopen()
	got, err := e.store.Session(e.ctx, []byte("h"))
	fails(e, "session", err, nil)
	same(e, "session", got, newSession("h", "a"))
	e.lives(map[string]bool{"": false, "H": false, "h ": false})
}

func sessionsOfOne(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a")}, store.CreateOperator{Operator: newOperator("b")})
	early, second, first := newSession("0", "a"), newSession("2", "a"), newSession("1", "a")
	early.SeenAt = now
	e.signIn(early, second, first, newSession("3", "b"))
	got, err := e.store.Sessions(e.ctx, "a")
	fails(e, "sessions", err, nil)
	same(e, "sessions", got, []store.OperatorSession{first, second, early})
	for _, none := range []string{"", "c", "a\x00"} {
		got, err = e.store.Sessions(e.ctx, none)
		fails(e, "sessions of nobody", err, nil)
		same(e, "number of sessions of nobody", len(got), 0)
	}
}

func sessionOfNobody(e *env) {
	fails(e, "create session", e.store.CreateSession(e.ctx, newSession("h", "a")), store.ErrNotFound)
	e.lives(map[string]bool{"h": false})
}

func sessionReplaced(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a")})
	e.signIn(newSession("old", "a"))
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := e.store.ReplaceSession(e.ctx, []byte("old"), newSession("new", "a"))
			if err == nil {
				won.Add(1)
				return
			}
			fails(e, "replace what is gone", err, store.ErrNotFound)
		})
	}
	wg.Wait()
	same(e, "how many replaced it", won.Load(), 1)
	e.lives(map[string]bool{"old": false, "new": true})
}

func sessionsEnd(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a")}, store.CreateOperator{Operator: newOperator("b")})
	before := e.head()
	e.signIn(newSession("1", "a"), newSession("2", "a"), newSession("3", "a"), newSession("4", "b"))
	fails(e, "end", e.store.DeleteSession(e.ctx, []byte("1")), nil)
	fails(e, "end again", e.store.DeleteSession(e.ctx, []byte("1")), nil)
	e.lives(map[string]bool{"1": false, "2": true, "3": true, "4": true})
	fails(e, "end all", e.store.DeleteSessions(e.ctx, "a"), nil)
	e.lives(map[string]bool{"2": false, "3": false, "4": true})
	same(e, "head", e.head(), before)
}

func sessionsEndWithOperator(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a", "c")}, store.CreateOperator{Operator: newOperator("b")})
	e.signIn(newSession("1", "a"), newSession("2", "b"))
	e.write(store.RemoveOperatorCredential{OperatorID: "a", ID: "c"})
	e.lives(map[string]bool{"1": false, "2": true})
	e.write(store.DeleteOperator{ID: "b"})
	e.lives(map[string]bool{"2": false})
}

func sessionsExpire(e *env) {
	e.write(store.CreateOperator{Operator: newOperator("a")})
	old, idle := newSession("old", "a"), newSession("idle", "a")
	old.CreatedAt, idle.SeenAt = now.Add(-2*time.Hour), now.Add(-time.Hour)
	e.signIn(old, idle, newSession("young", "a"))
	fails(e, "expire", e.store.ExpireSessions(e.ctx, now.Add(-2*time.Hour), now.Add(-time.Hour)), nil)
	e.lives(map[string]bool{"old": true, "idle": true, "young": true})
	fails(e, "expire", e.store.ExpireSessions(e.ctx, now.Add(-time.Hour), now), nil)
	e.lives(map[string]bool{"old": false, "idle": false, "young": true})
}
