package keys_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

func TestJWKS(t *testing.T) {
	ring := newRing(t, keys.RS256, keys.ES256)
	var set jose.JSONWebKeySet
	decode(t, ring.JWKS(noon).Body, &set)
	t.Run("RFC 7517 §5: the set has only public keys with kid, use and alg", func(t *testing.T) {
		for _, key := range set.Keys {
			if !key.IsPublic() || key.KeyID == "" || key.Use != "sig" || key.Algorithm == "" {
				t.Errorf("got %+v", key)
			}
		}
	})
	t.Run("RFC 7517 §9.2: no private member is published", func(t *testing.T) {
		for _, member := range []string{`"d"`, `"p"`, `"q"`, `"dp"`, `"dq"`, `"qi"`, `"k"`} {
			if strings.Contains(string(ring.JWKS(noon).Body), member) {
				t.Errorf("the set has a member %s: %s", member, ring.JWKS(noon).Body)
			}
		}
	})
	t.Run("RFC 7517 §4.5: no two keys have one kid", func(t *testing.T) {
		names := kids(t, ring.JWKS(noon))
		if len(names) != 2 || names[0] == names[1] {
			t.Errorf("got %v", names)
		}
	})
	t.Run("a ring without keys has an empty set", func(t *testing.T) {
		if got := string(newRing(t).JWKS(noon).Body); got != `{"keys":[]}` {
			t.Errorf("got %s", got)
		}
	})
}

func TestTheJWKSFollowsTheSchedule(t *testing.T) {
	ring := newRing(t)
	rsa := newKey(t, ring, keys.RS256, noon)
	a, b, c := newKey(t, ring, keys.ES256, noon), newKey(t, ring, keys.ES256, minute(100)), newKey(t, ring, keys.ES256, minute(200))
	revoked := newKey(t, ring, keys.ES256, minute(50))
	revoked.RevokedAt = minute(60)
	load(t, ring, rsa, a, b, revoked, c)
	tests := []struct {
		name   string
		at     time.Time
		want   []store.SigningKey
		signs  store.SigningKey
		maxAge time.Duration
	}{
		{"before the first key's time", noon.Add(-time.Hour), []store.SigningKey{a, c, b, rsa}, a, 5 * time.Minute},
		{"the signing key is first, then the newest", noon, []store.SigningKey{a, c, b, rsa}, a, 5 * time.Minute},
		{"shortly before the next key signs, it may be kept for less", minute(98), []store.SigningKey{a, c, b, rsa}, a, 2 * time.Minute},
		{"part of a second is none", minute(100).Add(-2500 * time.Millisecond), []store.SigningKey{a, c, b, rsa}, a, 2 * time.Second},
		{"it may be kept for a second at least", minute(100).Add(-time.Millisecond), []store.SigningKey{a, c, b, rsa}, a, time.Second},
		{"when the next key signs, it is first", minute(100), []store.SigningKey{b, c, a, rsa}, b, 5 * time.Minute},
		{"and the one after it", minute(200), []store.SigningKey{c, b, a, rsa}, c, 5 * time.Minute},
		{"a key is there to the last moment", minute(100 + 1441).Add(-time.Nanosecond), []store.SigningKey{c, b, a, rsa}, c, time.Second},
		{"when its last token has expired, it is gone", minute(100 + 1441), []store.SigningKey{c, b, rsa}, c, 5 * time.Minute},
		{"in the end one of each is left", minute(200 + 1441), []store.SigningKey{c, rsa}, c, 5 * time.Minute},
		{"for good", minute(1_000_000), []store.SigningKey{c, rsa}, c, 5 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantKids(t, ring, tt.at, tt.want...)
			if got := ring.Active(keys.ES256, tt.at).ID; got != tt.signs.ID {
				t.Errorf("%s signs, want %s", got, tt.signs.ID)
			}
			if got := ring.Active(keys.RS256, tt.at).ID; got != rsa.ID {
				t.Errorf("%s signs with RS256, want %s", got, rsa.ID)
			}
			if got := ring.JWKS(tt.at).MaxAge; got != tt.maxAge {
				t.Errorf("it may be kept for %s, want %s", got, tt.maxAge)
			}
		})
	}
	if ring.Active(keys.EdDSA, noon) != nil {
		t.Error("there is a key for an algorithm that has none")
	}
	if same := ring.JWKS(noon).ETag == ring.JWKS(minute(50)).ETag; !same {
		t.Error("one document has two ETags")
	}
	if ring.JWKS(minute(99)).ETag == ring.JWKS(minute(100)).ETag {
		t.Error("two documents have one ETag")
	}
}

