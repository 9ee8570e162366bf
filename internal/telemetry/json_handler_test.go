package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

var someTime = time.Date(2026, 7, 4, 12, 30, 15, 123456000, time.UTC)

// bothLines returns the line that Log writes and the one of slog's own handler.
func bothLines(t testing.TB, at time.Time, level slog.Level, message string, attrs ...slog.Attr) (string, string) {
	t.Helper()
	var ours, theirs bytes.Buffer
	Log(t.Context(), NewLogger(&ours, JSON, slog.LevelInfo), at, level, message, attrs)
	r := slog.NewRecord(at, level, message, 0)
	r.AddAttrs(attrs...)
	err := slog.NewJSONHandler(&theirs, &slog.HandlerOptions{ReplaceAttr: redact}).Handle(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return ours.String(), theirs.String()
}

func TestLinesAreThoseOfSlog(t *testing.T) {
	tests := []struct {
		name    string
		message string
		attrs   []slog.Attr
		want    string
	}{
		{"a request", "request", []slog.Attr{slog.String("route", "/oauth2/token"), slog.Int("status", 200), slog.Int64("us", -1)}, `"status":200`},
		{"nothing but a message", "ready", nil, `"msg":"ready"}`},
		{"empty texts", "", []slog.Attr{slog.String("", ""), slog.String("a", "")}, `"a":""`},
		{"quotes in a text", "request", []slog.Attr{slog.String("cause", "a \"b\" \\ c\nd")}, `a \"b\" \\ c\nd`},
		{"quotes in a name", "request", []slog.Attr{slog.String(`a"b`, "c")}, `a\"b`},
		{"quotes in the message", `a "request"`, nil, `a \"request\"`},
		{"text that is not ASCII", "request", []slog.Attr{slog.String("cause", "é\u2028\xff<>&\x7f")}, "é"},
		{"a secret", "request", []slog.Attr{slog.String("Client_Secret", "hidden"), slog.Int("token", 7)}, `"redacted","token":7`},
		{"other kinds", "request", []slog.Attr{slog.Bool("a", true), slog.Duration("b", time.Second), slog.Any("c", errors.New("d"))}, `"c":"d"`},
		{"a group", "request", []slog.Attr{slog.Group("g", slog.String("password", "hidden"))}, `"g":{"password":"redacted"}`},
		{"many attributes", "request", []slog.Attr{
			slog.Int("a", 1), slog.Int("b", 2), slog.Int("c", 3), slog.Int("d", 4), slog.Int("e", 5), slog.Int("f", 6), slog.Int("g", 7),
		}, `"g":7`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, want := bothLines(t, someTime, slog.LevelInfo, test.message, test.attrs...)
			if got != want || !strings.Contains(got, test.want) {
				t.Errorf("got  %s\nwant %s\nwith %s", got, want, test.want)
			}
		})
	}
	for _, at := range []time.Time{{}, someTime.In(time.FixedZone("", 3600)), someTime.Truncate(time.Second)} {
		got, want := bothLines(t, at, slog.LevelWarn+1, "request")
		if got != want {
			t.Errorf("at %s: got  %s\nwant %s", at, got, want)
		}
	}
}

func FuzzLinesAreThoseOfSlog(f *testing.F) {
	f.Add("request", "route", "/oauth2/token", int64(200))
	f.Add("a\"b", "client_secret", "\x00\u2028", int64(-1))
	f.Fuzz(func(t *testing.T, message, name, text string, number int64) {
		got, want := bothLines(t, someTime, slog.LevelInfo, message, slog.String(name, text), slog.Int64(name, number))
		if got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func TestLogKeepsTheLevelAndTheFormat(t *testing.T) {
	tests := []struct {
		name   string
		format Format
		level  slog.Level
		want   string
	}{
		{"JSON", JSON, slog.LevelInfo, `{"time":"2026-07-04T12:30:15.123456Z","level":"INFO","msg":"request","status":200}` + "\n"},
		{"text", Text, slog.LevelWarn, "time=2026-07-04T12:30:15.123Z level=WARN msg=request status=200\n"},
		{"JSON below the level", JSON, slog.LevelDebug, ""},
		{"text below the level", Text, slog.LevelDebug, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			Log(t.Context(), NewLogger(&out, test.format, slog.LevelInfo), someTime, test.level, "request", []slog.Attr{slog.Int("status", 200)})
			if out.String() != test.want {
				t.Errorf("got  %s\nwant %s", out.String(), test.want)
			}
		})
	}
}

func TestTheLineOfARequestGoesTheShortWay(t *testing.T) {
	request := []slog.Attr{slog.String("method", "POST"), slog.Int("status", 200), slog.String("client_id", "5clTR_MdVrrkgxw2")}
	tests := []struct {
		name  string
		attrs []slog.Attr
		want  bool
	}{
		{"a request", request, true},
		{"a request with a cause of several lines", append(request, slog.String("cause", "panic\n")), false},
		{"a request with something secret", append(request, slog.String("token", "hidden")), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := newJSONHandler(io.Discard, slog.LevelInfo).write(someTime, slog.LevelInfo, "request", test.attrs)
			if got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestLinesOfManyDoNotMix(t *testing.T) {
	var out bytes.Buffer
	logger := NewLogger(&out, JSON, slog.LevelInfo)
	var writing sync.WaitGroup
	for range 8 {
		writing.Go(func() {
			for range 50 {
				Log(t.Context(), logger, someTime, slog.LevelInfo, "request", []slog.Attr{slog.String("route", "/short/way")})
				logger.LogAttrs(t.Context(), slog.LevelInfo, "other", slog.Bool("long", true))
			}
		})
	}
	writing.Wait()
	lines := 0
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("got the line %q", line)
		}
		lines++
	}
	if lines != 800 {
		t.Errorf("got %d lines, want 800", lines)
	}
}
