package keys_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is now in tests whose clock stands.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

var schedule = keys.Schedule{
	PublishAhead: 10 * time.Minute,
	RotateEvery:  90 * 24 * time.Hour,
	Retain:       24*time.Hour + time.Minute,
	MaxAge:       5 * time.Minute,
}

func newSealer(t testing.TB, first keys.Secret, older ...keys.Secret) *keys.Sealer {
	t.Helper()
	s, err := keys.NewSealer(first, older...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newRing has a key of each algorithm, all made at noon.
func newRing(t testing.TB, algorithms ...string) *keys.Ring {
	t.Helper()
	ring := &keys.Ring{Sealer: newSealer(t, keys.Secret{1}), Schedule: schedule}
	var records []store.SigningKey
	for _, algorithm := range algorithms {
		records = append(records, newKey(t, ring, algorithm, noon))
	}
	load(t, ring, records...)
	return ring
}

// newKey makes a signing key at noon.
func newKey(t testing.TB, ring *keys.Ring, algorithm string, activates time.Time) store.SigningKey {
	t.Helper()
	record, err := ring.New(algorithm, noon, activates)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func load(t testing.TB, ring *keys.Ring, records ...store.SigningKey) {
	t.Helper()
	err := ring.Load(records)
	if err != nil {
		t.Fatal(err)
	}
}

// signed makes a token as the token endpoint does.
func signed(t testing.TB, key *keys.Active, payload string) string {
	t.Helper()
	header := `{"typ":"at+jwt","alg":"` + key.Algorithm + `","kid":"` + key.ID + `"}`
	return signedWith(t, key, header, payload)
}

func signedWith(t testing.TB, key *keys.Active, header, payload string) string {
	t.Helper()
	input := base64url(header) + "." + base64url(payload)
	signature, err := key.Sign(nil, []byte(input))
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64url(string(signature))
}

func base64url(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// kids returns the names in a JWKS in its order.
func kids(t testing.TB, document keys.Document) []string {
	t.Helper()
	var set struct {
		Keys []struct {
			KeyID string `json:"kid"`
		} `json:"keys"`
	}
	decode(t, document.Body, &set)
	names := []string{}
	for _, key := range set.Keys {
		names = append(names, key.KeyID)
	}
	return names
}

func wantKids(t testing.TB, ring *keys.Ring, at time.Time, want ...store.SigningKey) {
	t.Helper()
	names := []string{}
	for _, record := range want {
		names = append(names, record.ID)
	}
	got := kids(t, ring.JWKS(at))
	if !slices.Equal(got, names) {
		t.Errorf("the JWKS of %s has %v, want %v", at.Format(time.DateTime), got, names)
	}
}

func decode(t testing.TB, text []byte, into any) {
	t.Helper()
	err := json.Unmarshal(text, into)
	if err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
}
