package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// AuditSearch asks for rows of the audit trail. What is empty asks for nothing.
type AuditSearch struct {
	Actor string `json:"actor,omitempty"`
	Event string `json:"event,omitempty"`
	// Kind and ID are of the record; ID goes with a Kind.
	Kind store.Kind `json:"kind,omitempty"`
	ID   string     `json:"id,omitempty"`
	// From and To bound when it happened, the latter exclusively.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Cursor is the Next of the page before.
	Cursor string `json:"-"`
	// Limit is 50 unless given, at most 200.
	Limit int `json:"-"`
}

// auditPlace is where a page of the audit trail begins.
type auditPlace struct {
	At  int64 `json:"a"`
	Seq int64 `json:"s"`
}

// SearchAudit returns a part of the audit trail, the latest first. A page may hold
// fewer rows than its limit, or none, and have a Next, as with SearchKeys.
func (u *UseCases) SearchAudit(ctx context.Context, s AuditSearch) (Page[AuditRow], error) {
	limit, err := checkLimit(s.Limit)
	if err != nil {
		return Page[AuditRow]{}, err
	}
	if s.ID != "" && s.Kind == "" {
		return Page[AuditRow]{}, badQuery("kind", "there is an id without the kind of its record",
			fmt.Sprintf("use %s, %s or %s", store.KindClient, store.KindAPI, store.KindSigningKey))
	}
	var place auditPlace
	if s.Cursor != "" {
		err = u.open(s, s.Cursor, &place)
		if err != nil {
			return Page[AuditRow]{}, err
		}
	}
	found, err := u.Store.FindAuditRows(ctx, store.AuditQuery{
		After: store.AuditPlace(place), Actor: s.Actor, Event: s.Event, Kind: s.Kind, ID: s.ID,
		From: s.From, To: s.To, Limit: limit,
	})
	if err != nil {
		return Page[AuditRow]{}, storeProblem(err)
	}
	page := Page[AuditRow]{Items: make([]AuditRow, 0, len(found.Rows))}
	for _, row := range found.Rows {
		page.Items = append(page.Items, auditFrom(row))
	}
	if found.Next != (store.AuditPlace{}) {
		page.Next, err = u.seal(s, auditPlace(found.Next))
	}
	return page, err
}
