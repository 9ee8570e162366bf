package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func onceTests() []test {
	return []test{
		{"a request is begun once, and its answer comes back", onceAnswer},
		{"a request that is forgotten can be begun again, unless it has an answer", onceForgotten},
		{"a request whose time is over is forgotten", onceOver},
		{"of many that begin one request at once, one does", onceRace},
	}
}

func onceRequest(id byte) store.OnceRequest {
	return store.OnceRequest{ID: [32]byte{id}, Body: [32]byte{id, 1}, At: now, Until: now.Add(24 * time.Hour)}
}

func (e *env) begin(r store.OnceRequest) store.OnceState {
	e.Helper()
	state, err := e.store.BeginOnce(e.ctx, r)
	e.must("begin", err)
	return state
}

func onceAnswer(e *env) {
	same(e, "the first time", e.begin(onceRequest(1)), store.OnceState{})
	other := onceRequest(1)
	other.Body = [32]byte{9}
	same(e, "while it is done", e.begin(other), store.OnceState{Begun: true, Body: [32]byte{1, 1}})
	e.must("finish", e.store.FinishOnce(e.ctx, [32]byte{1}, []byte("\x00\xffanswer")))
	e.must("finish again", e.store.FinishOnce(e.ctx, [32]byte{1}, []byte("another")))
	e.must("finish one that is not known", e.store.FinishOnce(e.ctx, [32]byte{2}, []byte("another")))
	e.reopen()
	same(e, "later", e.begin(onceRequest(1)), store.OnceState{Begun: true, Body: [32]byte{1, 1}, Answer: []byte("\x00\xffanswer")})
	same(e, "another", e.begin(onceRequest(2)), store.OnceState{})
}

func onceForgotten(e *env) {
	e.begin(onceRequest(1))
	e.must("forget", e.store.ForgetOnce(e.ctx, [32]byte{1}))
	same(e, "after it", e.begin(onceRequest(1)), store.OnceState{})
	e.must("finish", e.store.FinishOnce(e.ctx, [32]byte{1}, []byte("a")))
	e.must("forget", e.store.ForgetOnce(e.ctx, [32]byte{1}))
	same(e, "with an answer", e.begin(onceRequest(1)).Answer, []byte("a"))
}

func onceOver(e *env) {
	e.begin(onceRequest(1))
	late := onceRequest(1)
	late.At = late.Until.Add(-time.Millisecond)
	same(e, "before its time is over", e.begin(late).Begun, true)
	late.At = late.Until
	late.Until = late.Until.Add(time.Hour)
	same(e, "after it", e.begin(late).Begun, false)
}

func onceRace(e *env) {
	const many = 8
	begun := make(chan bool, many)
	for range many {
		go func() {
			state, err := e.store.BeginOnce(e.ctx, onceRequest(1))
			begun <- err != nil || state.Begun
		}()
	}
	fresh := 0
	for range many {
		if !<-begun {
			fresh++
		}
	}
	same(e, "how many began it", fresh, 1)
}
