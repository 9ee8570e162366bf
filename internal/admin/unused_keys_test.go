package admin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

func TestUnusedKeysComeTheLongestUnusedFirst(t *testing.T) {
	s := start(t, t.TempDir())
	first := s.key(t)
	names := map[string]string{first.ClientID: "never"}
	used := []store.UsedClient{}
	add := func(name string, day int) {
		key, err := s.CreateKey(t.Context(), admin.NewKey{Name: name, Scopes: first.Scopes})
		if err != nil {
			t.Fatal(err)
		}
		names[key.ClientID] = name
		used = append(used, store.UsedClient{ClientID: key.ClientID, LastUsed: s.clock.Now().AddDate(0, 0, day)})
	}
	add("later", 9)
	add("early", 3)
	add("lately", 200)
	now := s.clock.Now()
	lease, err := s.store.AcquireLease(t.Context(), store.LeaseRequest{Name: "upkeep", Holder: store.NodeID{1}, At: now, Until: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	err = s.store.MergeUsage(t.Context(), lease, store.UsageMerge{Used: used})
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(205 * 24 * time.Hour)
	add("young", 0)
	var got []string
	r := admin.UnusedRange{UnusedFor: 90 * 24 * 3600, Range: admin.Range{Limit: 1}}
	for range 10 {
		page, err := s.ListUnusedKeys(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range page.Items {
			got = append(got, names[key.ClientID]+" "+key.LastUsedOn)
		}
		if page.Next == "" {
			break
		}
		r.Range.After = page.Next
	}
	if want := []string{"never ", "early 2026-01-05", "later 2026-01-11"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, after := range []string{"x", "2026-01-05", "2026-13-05/a"} {
		_, err = s.ListUnusedKeys(t.Context(), admin.UnusedRange{UnusedFor: 1, Range: admin.Range{Limit: 1, After: after}})
		if err == nil {
			t.Errorf("after %q: got no error", after)
		}
	}
}