func TestKeysThatDoNotOpen(t *testing.T) {
	ring := newRing(t)
	ring.Now = func() time.Time { return minute(5000) }
	foreign := &keys.Ring{Sealer: newSealer(t, keys.Secret{2})}
	ours := newKey(t, ring, keys.ES256, minute(100))
	gone, waiting := newKey(t, foreign, keys.ES256, noon), newKey(t, foreign, keys.ES256, minute(6000))
	revoked := newKey(t, foreign, keys.ES256, minute(200))
	revoked.RevokedAt = minute(300)
	load(t, ring, ours)

	t.Run("one that is gone or revoked is left out", func(t *testing.T) {
		load(t, ring, gone, revoked, ours)
		wantKids(t, ring, minute(5000), ours)
		wantKids(t, ring, noon, ours)
	})
	t.Run("one that was revoked stays so when the store goes back", func(t *testing.T) {
		again := newKey(t, ring, keys.ES256, minute(4000))
		again.RevokedAt = minute(4001)
		load(t, ring, ours, again)
		again.RevokedAt = time.Time{}
		load(t, ring, ours, again)
		wantKids(t, ring, minute(5000), ours)
	})
	t.Run("any other is an error, and the ring stays as it was", func(t *testing.T) {
		err := ring.Load([]store.SigningKey{ours, waiting})
		if err == nil || !strings.Contains(err.Error(), waiting.ID) || !strings.Contains(fault.HintOf(err), "master key") {
			t.Errorf("got %v, hint %q", err, fault.HintOf(err))
		}
		wantKids(t, ring, minute(5000), ours)
	})
	t.Run("without a clock none is gone", func(t *testing.T) {
		ring.Now = nil
		err := ring.Load([]store.SigningKey{gone, ours})
		if err == nil || !strings.Contains(err.Error(), gone.ID) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("one in another's row is an error", func(t *testing.T) {
		moved := newKey(t, ring, keys.ES256, minute(7000))
		moved.Sealed = ours.Sealed
		err := ring.Load([]store.SigningKey{ours, moved})
		if err == nil {
			t.Error("it loads")
		}
		wantKids(t, ring, minute(5000), ours)
	})
	t.Run("one with another algorithm is an error", func(t *testing.T) {
		other := ours
		other.Algorithm = keys.RS256
		err := ring.Load([]store.SigningKey{other})
		if err == nil || !strings.Contains(err.Error(), "cannot sign with RS256") {
			t.Errorf("got %v", err)
		}
	})
}

func TestResealing(t *testing.T) {
	before := &keys.Ring{Sealer: newSealer(t, keys.Secret{1})}
	during := &keys.Ring{Sealer: newSealer(t, keys.Secret{2}, keys.Secret{1})}
	after := &keys.Ring{Sealer: newSealer(t, keys.Secret{2})}
	record := newKey(t, before, keys.ES256, noon)
	sealed, old, err := during.Reseal(record)
	if err != nil || !old {
		t.Fatalf("got old %v, %v", old, err)
	}
	err = after.Load([]store.SigningKey{record})
	if err == nil {
		t.Error("the new master key opens what the old one sealed")
	}
	record.Sealed = sealed
	load(t, after, record)
	_, old, err = during.Reseal(record)
	if err != nil || old {
		t.Errorf("resealing again: got old %v, %v", old, err)
	}
	_, _, err = before.Reseal(record)
	if err == nil {
		t.Error("the old master key reseals what the new one sealed")
	}
	record.Sealed = nil
	_, _, err = during.Reseal(record)
	if err == nil {
		t.Error("nothing was resealed")
	}
}

// A kid is an argument of commands.
func TestNoKidLooksLikeAnOption(t *testing.T) {
	ring := newRing(t)
	var first []byte
	for range 300 {
		first = append(first, newKey(t, ring, keys.EdDSA, noon).ID[0])
	}
	if slices.Contains(first, '-') {
		t.Errorf("kids begin with %q", first)
	}
}
