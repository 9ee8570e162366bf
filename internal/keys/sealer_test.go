package keys_test

import (
	"encoding/base64"
	"testing"

	"github.com/grantd/grantd/internal/keys"
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
		for n := range len(sealed) {
			_, err = sealer.Open(purpose, context, sealed[:n])
			if err == nil {
				t.Errorf("%s: %d of %d bytes open", purpose, n, len(sealed))
			}
		}
	}
}

// Signing keys lie in databases for years.
func TestWhatWasSealedOnceOpensForGood(t *testing.T) {
	sealed, err := base64.RawURLEncoding.DecodeString("AWP3bnCv1PSkic-VqzReHJegAL1vKeQs04xPb5A8wkvHF9vE4UOrEn_U05UpC57HnMIGBQ")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := newSealer(t, keys.Secret{1}).Open(keys.SigningKey, "context", sealed)
	if err != nil || string(plain) != "payload" {
		t.Errorf("got %q, %v", plain, err)
	}
}

func TestMasterKeysThatFollowEachOther(t *testing.T) {
	before, during, after := newSealer(t, keys.Secret{1}), newSealer(t, keys.Secret{2}, keys.Secret{1}), newSealer(t, keys.Secret{2})
	old := before.SealHandle(keys.AccessToken, []byte("payload"))
	fresh := during.SealHandle(keys.AccessToken, []byte("payload"))
	tests := []struct {
		name   string
		sealer *keys.Sealer
		handle string
		opens  bool
	}{
		{"before, its own opens", before, old, true},
		{"before, one of the new key is refused", before, fresh, false},
		{"during, one of the old key opens", during, old, true},
		{"during, one of the new key opens", during, fresh, true},
		{"after, one of the old key is refused", after, old, false},
		{"after, one of the new key opens", after, fresh, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plain, err := tt.sealer.OpenHandle(keys.AccessToken, tt.handle)
			if (err == nil) != tt.opens || tt.opens && string(plain) != "payload" {
				t.Errorf("got %q, %v", plain, err)
			}
		})
	}
	_, err := keys.NewSealer(keys.Secret{1}, keys.Secret{2}, keys.Secret{1})
	if err == nil {
		t.Error("one master key was taken twice")
	}
}
