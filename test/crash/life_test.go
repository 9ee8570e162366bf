package crash

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

const (
	lifeKills = 25
	chains    = 2
	// fresh is how old a rotation may be to be presented again: well within the
	// server's grace of 10 s.
	fresh = 5 * time.Second
)

// life is what the outside world knows about tokens and signing keys: what was
// acknowledged, and which ends were asked for.
type life struct {
	mu sync.Mutex
	// acknowledged counts what happened in this round.
	acknowledged int
	// last are the refresh tokens that are presented next, one for each chain.
	last [chains]string
	// ended are tokens whose revocation was acknowledged; families those whose
	// refresh token was revoked, which ends the access token as well.
	ended, families []blackbox.Token
	// rotations are refreshes that nothing came after.
	rotations []rotation
	// made are the kids of signing keys that were made, asked those whose
	// revocation was asked for, revoked those of which it was acknowledged, with a
	// token that such a key signed.
	made    []string
	asked   map[string]bool
	revoked map[string]string
}

// rotation is a refresh token that was presented once, and what came back.
type rotation struct {
	presented string
	answer    blackbox.Token
	at        time.Time
}

// acknowledge notes something and returns how much was acknowledged in this round.
func (l *life) acknowledge(note func()) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	note()
	l.acknowledged++
	return l.acknowledged
}

func TestKilledWhileTokensEnd(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{})
	s.CreateAPI(t, "--audience", "https://crash.example", "--scope", "/crash.read")
	k := s.CreateKey(
		t, "--name", "k", "--scope", "/crash.read",
		"--grant-type", "client_credentials", "--grant-type", "refresh_token",
	)
	l := &life{asked: map[string]bool{}, revoked: map[string]string{}}
	calls := newPublic(t, s, k)
	for i := range l.last {
		l.last[i] = must(calls.first())(t).RefreshToken
	}
	source := rand.New(rand.NewPCG(7009, 7662))
	checked := tally{}
	for round := range lifeKills {
		unharmed := must(newPublic(t, s, k).first())(t).AccessToken
		tokens, families := len(l.ended), len(l.families)
		liveUntilKilled(t, s, k, l, round, 5+source.IntN(60))
		s.Again(t)
		calls = newPublic(t, s, k)
		checked.signingKeys(t, calls, l, round)
		checked.rotations(t, calls, l, round)
		checked.chains(t, calls, l, round)
		checked.ends(t, calls, l.ended[tokens:], l.families[families:], round)
		if !l.asked[kid(t, unharmed)] {
			checked.unharmed++
			if !must(calls.active(unharmed))(t) {
				t.Errorf("round %d: a token that nobody revoked is not active after the crash", round)
			}
		}
	}
	// What came back once must not come back later either.
	checked.ends(t, calls, l.ended, l.families, lifeKills)
	t.Logf("%d kills, %d tokens, %d families and %d signing keys revoked, %d signing keys made, checked %+v",
		lifeKills, len(l.ended), len(l.families), len(l.revoked), len(l.made), checked)
	if min(checked.rotated, checked.chained, checked.unharmed, len(l.ended), len(l.families), len(l.revoked)) == 0 {
		t.Error("something was never checked")
	}
}

// tally counts what was checked.
type tally struct{ rotated, chained, unharmed, ended int }

// rotations presents the refresh tokens of the last moments again: their rotation
// was acknowledged, so what comes back must be the same.
func (c *tally) rotations(t *testing.T, calls public, l *life, round int) {
	t.Helper()
	for _, r := range l.rotations {
		if time.Since(r.at) > fresh {
			continue
		}
		again, err := calls.refresh(r.presented)
		if err != nil || again.RefreshToken != r.answer.RefreshToken {
			t.Errorf("round %d: a rotation that was acknowledged gives another refresh token after the crash (%v)", round, err)
		}
		// In the moment in which the signing key changes, two keys may sign.
		if again.AccessToken != r.answer.AccessToken && kid(t, again.AccessToken) == kid(t, r.answer.AccessToken) {
			t.Errorf("round %d: a rotation that was acknowledged gives another access token after the crash", round)
		}
		c.rotated++
	}
	l.rotations = nil
}

// chains goes on with every chain from the last token that was acknowledged. Had
// its rotation been lost, it would be unknown, and its family revoked.
func (c *tally) chains(t *testing.T, calls public, l *life, round int) {
	t.Helper()
	for i, last := range l.last {
		next, err := calls.refresh(last)
		if err != nil {
			t.Fatalf("round %d: the last refresh token that was acknowledged is refused after the crash: %v", round, err)
		}
		l.last[i] = next.RefreshToken
		c.chained++
	}
}

// ends checks that what was revoked has ended.
func (c *tally) ends(t *testing.T, calls public, tokens, families []blackbox.Token, round int) {
	t.Helper()
	for _, token := range tokens {
		if must(calls.active(token.AccessToken))(t) {
			t.Errorf("round %d: a token that was revoked is active after the crash", round)
		}
		c.ended++
	}
	for _, token := range families {
		if must(calls.active(token.AccessToken))(t) {
			t.Errorf("round %d: the access token of a family that was revoked is active after the crash", round)
		}
		_, err := calls.refresh(token.RefreshToken)
		if !errors.Is(err, errRefused) || !strings.Contains(err.Error(), "invalid_grant") {
			t.Errorf("round %d: a refresh token that was revoked got %v after the crash, want invalid_grant", round, err)
		}
		c.ended++
	}
}

// signingKeys checks that those that were made are published, and that those that
// were revoked are not, and end what they signed.
func (c *tally) signingKeys(t *testing.T, calls public, l *life, round int) {
	t.Helper()
	published := calls.published(t)
	for _, id := range l.made {
		if !published[id] && !l.asked[id] {
			t.Errorf("round %d: signing key %s was acknowledged and is not published after the crash", round, id)
		}
	}
	for id, token := range l.revoked {
		if published[id] {
			t.Errorf("round %d: signing key %s was revoked and is published after the crash", round, id)
		}
		if must(calls.active(token))(t) {
			t.Errorf("round %d: a token of signing key %s, which was revoked, is active after the crash", round, id)
		}
		c.ended++
	}
}

// must returns what fails the test if there is an error, and the value otherwise.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// kid returns which signing key has signed a token.
func kid(t *testing.T, token string) string {
	t.Helper()
	id, err := readKid(token)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func readKid(token string) (string, error) {
	head, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return "", err
	}
	var header struct {
		ID string `json:"kid"`
	}
	err = json.Unmarshal(raw, &header)
	return header.ID, err
}
