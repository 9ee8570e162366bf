package admin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// The store refuses a definition that exists; that two templates could match one
// string it cannot see.
func TestOfOverlappingAPIsMadeAtOnceThereIsOne(t *testing.T) {
	s := start(t, t.TempDir())
	const callers = 8
	var made atomic.Int32
	var calls sync.WaitGroup
	for n := range callers {
		calls.Go(func() {
			_, err := s.CreateAPI(t.Context(), admin.NewAPI{
				Audience: fmt.Sprintf("https://%d.example", n),
				Scopes:   []string{fmt.Sprintf("/accounts/{p%d}", n)},
			})
			if err == nil {
				made.Add(1)
			}
		})
	}
	calls.Wait()
	if made.Load() != 1 {
		t.Errorf("%d APIs whose scopes could mean the same were made", made.Load())
	}
}

// deaf is a mirror that does not take in what was written.
type deaf struct{}

func (deaf) Sync(context.Context) error { return store.ErrUnavailable }

func TestAChangeThatIsStoredButNotTakenInIsNotCalledUndone(t *testing.T) {
	s := start(t, t.TempDir())
	_, err := s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://a.example", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.CreateKey(t.Context(), admin.NewKey{Name: "k", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	u := &admin.UseCases{Store: s.store, Mirror: deaf{}, Now: s.mirror.Now}
	err = u.DeleteKey(t.Context(), "test", key.ClientID)
	if err == nil || strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("got %v", err)
	}
	_, err = s.store.Client(t.Context(), key.ClientID)
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the key is still there: %v", err)
	}
}
