package console

import (
	"net/http"
	"net/url"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

const auditOnPage = 50

// auditList is the page of the audit trail.
type auditList struct {
	Actor, Event, Kind, ID, From, To string
	Rows                             []admin.AuditRow
	Next, Query, Wrong               string
	Filtered                         bool
	Verdict                          *admin.AuditVerdict
}

// auditSearch reads the filters, from the query alone.
func auditSearch(q url.Values) (admin.AuditSearch, auditList) {
	l := auditList{
		Actor: q.Get("actor"), Event: q.Get("event"), Kind: q.Get("kind"), ID: q.Get("id"), From: q.Get("from"), To: q.Get("to"),
	}
	s := admin.AuditSearch{Actor: l.Actor, Event: l.Event, Kind: store.Kind(l.Kind), ID: l.ID, Cursor: q.Get("after"), Limit: auditOnPage}
	var err error
	if l.From != "" {
		s.From, err = time.Parse(time.DateOnly, l.From)
	}
	if l.To != "" && err == nil {
		s.To, err = time.Parse(time.DateOnly, l.To)
		s.To = s.To.Add(24 * time.Hour)
	}
	if err != nil {
		l.Wrong = "Write days like 2026-01-31."
	}
	l.Filtered = l.Actor+l.Event+l.Kind+l.ID+l.From+l.To != ""
	kept := url.Values{}
	for name, value := range map[string]string{"actor": l.Actor, "event": l.Event, "kind": l.Kind, "id": l.ID, "from": l.From, "to": l.To} {
		if value != "" {
			kept.Set(name, value)
		}
	}
	l.Query = kept.Encode()
	return s, l
}

func (v *visit) auditPage() error { return v.showAudit(nil) }

func (v *visit) showAudit(verdict *admin.AuditVerdict) error {
	q := v.r.URL.Query()
	asked, shown := auditSearch(q)
	shown.Verdict = verdict
	if shown.Wrong == "" {
		found, err := v.c.UseCases.SearchAudit(v.r.Context(), asked)
		if p := refusal(err); p != nil {
			shown.Wrong = sentence(p.Detail + "; " + p.Hint)
		} else if err != nil {
			return err
		}
		shown.Rows = found.Items
		if found.Next != "" {
			q.Set("after", found.Next)
			shown.Next = "/console/audit?" + q.Encode()
		}
	}
	status := http.StatusOK
	if shown.Wrong != "" {
		status = http.StatusBadRequest
	}
	return v.render(status, "audit", "Audit", "audit", shown)
}

func (v *visit) verifyAudit() error {
	verdict, err := v.c.UseCases.VerifyAudit(v.r.Context())
	if err != nil {
		return err
	}
	return v.showAudit(&verdict)
}
