package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/oauth"
)

// Record is what is said about one request in the log and the metrics. The
// handlers fill it in; the plumbing writes it once, when the answer is out, and
// uses it again for another request then.
type Record struct {
	// Status is the status of the answer; the writers of this package set it.
	Status int
	// ClientID is the key that called, once it is authenticated.
	ClientID string
	// Claimed is the key whose id a failed authentication used, or "unknown": an id
	// that is not ours could be a secret in the wrong field.
	Claimed string
	// Sentence is the description that the caller got, if it is all our own.
	Sentence string
	// Disabled says that the key that called is disabled.
	Disabled bool
	// GrantType is the grant that was asked for, if it is one we know.
	GrantType oauth.GrantType
	// Actor is who called the admin API.
	Actor string
	// Error is the error code of the answer: an OAuth code, or "problem".
	Error string
	// Cause is the private half of an error. It is logged and never sent.
	Cause error

	start time.Time
	// peer is where the request came from, for the log; source says more, with
	// proxies.
	peer   string
	source source
	room   room
}

// room is what a request takes up while it is answered, kept from one to the next:
// with the record it was a quarter of what our part of a request allocated.
type room struct {
	request Request
	params  [usual]Param
	body    []byte
}

// empty makes the record ready for another request.
func (rec *Record) empty() {
	body := rec.room.body[:0]
	*rec = Record{}
	rec.room.body = body
}

// Plumbing is what all endpoints share.
type Plumbing struct {
	// Logger gets one record a request.
	Logger *slog.Logger
	// Metrics counts the requests.
	Metrics *telemetry.Metrics
	// Now is the clock.
	Now func() time.Time
	// BodyTimeout is how long the body of a request may take to arrive.
	BodyTimeout time.Duration
	// Origins are those that browsers may call from; nil for none.
	Origins Origins
	// Proxies are those that say where a request came from; nil for none.
	Proxies *Proxies

	// Usage counts what keys are used for; nil counts nothing.
	Usage Usage

	records sync.Pool
}

// Usage counts what a request came to. It is called for each request, and may not
// keep the record.
type Usage interface {
	Count(route string, rec *Record)
}

// Address returns the address that the request came from; see [Request.Address].
func (rec *Record) Address() netip.Addr {
	if rec.source.text != "" {
		return rec.source.address
	}
	return addressOf(rec.peer)
}

// At returns when the request came.
func (rec *Record) At() time.Time { return rec.start }

// Handle opens a record for each request to the route, runs f, and logs and
// counts the record. The route is a fixed text, not the request's path.
func (p *Plumbing) Handle(route string, f func(w http.ResponseWriter, r *http.Request, rec *Record)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec, kept := p.records.Get().(*Record)
		if !kept {
			rec = &Record{}
		}
		rec.start = p.Now()
		defer func() {
			p.finish(route, w, r, rec, recover())
			rec.empty()
			p.records.Put(rec)
		}()
		p.locate(r, rec)
		p.beginBody(w, r, rec.start)
		f(w, r, rec)
	})
}

// locate notes where the request came from. Without proxies it is where the
// connection ends, and nothing is worked out.
func (p *Plumbing) locate(r *http.Request, rec *Record) {
	rec.peer = r.RemoteAddr
	if p.Proxies != nil {
		rec.source = p.Proxies.source(r)
		rec.peer = rec.source.text
	}
}

// finish writes the record; a handler that panicked answers server_error.
func (p *Plumbing) finish(route string, w http.ResponseWriter, r *http.Request, rec *Record, panicked any) {
	if panicked != nil {
		rec.Cause = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		if rec.Status == 0 {
			WriteError(w, rec, rec.Cause)
		}
	}
	end := p.Now()
	p.Metrics.Request(route, rec.Status, rec.Error, end.Sub(rec.start))
	if p.Usage != nil {
		p.Usage.Count(route, rec)
	}
	p.log(route, end, r, rec)
}

func (p *Plumbing) log(route string, end time.Time, r *http.Request, rec *Record) {
	level := slog.LevelInfo
	if rec.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(
		attrs,
		slog.String("method", method(r.Method)),
		slog.String("route", route),
		slog.Int("status", rec.Status),
		slog.Int64("us", end.Sub(rec.start).Microseconds()),
		slog.String("peer", rec.peer),
	)
	if rec.ClientID != "" {
		attrs = append(attrs, slog.String("client_id", rec.ClientID))
	}
	if rec.ClientID == "" && rec.Claimed != "" {
		attrs = append(attrs, slog.String("claimed_client_id", rec.Claimed))
	}
	if rec.GrantType != "" {
		attrs = append(attrs, slog.String("grant_type", string(rec.GrantType)))
	}
	if rec.Actor != "" {
		attrs = append(attrs, slog.String("actor", rec.Actor))
	}
	if rec.Error != "" {
		attrs = append(attrs, slog.String("error", rec.Error))
	}
	if rec.Sentence != "" {
		attrs = append(attrs, slog.String("sentence", rec.Sentence))
	}
	if rec.Cause != nil {
		attrs = append(attrs, slog.String("cause", rec.Cause.Error()))
		hint := fault.HintOf(rec.Cause)
		if hint != "" {
			attrs = append(attrs, slog.String("hint", hint))
		}
	}
	telemetry.Log(r.Context(), p.Logger, end, level, "request", attrs)
}

// method keeps a made-up method of any length out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
