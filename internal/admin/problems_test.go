package admin

import (
	"errors"
	"fmt"
	"testing"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

func TestWhatAStoresErrorMeans(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		status int // zero: not a problem, so the caller answers 500
		detail string
	}{
		{name: "away", err: fmt.Errorf("write: %w", store.ErrUnavailable), status: 503, detail: "the database cannot answer now; nothing was changed"},
		{
			name: "outcome unknown", err: fmt.Errorf("commit: %w", store.ErrUnknown), status: 503,
			detail: "the database stopped answering while it stored the change; it may be stored or not",
		},
		{
			name: "stored, but not read back: never says that nothing was changed", err: notTakenIn(store.ErrUnavailable), status: 503,
			detail: "the change is stored, but this server cannot read it back yet",
		},
		{name: "no such key", err: &store.MutationError{Err: store.ErrNotFound}, status: 404, detail: `there is no key "k"`},
		{name: "anything else", err: errors.New("disk on fire")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := keyProblem("k", tt.err)
			p, ok := errors.AsType[*web.Problem](got)
			if ok != (tt.status != 0) {
				t.Fatalf("got %v, want status %d", got, tt.status)
			}
			if ok && (p.Status != tt.status || p.Detail != tt.detail) {
				t.Errorf("got %d %q, want %d %q", p.Status, p.Detail, tt.status, tt.detail)
			}
			if !errors.Is(got, tt.err) && tt.status != 404 {
				t.Errorf("%v lost its cause", got)
			}
		})
	}
}
