package telemetry

import (
	"io"
	"log/slog"
	"strings"
)

// Format is how log lines look.
type Format string

// The log formats.
const (
	// JSON writes one object a line.
	JSON Format = "json"
	// Text writes key=value pairs.
	Text Format = "text"
)

// NewLogger makes a logger whose attributes are redacted by their name, as a
// second line of defence: no caller passes a secret in the first place.
func NewLogger(w io.Writer, format Format, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	if format == Text {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func redact(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString, slog.KindAny, slog.KindLogValuer:
	default:
		return a
	}
	name := strings.ToLower(a.Key)
	for _, word := range []string{"secret", "token", "assertion", "password", "authorization", "pepper"} {
		if strings.Contains(name, word) {
			return slog.String(a.Key, "redacted")
		}
	}
	return a
}
