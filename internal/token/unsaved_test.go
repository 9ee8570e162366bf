package token

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// away is a store that cannot be written.
type away struct{}

func (away) Write(context.Context, store.Origin, ...store.Mutation) (store.Position, error) {
	return store.Position{}, store.ErrUnavailable
}

// A disk that is full stays so for hours, while tokens are issued and revoked.
func TestRevocationsThatWereNotSavedTakeABoundedSpace(t *testing.T) {
	k := newKit(t)
	k.revocation.Store = away{}
	waiting := &k.revocation.unsaved
	for range mostUnsaved {
		if !waiting.add(store.Revocation{ID: newFamily(), ExpiresAt: k.now().Add(time.Minute)}, k.now()) {
			t.Fatalf("there is no room after %d", len(waiting.ids))
		}
	}
	token := k.grant(t, ownerKey, "/opaque").AccessToken
	revoke := func(want int, active bool) {
		t.Helper()
		status, body := k.post(t, "revoke", ownerKey, "token="+token)
		if status != want || len(waiting.ids) > mostUnsaved {
			t.Errorf("got %d %s, and %d wait", status, body, len(waiting.ids))
		}
		if got := k.active(t, ownerKey, token); got != active {
			t.Errorf("the token is active: %t, want %t", got, active)
		}
	}
	// What could be forgotten here must not look as if the store had it.
	revoke(http.StatusServiceUnavailable, true)
	k.advance(2 * time.Minute)
	revoke(http.StatusServiceUnavailable, false)
	if len(waiting.ids) != 1 {
		t.Errorf("%d wait after all but one have expired", len(waiting.ids))
	}
	k.revocation.Store = k.store
	rows := k.auditRows(t)
	revoke(http.StatusOK, false)
	if written := k.auditRows(t) - rows; written != 1 || len(waiting.ids) != 0 {
		t.Errorf("%d rows were written, and %d wait", written, len(waiting.ids))
	}
}
