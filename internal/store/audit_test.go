package store_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func auditRow() store.AuditRow {
	return store.AuditRow{
		Seq:      7,
		At:       time.UnixMilli(1_777_863_721_987).UTC(),
		Actor:    "uid:0",
		Event:    store.EventKeyCreated,
		Kind:     store.KindClient,
		ID:       "5clTR_MdVrrkgxw2",
		Previous: [32]byte{1, 2, 3},
	}
}

// The sums of rows that are on disk must come out the same in every release.
func TestSumOfARowNeverChanges(t *testing.T) {
	for _, test := range []struct {
		name, want string
		row        store.AuditRow
	}{
		{"the empty row", "5b1e235562e9fa6ed56ce31f012714ea8ffbf67010c563d34c6c52cc6b3f663c", store.AuditRow{}},
		{"a usual row", "dbc7a85cd9fd2b09c5d63916b64fcbfc47ed3ac92ad6718c71a0365056006cdb", auditRow()},
	} {
		t.Run(test.name, func(t *testing.T) {
			sum := test.row.Sum()
			if got := hex.EncodeToString(sum[:]); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestSumCoversEveryField(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*store.AuditRow)
	}{
		{"number", func(r *store.AuditRow) { r.Seq = 8 }},
		{"time", func(r *store.AuditRow) { r.At = r.At.Add(time.Millisecond) }},
		{"actor", func(r *store.AuditRow) { r.Actor = "uid:1" }},
		{"event", func(r *store.AuditRow) { r.Event = store.EventKeyDeleted }},
		{"kind", func(r *store.AuditRow) { r.Kind = store.KindAPI }},
		{"id", func(r *store.AuditRow) { r.ID = "5clTR_MdVrrkgxw3" }},
		{"previous hash", func(r *store.AuditRow) { r.Previous[31] = 1 }},
		{"border between actor and event", func(r *store.AuditRow) { r.Actor, r.Event = "uid:0k", "ey.created" }},
		{"border between event and kind", func(r *store.AuditRow) { r.Event, r.Kind = "key.create", "dclient" }},
		{"border between kind and id", func(r *store.AuditRow) { r.Kind, r.ID = "client5", "clTR_MdVrrkgxw2" }},
		{"fields exchanged", func(r *store.AuditRow) { r.Actor, r.ID = r.ID, r.Actor }},
	} {
		t.Run(test.name, func(t *testing.T) {
			row := auditRow()
			test.change(&row)
			if row.Sum() == auditRow().Sum() {
				t.Errorf("%+v and %+v have the same sum", row, auditRow())
			}
		})
	}
}

func TestSumCoversWhatAStoreKeeps(t *testing.T) {
	row := auditRow()
	row.Hash = [32]byte{9}
	row.At = row.At.Add(999 * time.Microsecond).In(time.FixedZone("elsewhere", 3600))
	if row.Sum() != auditRow().Sum() {
		t.Error("the sum depends on the hash, on the time zone or on less than a millisecond")
	}
}
