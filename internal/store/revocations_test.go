package store_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/store"
)

// The names of revocations that are in a feed must read the same in every release.
func TestNameOfARevocationNeverChanges(t *testing.T) {
	for _, test := range []struct {
		name, want string
		revocation store.Revocation
	}{
		{
			"a usual one", "AQIDBAUGBwgJCgsMDQ4P_w.1777863721987",
			store.Revocation{
				ID:        store.TokenID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255},
				ExpiresAt: time.Date(2026, 5, 4, 3, 2, 1, 987_999_999, time.UTC),
			},
		},
		{"before 1970", "AAAAAAAAAAAAAAAAAAAAAA.-1", store.Revocation{ExpiresAt: time.UnixMilli(-1)}},
		{"without an end", "AAAAAAAAAAAAAAAAAAAAAA.-62135596800000", store.Revocation{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.revocation.String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParseRevocationReadsWhatStringWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := store.Revocation{
			ID:        store.TokenID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
			ExpiresAt: time.UnixMilli(rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "expires")).UTC(),
		}
		got, err := store.ParseRevocation(want.String())
		if err != nil || got != want {
			t.Errorf("%s: got %+v (%v), want %+v", want, got, err, want)
		}
	})
}

func TestParseRevocationRefusesOtherTexts(t *testing.T) {
	id := strings.Repeat("A", 22)
	for _, text := range []string{
		"", ".", "all", id, id + ".", id + ".1.2", id + ".x", id + ".1x", id + ".99999999999999999999", "." + id,
		id[1:] + ".1", id + "A.1", id + "==.1", id[:21] + "B.1", id[:21] + "+.1", id[:20] + "\nA.1", " " + id + ".1",
	} {
		got, err := store.ParseRevocation(text)
		if err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
		if got != (store.Revocation{}) {
			t.Errorf("%q: got %+v with an error", text, got)
		}
	}
}
