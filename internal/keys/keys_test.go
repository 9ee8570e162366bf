package keys_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newSealer(t *testing.T, master keys.Secret) *keys.Sealer {
	t.Helper()
	s, err := keys.NewSealer(master)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newRing(t *testing.T, algorithms ...string) *keys.Ring {
	t.Helper()
	ring := &keys.Ring{Sealer: newSealer(t, keys.Secret{1})}
	var records []store.SigningKey
	for _, algorithm := range algorithms {
		record, err := ring.New(algorithm, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
	err := ring.Load(records)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestEverySignatureVerifiesWithThePublishedKey(t *testing.T) {
	tests := []struct{ name, algorithm string }{
		{"RFC 7518 §3.4: ES256 is R and S of 32 bytes each", keys.ES256},
		{"RFC 7518 §3.3: RS256 with a key of 2048 bits", keys.RS256},
		{"RFC 7518 §3.5: PS256 with a salt as long as the hash", keys.PS256},
		{"RFC 8037 §3.1: EdDSA with Ed25519", keys.EdDSA},
	}
	ring := newRing(t, keys.Algorithms()...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			token := signed(t, ring.Active(tt.algorithm), `{"iss":"x"}`)
			seen, err := keys.Parse(token)
			if err != nil {
				t.Fatal(err)
			}
			err = seen.Verify(ring.JWKS().Body)
			if err != nil {
				t.Errorf("%s does not verify: %v", token, err)
			}
			cut := token[:len(token)-4] + "AAAA"
			altered, err := keys.Parse(cut)
			if err == nil && altered.Verify(ring.JWKS().Body) == nil {
				t.Errorf("an altered signature verifies: %s", cut)
			}
			stranger := newRing(t, tt.algorithm)
			if seen.Verify(stranger.JWKS().Body) == nil {
				t.Errorf("the token verifies with another server's key")
			}
		})
	}
}

func signed(t *testing.T, key *keys.Active, payload string) string {
	t.Helper()
	header := base64url(`{"alg":"` + key.Algorithm + `","kid":"` + key.ID + `"}`)
	input := header + "." + base64url(payload)
	signature, err := key.Sign(nil, []byte(input))
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64url(string(signature))
}

func TestParse(t *testing.T) {
	t.Run("RFC 8725 §3.1: what is no signed token is refused", func(t *testing.T) {
		for name, token := range map[string]string{
			"nothing":          "",
			"alg none":         base64url(`{"alg":"none"}`) + "." + base64url(`{}`) + ".",
			"a symmetric key":  base64url(`{"alg":"HS256"}`) + "." + base64url(`{}`) + "." + base64url("x"),
			"JSON":             `{"payload":"e30","signatures":[]}`,
			"one million dots": strings.Repeat(".", 1_000_000),
		} {
			_, err := keys.Parse(token)
			if err == nil {
				t.Errorf("%s was read as a signed token", name)
			}
		}
	})
}

func TestJWKS(t *testing.T) {
	ring := newRing(t, keys.RS256, keys.ES256, keys.ES256)
	var set jose.JSONWebKeySet
	decode(t, ring.JWKS().Body, &set)
	t.Run("RFC 7517 §5: the set has only public keys with kid, use and alg", func(t *testing.T) {
		for _, key := range set.Keys {
			if !key.IsPublic() || key.KeyID == "" || key.Use != "sig" || key.Algorithm == "" {
				t.Errorf("got %+v", key)
			}
		}
	})
	t.Run("RFC 7517 §9.2: no private member is published", func(t *testing.T) {
		for _, member := range []string{`"d"`, `"p"`, `"q"`, `"dp"`, `"dq"`, `"qi"`, `"k"`} {
			if strings.Contains(string(ring.JWKS().Body), member) {
				t.Errorf("the set has a member %s: %s", member, ring.JWKS().Body)
			}
		}
	})
	t.Run("the default algorithm's newest key is first", func(t *testing.T) {
		if len(set.Keys) != 3 || set.Keys[0].KeyID != ring.Active(keys.ES256).ID || set.Keys[2].Algorithm != keys.RS256 {
			t.Errorf("got order %v", set.Keys)
		}
	})
	t.Run("the ETag changes with the set", func(t *testing.T) {
		if ring.JWKS().ETag == newRing(t, keys.ES256).JWKS().ETag {
			t.Error("two sets have one ETag")
		}
	})
}

func TestARingThatCannotBeOpenedStaysAsItWas(t *testing.T) {
	ring := newRing(t, keys.ES256)
	before := ring.Active(keys.ES256).ID
	foreign := &keys.Ring{Sealer: newSealer(t, keys.Secret{2})}
	record, err := foreign.New(keys.ES256, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	err = ring.Load([]store.SigningKey{record})
	if err == nil || ring.Active(keys.ES256).ID != before {
		t.Errorf("got error %v and key %s, want an error and %s", err, ring.Active(keys.ES256).ID, before)
	}
}

func TestHandles(t *testing.T) {
	sealer := newSealer(t, keys.Secret{1})
	handle := sealer.SealHandle(keys.RefreshToken, []byte("payload"))
	plain, err := sealer.OpenHandle(keys.RefreshToken, handle)
	if err != nil || string(plain) != "payload" {
		t.Fatalf("got %q, %v", plain, err)
	}
	if again := sealer.SealHandle(keys.RefreshToken, []byte("payload")); again == handle {
		t.Error("two seals of one payload are equal")
	}
	t.Run("RFC 6749 §10.4: every altered or cut refresh token is refused", func(t *testing.T) {
		for at := range len(handle) {
			for _, c := range []byte("A_z") {
				if handle[at] == c {
					continue
				}
				altered := handle[:at] + string(c) + handle[at+1:]
				_, err := sealer.OpenHandle(keys.RefreshToken, altered)
				if !errors.Is(err, keys.ErrHandle) {
					t.Fatalf("%s opens, or fails with %v", altered, err)
				}
			}
		}
		for n := range len(handle) {
			_, err := sealer.OpenHandle(keys.RefreshToken, handle[:n])
			if !errors.Is(err, keys.ErrHandle) {
				t.Fatalf("%s opens, or fails with %v", handle[:n], err)
			}
		}
	})
	refused := map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) {
			return sealer.OpenHandle(keys.AccessToken, "gda_"+strings.TrimPrefix(handle, "gdr_"))
		},
		"another server": func() ([]byte, error) {
			return newSealer(t, keys.Secret{2}).OpenHandle(keys.RefreshToken, handle)
		},
		"one million dots": func() ([]byte, error) {
			return sealer.OpenHandle(keys.RefreshToken, "gdr_"+strings.Repeat(".", 1_000_000))
		},
		"an appended newline": func() ([]byte, error) { return sealer.OpenHandle(keys.RefreshToken, handle+"\n") },
	}
	for name, open := range refused {
		_, err := open()
		if !errors.Is(err, keys.ErrHandle) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzOpenHandle(f *testing.F) {
	sealer, err := keys.NewSealer(keys.Secret{1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealer.SealHandle(keys.RefreshToken, []byte("payload")))
	f.Add("gdr_")
	f.Add("gdr_AAAAAA")
	f.Fuzz(func(t *testing.T, handle string) {
		plain, err := sealer.OpenHandle(keys.RefreshToken, handle)
		if err == nil && string(plain) != "payload" {
			t.Errorf("%q opens to %q", handle, plain)
		}
	})
}

func TestKeyFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "master.key")
	_, err := keys.ReadSecretFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a missing file gives %v", err)
	}
	made, err := keys.CreateSecretFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := keys.ReadSecretFile(path)
	if err != nil || read != made {
		t.Fatalf("got %v, %v", read, err)
	}
	_, err = keys.CreateSecretFile(path)
	if err == nil {
		t.Error("an existing file was overwritten")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the key file lies %v, %v", entries, err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o611} {
		err = os.Chmod(path, mode)
		if err != nil {
			t.Fatal(err)
		}
		_, err = keys.ReadSecretFile(path)
		if err == nil || !strings.Contains(fault.HintOf(err), "chmod 600") {
			t.Errorf("mode %04o: got %v, hint %q", mode, err, fault.HintOf(err))
		}
	}
	for name, text := range map[string]string{"empty": "", "short": "abc\n", "padded": strings.Repeat("A", 43) + "="} {
		broken := filepath.Join(t.TempDir(), "broken.key")
		err = os.WriteFile(broken, []byte(text), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		_, err = keys.ReadSecretFile(broken)
		if err == nil || !strings.Contains(fault.HintOf(err), "backup") {
			t.Errorf("a file that is %s: got %v, hint %q", name, err, fault.HintOf(err))
		}
	}
}
