package cli

import (
	"testing"
	"time"

	"github.com/grantd/grantd/internal/manifest"
)

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "15m": 15 * time.Minute, "1h30m": 90 * time.Minute, "90d": 90 * day, "1d12h": 36 * time.Hour, "36500d": 36500 * day,
	} {
		var got lifetime
		err := got.UnmarshalText([]byte(text))
		if err != nil || time.Duration(got) != want {
			t.Errorf("%s: got %s (%v), want %s", text, time.Duration(got), err, want)
		}
	}
	for _, text := range []string{"", "d", "0d", "-1d", "1.5d", "1d-12h", "12hd", "d12h", "1d1d", "36501d", "99999999999999999999d", "1d9999999h", "1", "1500ms", "0s"} {
		var got lifetime
		err := got.UnmarshalText([]byte(text))
		if err == nil {
			t.Errorf("%q: got %s, want it refused", text, time.Duration(got))
		}
	}
}

func TestADurationIsPrintedAsAFlagTakesIt(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "59s": 59 * time.Second, "1m": time.Minute, "1m30s": 90 * time.Second, "10m": 10 * time.Minute, "1h": time.Hour,
		"1h0m10s": time.Hour + 10*time.Second, "10h30m": 10*time.Hour + 30*time.Minute, "1d": day, "1d12h": 36 * time.Hour, "30d": 30 * day,
	} {
		got := manifest.FormatDuration(d)
		if got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
		var read lifetime
		err := read.UnmarshalText([]byte(got))
		if d > 0 && (err != nil || time.Duration(read) != d) {
			t.Errorf("%s is printed as %s and read as %s (%v)", d, got, time.Duration(read), err)
		}
	}
}

func TestInstants(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2027-01-31T18:00:00Z":          time.Date(2027, 1, 31, 18, 0, 0, 0, time.UTC),
		"2027-01-31T18:00:00.123+02:00": time.Date(2027, 1, 31, 16, 0, 0, 123e6, time.UTC),
		"2027-01-31":                    time.Date(2027, 1, 31, 0, 0, 0, 0, time.Local),
	} {
		var got instant
		err := got.UnmarshalText([]byte(text))
		if err != nil || got.given() == nil || !got.given().Equal(want) {
			t.Errorf("%s: got %v (%v), want %s", text, got.given(), err, want)
		}
	}
	for _, text := range []string{"", "tomorrow", "2027-01-31T18:00:00", "2027-01-31 18:00", "18:00", "2027-13-01", "0001-01-01T00:00:00Z"} {
		var got instant
		err := got.UnmarshalText([]byte(text))
		if err == nil {
			t.Errorf("%q: got %v, want it refused and never taken for a flag that is not there", text, got.given())
		}
	}
	var none instant
	if none.given() != nil {
		t.Errorf("a flag that is not there: got %v, want nil", none.given())
	}
}

func TestTimesApart(t *testing.T) {
	now := time.Date(2027, 1, 31, 18, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		at              time.Time
		ago, relatively string
	}{
		{now.Add(-400 * time.Millisecond), "just now", "now"},
		{now.Add(-61 * time.Second), "1m ago", "1m1s ago"},
		{now.Add(-59 * time.Minute), "59m ago", "59m ago"},
		{now.Add(-25 * time.Hour), "1d ago", "1d1h ago"},
		{now.Add(-30*day - 59*time.Minute), "30d ago", "30d1h ago"},
		{now.Add(time.Hour), "just now", "in 1h"},
		{now.Add(30*day - time.Second), "just now", "in 30d"},
	} {
		if ago(now, tt.at) != tt.ago || relative(now, tt.at) != tt.relatively {
			t.Errorf("%s: got %s and %s, want %s and %s", tt.at, ago(now, tt.at), relative(now, tt.at), tt.ago, tt.relatively)
		}
	}
}
