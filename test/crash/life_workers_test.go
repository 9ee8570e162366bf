package crash

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// liveUntilKilled has clients refresh and revoke tokens and an operator rotate
// and revoke signing keys, and kills the server when so much was acknowledged.
func liveUntilKilled(t *testing.T, s *blackbox.Server, k blackbox.Key, l *life, round, total int) {
	t.Helper()
	calls, operator := newPublic(t, s, k), newSocket(t, s)
	l.acknowledged = 0
	enough := make(chan struct{})
	var once sync.Once
	stop := func() { once.Do(func() { close(enough) }) }
	var running sync.WaitGroup
	work := func(step func() (int, error)) {
		running.Go(func() {
			for {
				n, err := step()
				if errors.Is(err, errRefused) {
					t.Errorf("round %d: %v", round, err)
				}
				if err != nil {
					stop() // The server is gone, or was about to be.
					return
				}
				if n >= total {
					stop()
				}
			}
		})
	}
	for i := range chains {
		work(func() (int, error) { return l.goOn(calls, i) })
	}
	work(func() (int, error) { return l.rotateOnce(calls) })
	work(func() (int, error) { return l.endToken(calls) })
	work(func() (int, error) { return l.endFamily(calls) })
	running.Go(func() { l.changeSigningKey(t, calls, operator, round) })
	<-enough
	if s.Ended() {
		t.Fatalf("round %d: the server ended before it was killed:\n%s", round, s.Log())
	}
	s.Kill(t)
	running.Wait()
	if l.acknowledged < total {
		t.Fatalf("round %d: %d acknowledged before the first failure, want %d:\n%s", round, l.acknowledged, total, s.Log())
	}
}

// goOn refreshes with the last token of a chain.
func (l *life) goOn(calls public, chain int) (int, error) {
	next, err := calls.refresh(l.last[chain])
	if err != nil {
		return 0, err
	}
	return l.acknowledge(func() { l.last[chain] = next.RefreshToken }), nil
}

// rotateOnce refreshes the first token of a new family, and leaves it at that.
func (l *life) rotateOnce(calls public) (int, error) {
	token, err := calls.first()
	if err != nil {
		return 0, err
	}
	r := rotation{presented: token.RefreshToken, at: time.Now()}
	r.answer, err = calls.refresh(r.presented)
	if err != nil {
		return 0, err
	}
	return l.acknowledge(func() { l.rotations = append(l.rotations, r) }), nil
}

func (l *life) endToken(calls public) (int, error) {
	token, err := calls.first()
	if err != nil {
		return 0, err
	}
	err = calls.revoke(token.AccessToken)
	if err != nil {
		return 0, err
	}
	return l.acknowledge(func() { l.ended = append(l.ended, token) }), nil
}

func (l *life) endFamily(calls public) (int, error) {
	token, err := calls.first()
	if err != nil {
		return 0, err
	}
	err = calls.revoke(token.RefreshToken)
	if err != nil {
		return 0, err
	}
	return l.acknowledge(func() { l.families = append(l.families, token) }), nil
}

// changeSigningKey rotates the signing key in one round, revokes it in the next,
// which makes a new one as well, and leaves it alone in the third.
func (l *life) changeSigningKey(t *testing.T, calls public, operator socket, round int) {
	t.Helper()
	var err error
	switch round % 3 {
	case 0:
		err = l.rotateSigningKey(operator)
	case 1:
		err = l.revokeSigningKey(calls, operator)
	}
	if errors.Is(err, errRefused) {
		t.Errorf("round %d: %v", round, err)
	}
}

func (l *life) rotateSigningKey(operator socket) error {
	made, err := operator.rotateSigningKey()
	if err == nil {
		l.acknowledge(func() { l.made = append(l.made, made) })
	}
	return err
}

func (l *life) revokeSigningKey(calls public, operator socket) error {
	token, err := calls.first()
	if err != nil {
		return err
	}
	id, err := readKid(token.AccessToken)
	if err != nil {
		return err
	}
	l.acknowledge(func() { l.asked[id] = true })
	err = operator.revokeSigningKey(id)
	if err == nil {
		l.acknowledge(func() { l.revoked[id] = token.AccessToken })
	}
	return err
}
