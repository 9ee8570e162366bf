package admin_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/web"
)

// heldTrail lets nobody read the trail until it is let go.
type heldTrail struct {
	*sqlstore.Store
	reading chan struct{}
	letGo   chan struct{}
}

func (h heldTrail) AuditRows(ctx context.Context, after int64, limit int) ([]store.AuditRow, error) {
	h.reading <- struct{}{}
	<-h.letGo
	return h.Store.AuditRows(ctx, after, limit)
}

func TestTheTrailIsCheckedOnceAtATime(t *testing.T) {
	s := start(t, t.TempDir())
	held := heldTrail{s.store, make(chan struct{}), make(chan struct{})}
	s.usecases.Store = held
	first := make(chan error)
	go func() {
		_, err := s.usecases.VerifyAudit(t.Context())
		first <- err
	}()
	<-held.reading
	_, err := s.usecases.VerifyAudit(t.Context())
	p, refused := errors.AsType[*web.Problem](err)
	if !refused || p.Status != http.StatusServiceUnavailable {
		t.Errorf("a second check beside the first: got %v, want a refusal", err)
	}
	close(held.letGo)
	err = <-first
	if err != nil {
		t.Errorf("the first check: %v", err)
	}
	s.usecases.Store = s.store
	_, err = s.usecases.VerifyAudit(t.Context())
	if err != nil {
		t.Errorf("a check after the first: %v", err)
	}
}

func TestAuditTrail(t *testing.T) {
	s := start(t, t.TempDir())
	empty, err := s.VerifyAudit(t.Context())
	if err != nil || !empty.Intact || empty.Rows != 0 {
		t.Fatalf("an empty trail: %+v, %v", empty, err)
	}
	_, err = s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://a.example", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.CreateKey(t.Context(), admin.NewKey{Name: "k", Scopes: []string{"/a.read"}})
	if err != nil {
		t.Fatal(err)
	}
	err = s.DeleteKey(t.Context(), key.ClientID)
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.ListAudit(t.Context(), admin.Range{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	rest, err := s.ListAudit(t.Context(), admin.Range{After: first.Next, Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, row := range append(first.Items, rest.Items...) {
		events = append(events, row.Event)
	}
	if diff := cmp.Diff([]string{"signing_key.created", "api.created", "key.created", "key.deleted"}, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	verdict, err := s.VerifyAudit(t.Context())
	if err != nil || !verdict.Intact || verdict.Rows != 4 || verdict.Head != rest.Items[len(rest.Items)-1].Hash {
		t.Errorf("got %+v, %v", verdict, err)
	}
	_, err = s.ListAudit(t.Context(), admin.Range{After: "x", Limit: 1})
	if err == nil {
		t.Error("a list went on after a row that is no number")
	}
}

// spoiled is a store whose audit trail somebody worked on.
type spoiled struct {
	admin.Store
	spoil func([]store.AuditRow) []store.AuditRow
}

func (s spoiled) AuditRows(ctx context.Context, after int64, limit int) ([]store.AuditRow, error) {
	rows, err := s.Store.AuditRows(ctx, after, limit)
	return s.spoil(rows), err
}

func TestASpoiledAuditTrailIsNoticed(t *testing.T) {
	s := start(t, t.TempDir())
	for range 3 {
		_, err := s.store.Write(t.Context(), store.Origin{Actor: "test", At: time.Now()},
			store.CreateClient{Client: store.Client{ID: time.Now().String()[20:29], Name: "k", Mode: store.Live}})
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name   string
		spoil  func(rows []store.AuditRow) []store.AuditRow
		broken int64
	}{
		{"a changed actor", func(r []store.AuditRow) []store.AuditRow { r[1].Actor = "else"; return r }, 2},
		{"a changed time", func(r []store.AuditRow) []store.AuditRow { r[0].At = r[0].At.Add(time.Second); return r }, 1},
		{"a removed row", func(r []store.AuditRow) []store.AuditRow { return append(r[:1:1], r[2:]...) }, 2},
		{"a removed first row", func(r []store.AuditRow) []store.AuditRow { return r[1:] }, 1},
		{"a row with a hash of its own", func(r []store.AuditRow) []store.AuditRow { r[1].Actor = "else"; r[1].Hash = r[1].Sum(); return r }, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := &admin.UseCases{Store: spoiled{s.store, tt.spoil}}
			got, err := u.VerifyAudit(t.Context())
			if err != nil || got.Intact || got.BrokenAt != tt.broken {
				t.Errorf("got %+v, %v; want it broken at row %d", got, err, tt.broken)
			}
		})
	}
}
