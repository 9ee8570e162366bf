package crash

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

const (
	kills   = 50
	writers = 4
)

// ledger is what the outside world knows: which keys it asked for, and which of
// them were acknowledged.
type ledger struct {
	mu           sync.Mutex
	asked        map[string]bool
	acknowledged map[string]blackbox.Key
}

func (l *ledger) ask(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[name] = true
}

// acknowledge returns how many keys there are now.
func (l *ledger) acknowledge(name string, k blackbox.Key) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acknowledged[name] = k
	return len(l.acknowledged)
}

func TestKilledWhileCreatingKeys(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{})
	s.CreateAPI(t, "--audience", "https://crash.example", "--scope", "/crash.read")
	l := &ledger{asked: map[string]bool{}, acknowledged: map[string]blackbox.Key{}}
	source := rand.New(rand.NewPCG(50, 9))
	for round := range kills {
		// Killed after a number of keys that differs from round to round, while
		// the other writers are at any point of their own.
		total := len(l.acknowledged) + 1 + source.IntN(30)
		createUntilKilled(t, s, l, round, total)
		s.Again(t)
		checkKeys(t, newSocket(t, s), l, round)
	}
	t.Logf("%d kills, %d keys asked for, %d acknowledged", kills, len(l.asked), len(l.acknowledged))
	checkTokens(t, s, l)
}

// createUntilKilled has several writers create keys, and kills the server when
// so many were acknowledged in all.
func createUntilKilled(t *testing.T, s *blackbox.Server, l *ledger, round, total int) {
	t.Helper()
	calls := newSocket(t, s)
	enough := make(chan struct{})
	var once sync.Once
	var running sync.WaitGroup
	for w := range writers {
		running.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("round %d writer %d key %d", round, w, n)
				l.ask(name)
				k, err := calls.createKey(name)
				if err != nil {
					// The server is gone, or was about to be: not acknowledged.
					once.Do(func() { close(enough) })
					return
				}
				s.HideKey(k)
				if l.acknowledge(name, k) >= total {
					once.Do(func() { close(enough) })
				}
			}
		})
	}
	<-enough
	if s.Ended() {
		t.Fatalf("round %d: the server ended before it was killed:\n%s", round, s.Log())
	}
	s.Kill(t)
	running.Wait()
	if len(l.acknowledged) < total {
		t.Fatalf("round %d: got %d keys before the first refusal, want %d:\n%s", round, len(l.acknowledged), total, s.Log())
	}
}

// checkKeys compares what the server has with what the outside world knows.
func checkKeys(t *testing.T, calls socket, l *ledger, round int) {
	t.Helper()
	have := calls.keys(t)
	count := map[string]int{}
	for id, name := range have {
		count[name]++
		if !l.asked[name] {
			t.Errorf("round %d: got key %s named %q, which nobody asked for", round, id, name)
		}
	}
	for name, n := range count {
		if n > 1 {
			t.Errorf("round %d: got %d keys named %q, which was asked for once", round, n, name)
		}
	}
	for name, k := range l.acknowledged {
		if strings.HasPrefix(k.ID, "-") {
			t.Errorf("round %d: got client id %s, which commands take for a flag", round, k.ID)
		}
		if have[k.ID] != name {
			t.Errorf("round %d: key %s named %q was acknowledged, got %q after the crash", round, k.ID, name, have[k.ID])
		}
	}
}

// checkTokens gets a token with every key that was acknowledged.
func checkTokens(t *testing.T, s *blackbox.Server, l *ledger) {
	t.Helper()
	client := s.Client(t)
	for name, k := range l.acknowledged {
		req, err := http.NewRequest(http.MethodPost, s.URL+"/oauth2/token", strings.NewReader("grant_type=client_credentials"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(k.ID, k.Secret)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: got %s %s (%v), want a token", name, resp.Status, body, err)
		}
		s.ParseToken(t, body)
	}
}
