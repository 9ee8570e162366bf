package telemetry

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// Log writes a record as of the given time. It does not look for the line of
// code that called it, which nobody reads.
func Log(ctx context.Context, l *slog.Logger, at time.Time, level slog.Level, message string, attrs []slog.Attr) {
	handler := l.Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	quick, ok := handler.(*jsonHandler)
	if ok && quick.write(at, level, message, attrs) {
		return
	}
	r := slog.NewRecord(at, level, message, 0)
	r.AddAttrs(attrs...)
	// A log that cannot be written has nobody to be told.
	_ = handler.Handle(ctx, r)
}

// jsonHandler is [slog.JSONHandler] with a short way for [Log]: a line of plain
// texts and whole numbers, which is what requests leave, takes a fifth of the
// time. With slog's own, the line of a request was dearer than sealing a token.
type jsonHandler struct {
	slog.Handler
	to    io.Writer
	lines sync.Pool
}

// newJSONHandler makes a handler that redacts.
func newJSONHandler(w io.Writer, level slog.Leveler) *jsonHandler {
	to := w
	if _, ok := w.(*Buffer); !ok {
		to = &serial{to: w}
	}
	return &jsonHandler{Handler: slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level, ReplaceAttr: redact}), to: to}
}

// write writes the same bytes as slog, or reports that not all of it is plain.
func (h *jsonHandler) write(at time.Time, level slog.Level, message string, attrs []slog.Attr) bool {
	if at.IsZero() || !plainText(message) {
		return false
	}
	kept, _ := h.lines.Get().(*[]byte)
	if kept == nil {
		kept = new([]byte)
	}
	defer h.lines.Put(kept)
	b := append((*kept)[:0], `{"time":"`...)
	b = at.AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","level":"`...)
	b = append(b, level.String()...)
	b = append(b, `","msg":"`...)
	b = append(b, message...)
	b = append(b, '"')
	for i := range attrs {
		if !isPlain(&attrs[i]) {
			return false
		}
		b = appendAttr(b, &attrs[i])
	}
	b = append(b, '}', '\n')
	*kept = b
	// A log that cannot be written has nobody to be told.
	_, _ = h.to.Write(b)
	return true
}

// isPlain reports whether the attribute stands in JSON as it is.
func isPlain(a *slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindInt64:
		return usual(a.Key) || plainText(a.Key)
	case slog.KindString:
		return plainText(a.Value.String()) && (usual(a.Key) || plainText(a.Key) && !secretName(a.Key))
	default:
		return false
	}
}

func appendAttr(b []byte, a *slog.Attr) []byte {
	b = append(b, ',', '"')
	b = append(b, a.Key...)
	b = append(b, '"', ':')
	if a.Value.Kind() == slog.KindInt64 {
		return strconv.AppendInt(b, a.Value.Int64(), 10)
	}
	b = append(b, '"')
	b = append(b, a.Value.String()...)
	return append(b, '"')
}

func plainText(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// serial lets one line at a time through, whoever writes it; a [Buffer] does so
// itself.
type serial struct {
	mu sync.Mutex
	to io.Writer
}

// Write passes the line on.
func (s *serial) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(line)
}
