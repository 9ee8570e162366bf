package admin

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// AuditRow is a row of the audit trail, as it is shown.
type AuditRow struct {
	Seq   int64     `json:"seq"`
	At    time.Time `json:"at"`
	Actor string    `json:"actor"`
	Event string    `json:"event"`
	// Kind and ID say what the event is about.
	Kind store.Kind `json:"kind"`
	ID   string     `json:"id"`
	// Hash covers the row and, through the hash before it, all earlier ones.
	Hash string `json:"hash"`
}

// AuditVerdict says whether the audit trail is as it was written.
type AuditVerdict struct {
	// Rows is how many rows were read.
	Rows int64 `json:"rows"`
	// Intact says that every row follows from the one before it.
	Intact bool `json:"intact"`
	// BrokenAt is the number of the first row that does not; absent when intact.
	BrokenAt int64 `json:"broken_at,omitzero"`
	// Head is the hash of the last row that does. Whoever noted an earlier head
	// elsewhere can tell a trail that was cut off at its end.
	Head string `json:"head,omitempty"`
}

// ListAudit returns a part of the audit trail, oldest first.
func (u *UseCases) ListAudit(ctx context.Context, r Range) (Page[AuditRow], error) {
	after, err := parseSeq(r.After)
	if err != nil {
		return Page[AuditRow]{}, err
	}
	records, err := u.Store.AuditRows(ctx, after, r.Limit+1)
	if err != nil {
		return Page[AuditRow]{}, storeProblem(err)
	}
	items := make([]AuditRow, 0, len(records))
	for _, record := range records {
		items = append(items, auditFrom(record))
	}
	return cut(items, r.Limit, func(a AuditRow) string { return strconv.FormatInt(a.Seq, 10) }), nil
}

// VerifyAudit reads the whole trail and follows its chain of hashes. A node does so once
// at a time, whoever asks: it can take long.
func (u *UseCases) VerifyAudit(ctx context.Context) (AuditVerdict, error) {
	if !u.verifying.TryLock() {
		return AuditVerdict{}, &web.Problem{
			Status: http.StatusServiceUnavailable,
			Detail: "the audit trail is being checked already",
			Hint:   "try again when that is done; it reads the whole trail",
		}
	}
	defer u.verifying.Unlock()
	verdict := AuditVerdict{Intact: true}
	var previous store.AuditRow
	for {
		records, err := u.Store.AuditRows(ctx, previous.Seq, maxPageSize)
		if err != nil {
			return AuditVerdict{}, storeProblem(err)
		}
		for _, record := range records {
			if !record.Follows(previous) {
				verdict.Intact, verdict.BrokenAt = false, previous.Seq+1
				return verdict, nil
			}
			previous = record
			verdict.Rows, verdict.Head = record.Seq, hex.EncodeToString(record.Hash[:])
		}
		if len(records) < maxPageSize {
			return verdict, nil
		}
	}
}

func auditFrom(r store.AuditRow) AuditRow {
	return AuditRow{
		Seq: r.Seq, At: r.At, Actor: r.Actor, Event: r.Event,
		Kind: r.Kind, ID: r.ID, Hash: hex.EncodeToString(r.Hash[:]),
	}
}

func parseSeq(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 0 {
		return 0, &web.Problem{
			Status: http.StatusBadRequest, Field: "after",
			Detail: "after is not the number of a row", Hint: "take it from next of the page before",
		}
	}
	return seq, nil
}
