package mirror_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
)

// newLoggedMirror is newMirror with what it logs.
func newLoggedMirror(t *testing.T, source mirror.Source) (*mirror.Mirror, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	m := &mirror.Mirror{Source: source, Keyring: &keyring{}, Logger: slog.New(slog.NewTextHandler(log, nil)), Now: time.Now}
	err := m.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m, log
}

// expectLog wants so many errors since the last call, each with all of the words.
func expectLog(t *testing.T, log *bytes.Buffer, count int, words ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	log.Reset()
	if lines[0] == "" {
		lines = nil
	}
	if len(lines) != count {
		t.Errorf("the log has %d lines, want %d: %q", len(lines), count, lines)
	}
	for _, line := range lines {
		for _, word := range append(words, "level=ERROR") {
			if !strings.Contains(line, word) {
				t.Errorf("the log says %s, want %s in it", line, word)
			}
		}
	}
}
