package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/grantd/grantd/internal/admin"
)

// statements counts what the store is asked, by name.
type statements struct {
	mu     sync.Mutex
	counts map[string]int
}

func (s *statements) add(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[name]++
}

// since returns what was asked since the last call, but for the poll of the feed.
func (s *statements) since() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := s.counts
	s.counts = map[string]int{}
	delete(counts, "select_changes")
	return counts
}

// A token costs no statement and no row, whatever its kind, and neither does
// asking about it.
func TestTenThousandTokensCostNoRow(t *testing.T) {
	const callers = 4
	tokens := 10_000
	if testing.Short() {
		// They must be done within the first minute: after it the upkeep writes.
		tokens = 1000
	}
	asked := &statements{counts: map[string]int{}}
	i := launch(t, options{onStatement: asked.add})
	key := i.twoFormats(t)
	before := asked.since()
	if before["insert_client"] == 0 {
		t.Fatalf("making a key ran %v: the counter does not count", before)
	}
	size := i.databaseSize(t)
	var calling sync.WaitGroup
	for caller := range callers {
		scope := []string{"/ping.read", "/opaque.read"}[caller%2]
		calling.Go(func() {
			for range tokens / callers {
				err := i.issueAndAsk(t, key, scope)
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	calling.Wait()
	if ran := asked.since(); len(ran) != 0 {
		t.Errorf("%d tokens ran the statements %v", tokens, ran)
	}
	if after := i.databaseSize(t); after != size {
		t.Errorf("%d tokens took the files of the database from %v to %v", tokens, size, after)
	}
	// A token that is revoked does cost one.
	i.revoke(t, key, i.token(t, key, "&scope=/ping.read").fields["access_token"], "").revoked(t)
	if ran := asked.since(); ran["insert_revocation"] != 1 {
		t.Errorf("a revocation ran %v", ran)
	}
}

// databaseSize is the size of the database and of what is still to go into it.
func (i *instance) databaseSize(t *testing.T) [2]int64 {
	t.Helper()
	var sizes [2]int64
	for n, name := range []string{databaseName, databaseName + "-wal"} {
		info, err := os.Stat(filepath.Join(i.dir, name))
		must(t, err)
		sizes[n] = info.Size()
	}
	return sizes
}

func (i *instance) issueAndAsk(t *testing.T, key admin.CreatedKey, scope string) error {
	r := request{contentType: formType, body: grantForm + "&scope=" + scope, user: key.ClientID, password: key.ClientSecret}
	issued, err := i.exchange(t.Context(), r)
	if err != nil {
		return err
	}
	r.path, r.body = introspectPath, fmt.Sprintf("token=%s", issued.fields["access_token"])
	seen, err := i.exchange(t.Context(), r)
	if err != nil {
		return err
	}
	if seen.fields["active"] != true {
		return fmt.Errorf("got %d %s for %s", seen.status, seen.body, issued.body)
	}
	return nil
}
