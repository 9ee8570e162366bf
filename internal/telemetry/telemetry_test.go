package telemetry_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/grantd/grantd/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAttributesAreRedactedByName(t *testing.T) {
	for _, format := range []telemetry.Format{telemetry.JSON, telemetry.Text} {
		var out bytes.Buffer
		logger := telemetry.NewLogger(&out, format, slog.LevelInfo)
		logger.LogAttrs(t.Context(), slog.LevelInfo, "request",
			slog.String("client_id", "visible"),
			slog.String("client_secret", "hidden-1"),
			slog.String("Refresh_Token", "hidden-2"),
			slog.String("authorization", "hidden-3"),
			slog.Group("inner", slog.String("assertion", "hidden-4")),
		)
		if got := out.String(); strings.Contains(got, "hidden") || !strings.Contains(got, "visible") {
			t.Errorf("%s: got %s", format, got)
		}
	}
}

// guarded is a writer that is read while it is written to.
type guarded struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (g *guarded) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.Write(p)
}

func (g *guarded) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.String()
}

func TestLinesAreGatheredForATenthOfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &guarded{}
		b := &telemetry.Buffer{To: out}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			b.Run(ctx)
			close(ended)
		}()
		synctest.Wait()
		write(t, b, "one\n")
		if out.String() != "" {
			t.Error("a line was written at once")
		}
		time.Sleep(150 * time.Millisecond)
		synctest.Wait()
		if out.String() != "one\n" {
			t.Errorf("after 150 ms there is %q", out.String())
		}
		write(t, b, "last\n")
		stop()
		<-ended
		if !strings.HasSuffix(out.String(), "last\n") {
			t.Error("the last line is lost")
		}
	})
}

func TestManyLinesAreWrittenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &guarded{}
		b := &telemetry.Buffer{To: out}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			b.Run(ctx)
			close(ended)
		}()
		synctest.Wait()
		half := strings.Repeat("x", 40<<10) + "\n"
		for i, want := range []string{"", half + half, half + half, half + half + half + half} {
			write(t, b, half)
			synctest.Wait()
			if out.String() != want {
				t.Errorf("after %d lines of 40 KB there are %d bytes, want %d", i+1, len(out.String()), len(want))
			}
		}
		stop()
		<-ended
	})
}

func TestLinesNobodyReadsAreDroppedAndCounted(t *testing.T) {
	var out bytes.Buffer
	b := &telemetry.Buffer{To: &out}
	line := strings.Repeat("x", 1<<20) + "\n"
	for range 6 {
		write(t, b, line)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	b.Run(ctx)
	if got := strings.Count(out.String(), line); got != 3 || !strings.Contains(out.String(), "3 log lines were dropped") {
		t.Errorf("%d of 6 lines were written, then %q", got, out.String()[max(0, out.Len()-80):])
	}
}

func write(t *testing.T, b *telemetry.Buffer, text string) {
	t.Helper()
	n, err := b.Write([]byte(text))
	if err != nil || n != len(text) {
		t.Errorf("Write: %d, %v", n, err)
	}
}
