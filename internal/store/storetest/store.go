package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func storeTests() []test {
	return []test{
		{"a call whose context has ended answers ErrUnavailable", endedContext},
		{"a write whose context ends is there, or not, as its answer says", contextEndsDuringWrite},
		{"calls after Close answer ErrUnavailable", callsAfterClose},
		{"closing again does nothing", closeTwice},
		{"Close waits for writes under way", closeWaits},
		{"a closed database keeps everything", reopened},
	}
}

// calls returns every call of a store that takes a context, by its name.
func calls(s store.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Write": func(ctx context.Context) error {
			_, err := s.Write(ctx, origin, createClient("written by calls"))
			return err
		},
		"Write without mutations": func(ctx context.Context) error { _, err := s.Write(ctx, origin); return err },
		"API":                     func(ctx context.Context) error { _, err := s.API(ctx, "a"); return err },
		"APIs":                    func(ctx context.Context) error { _, err := s.APIs(ctx); return err },
		"Client":                  func(ctx context.Context) error { _, err := s.Client(ctx, "a"); return err },
		"Clients":                 func(ctx context.Context) error { _, err := s.Clients(ctx, "", 10); return err },
		"SigningKey":              func(ctx context.Context) error { _, err := s.SigningKey(ctx, "a"); return err },
		"SigningKeys":             func(ctx context.Context) error { _, err := s.SigningKeys(ctx); return err },
		"Revocations": func(ctx context.Context) error {
			_, err := s.Revocations(ctx, store.Revocation{}, 10)
			return err
		},
		"NotBefore": func(ctx context.Context) error { _, err := s.NotBefore(ctx); return err },
		"Rotate": func(ctx context.Context) error {
			_, err := s.Rotate(ctx, newRotation("rotated by calls"))
			return err
		},
		"RecordUses": func(ctx context.Context) error {
			return s.RecordUses(ctx, []store.SecretUse{{ClientID: "a", At: now}})
		},
		"Use":        func(ctx context.Context) error { return s.Use(ctx, newUse("used by calls")) },
		"ForgetUsed": func(ctx context.Context) error { return s.ForgetUsed(ctx, now) },
		"Expire":     func(ctx context.Context) error { _, err := s.Expire(ctx, now, 10); return err },
		"SetSetting": func(ctx context.Context) error {
			return s.SetSetting(ctx, "set by calls", []byte("a"))
		},
		"Head":    func(ctx context.Context) error { _, err := s.Head(ctx); return err },
		"Changes": func(ctx context.Context) error { _, err := s.Changes(ctx, store.Position{}, 10); return err },
		"FindClients": func(ctx context.Context) error {
			_, err := s.FindClients(ctx, store.ClientQuery{Order: store.ByID, Limit: 10})
			return err
		},
		"FindAuditRows": func(ctx context.Context) error {
			_, err := s.FindAuditRows(ctx, store.AuditQuery{Limit: 10})
			return err
		},
		"AuditRows": func(ctx context.Context) error { _, err := s.AuditRows(ctx, 0, 10); return err },
		"Setting":   func(ctx context.Context) error { _, err := s.Setting(ctx, "a"); return err },
		"InitSetting": func(ctx context.Context) error {
			_, err := s.InitSetting(ctx, "initialized by calls", []byte("a"))
			return err
		},
	}
}

func endedContext(e *env) {
	ended, cancel := context.WithCancel(e.ctx)
	cancel()
	for name, call := range calls(e.store) {
		err := call(ended)
		fails(e, name, err, store.ErrUnavailable)
		fails(e, name, err, context.Canceled)
	}
	same(e, "clients after it", e.clients(), nil)
	for _, name := range []string{"initialized by calls", "set by calls"} {
		_, err := e.store.Setting(e.ctx, name)
		fails(e, "setting after it", err, store.ErrNotFound)
	}
	same(e, "outcome of a rotation after it", e.rotate(newRotation("rotated by calls")).Outcome, store.Renewed)
}

func contextEndsDuringWrite(e *env) {
	answers := make(map[string]error)
	for i := range 64 {
		id := fmt.Sprintf("client-%d", i)
		ctx, cancel := context.WithCancel(e.ctx)
		var canceled sync.WaitGroup
		canceled.Go(cancel)
		_, answers[id] = e.store.Write(ctx, origin, createClient(id))
		canceled.Wait()
	}
	e.reopen() // what was begun has ended after this
	for id, answer := range answers {
		_, err := e.store.Client(e.ctx, id)
		switch {
		case answer == nil:
			fails(e, "client "+id+", which was acknowledged", err, nil)
		case errors.Is(answer, store.ErrUnavailable):
			fails(e, "client "+id+", after ErrUnavailable", err, store.ErrNotFound)
			fails(e, "the write's error", answer, context.Canceled)
		default:
			fails(e, "the write's error", answer, store.ErrUnknown)
			fails(e, "the write's error", answer, context.Canceled)
		}
	}
}

func callsAfterClose(e *env) {
	closed := e.store
	e.reopen()
	for name, call := range calls(closed) {
		fails(e, name, call(e.ctx), store.ErrUnavailable)
	}
	same(e, "clients after it", e.clients(), nil)
}

func closeTwice(e *env) {
	for range 2 {
		err := e.store.Close()
		fails(e, "close", err, nil)
	}
}

func closeWaits(e *env) {
	const writers = 16
	var answers [writers]error
	var started, ended sync.WaitGroup
	started.Add(writers)
	for i := range writers {
		ended.Go(func() {
			started.Done()
			_, answers[i] = e.store.Write(e.ctx, origin, createClient(fmt.Sprint(i)))
		})
	}
	started.Wait()
	closed := e.store
	err := closed.Close()
	fails(e, "close", err, nil)
	ended.Wait()
	e.reopen()
	for i, answer := range answers {
		_, err := e.store.Client(e.ctx, fmt.Sprint(i))
		if answer == nil {
			fails(e, "a client that was acknowledged", err, nil)
			continue
		}
		fails(e, "a write during Close", answer, store.ErrUnavailable)
		fails(e, "a client that was not written", err, store.ErrNotFound)
	}
}

func reopened(e *env) {
	e.initSetting("n", []byte("v"))
	revocation := newRevocation("t", time.Hour)
	last := e.write(
		createAPI("a"), createClient("c"), createSigningKey("k"), store.AddResourceServer{APIID: "a", ClientID: "c"},
		store.RevokeToken{Revocation: revocation}, store.RevokeAllTokens{Before: now},
	)
	api := e.api("a")
	changes, audit := e.changes(store.Position{}), e.auditRows()
	e.reopen()
	same(e, "API", e.api("a"), api)
	same(e, "client", e.client("c"), newClient("c"))
	same(e, "signing key", e.signingKey("k"), newSigningKey("k"))
	same(e, "revocations", e.revocations(), []store.Revocation{revocation})
	same(e, "not before", e.notBefore(), now)
	same(e, "setting", e.setting("n"), []byte("v"))
	same(e, "head", e.head(), last)
	same(e, "changes", e.changes(store.Position{}), changes)
	same(e, "audit rows", e.auditRows(), audit)
	next := e.write(createClient("d"))
	same(e, "number of the next change", next.Seq, last.Seq+1)
}
