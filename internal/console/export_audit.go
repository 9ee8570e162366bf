package console

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

const (
	auditAtOnce   = 200
	mostExported  = 100_000
	exportTimeout = 2 * time.Minute
)

// exportAudit writes what the filters leave as CSV or JSON lines, the latest first. It
// says so in a last line when that is not all of it.
func (v *visit) exportAudit() error {
	asked, shown := auditSearch(v.r.URL.Query())
	if shown.Wrong != "" {
		return v.showAudit(nil)
	}
	asked.Cursor, asked.Limit = "", auditAtOnce
	found, err := v.c.UseCases.SearchAudit(v.r.Context(), asked)
	if err != nil {
		return err
	}
	h, lines := v.w.Header(), v.r.URL.Query().Get("format") == "jsonl"
	table := csvRows{csv.NewWriter(v.w)}
	var out rowWriter = table
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="grantd-audit.csv"`)
	if lines {
		out = lineRows{json.NewEncoder(v.w)}
		h.Set("Content-Type", "application/x-ndjson")
		h.Set("Content-Disposition", `attachment; filename="grantd-audit.jsonl"`)
	}
	// A writer without deadlines is one of a test.
	_ = http.NewResponseController(v.w).SetWriteDeadline(v.c.Now().Add(exportTimeout))
	v.rec.Status = http.StatusOK
	if !lines {
		_ = table.to.Write([]string{"seq", "at", "actor", "event", "kind", "id", "hash"}) // it fails with the rows
	}
	v.rec.Cause = v.exportPages(out, asked, found)
	return nil
}

func (v *visit) exportPages(out rowWriter, asked admin.AuditSearch, found admin.Page[admin.AuditRow]) error {
	written := 0
	for {
		err := out.write(found.Items)
		if err != nil {
			return nil //nolint:nilerr // the client went away
		}
		written += len(found.Items)
		asked.Cursor = found.Next
		if found.Next == "" {
			return nil
		}
		if written < mostExported {
			found, err = v.c.UseCases.SearchAudit(v.r.Context(), asked)
		}
		if err != nil || written >= mostExported {
			_ = out.write([]admin.AuditRow{{Event: "this is not all: bound the time and export again"}}) // nobody else is left to tell
			return err
		}
	}
}

// rowWriter writes rows in one of the formats.
type rowWriter interface {
	write(rows []admin.AuditRow) error
}

type lineRows struct{ to *json.Encoder }

func (l lineRows) write(rows []admin.AuditRow) error {
	for _, row := range rows {
		err := l.to.Encode(row)
		if err != nil {
			return err
		}
	}
	return nil
}

type csvRows struct{ to *csv.Writer }

func (c csvRows) write(rows []admin.AuditRow) error {
	for _, row := range rows {
		err := c.to.Write([]string{
			strconv.FormatInt(row.Seq, 10), row.At.Format(time.RFC3339Nano), inert(row.Actor), row.Event, string(row.Kind), inert(row.ID), row.Hash,
		})
		if err != nil {
			return err
		}
	}
	c.to.Flush()
	return c.to.Error()
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
