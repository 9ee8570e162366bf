package keys_test

import (
	"testing"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

func TestWhatIsSealedOpensForItsPurposeAndContextOnly(t *testing.T) {
	const context, plain = "context", "payload"
	sealer := newSealer(t, keys.Secret{1})
	purposes := []keys.Purpose{keys.SigningKey, keys.RefreshToken, keys.AccessToken}
	for _, purpose := range purposes {
		sealed := sealer.Seal(purpose, context, []byte(plain))
		got, err := sealer.Open(purpose, context, sealed)
		if err != nil || string(got) != plain {
			t.Fatalf("%s does not open: got %q, %v", purpose, got, err)
		}
		for _, other := range purposes {
			_, err = sealer.Open(other, context, sealed)
			if other != purpose && err == nil {
				t.Errorf("what was sealed as %s opens as %s", purpose, other)
			}
		}
		for _, other := range []string{"", "contex", "context2", "Context"} {
			_, err = sealer.Open(purpose, other, sealed)
			if err == nil {
				t.Errorf("%s: what was sealed for %q opens for %q", purpose, context, other)
			}
		}
	}
}

func TestASealedSigningKeyInAnotherRowIsRefused(t *testing.T) {
	ring := newRing(t, keys.ES256)
	before := ring.Active(keys.ES256).ID
	first, err := ring.New(keys.ES256, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	second, err := ring.New(keys.ES256, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	first.Sealed, second.Sealed = second.Sealed, first.Sealed
	for _, moved := range []store.SigningKey{first, second} {
		err = ring.Load([]store.SigningKey{moved})
		if err == nil || ring.Active(keys.ES256).ID != before {
			t.Errorf("row %s with the private key of another loads: error %v, signing with %s", moved.ID, err, ring.Active(keys.ES256).ID)
		}
	}
}
