package keys_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/grantd/grantd/internal/keys"
)

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
				if handle[at] != c {
					refuse(t, sealer, handle[:at]+string(c)+handle[at+1:])
				}
			}
			refuse(t, sealer, handle[:at])
			refuse(t, sealer, handle[at+1:])
			refuse(t, sealer, handle[:at]+handle[at+1:])
			refuse(t, sealer, handle[:at]+"A"+handle[at:])
		}
	})
	t.Run("every extended one is refused", func(t *testing.T) {
		for _, more := range []string{"A", "AA", "AAA", "AAAA", "\n", "\r", "=", " ", ".", strings.TrimPrefix(handle, "gdr_"), handle} {
			refuse(t, sealer, handle+more)
		}
	})
	t.Run("one with a line break inside is refused", func(t *testing.T) {
		refuse(t, sealer, handle[:20]+"\n"+handle[20:])
		refuse(t, sealer, handle[:20]+"\r\n"+handle[20:])
	})
	t.Run("one of another purpose is refused", func(t *testing.T) {
		_, err := sealer.OpenHandle(keys.AccessToken, "gda_"+strings.TrimPrefix(handle, "gdr_"))
		if !errors.Is(err, keys.ErrHandle) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("one of another server is refused", func(t *testing.T) {
		refuse(t, newSealer(t, keys.Secret{2}), handle)
	})
	t.Run("one million characters are refused", func(t *testing.T) {
		refuse(t, sealer, "gdr_"+strings.Repeat(".", 1_000_000))
		refuse(t, sealer, "gdr_"+strings.Repeat("A", 1_000_000))
	})
}

func refuse(t *testing.T, sealer *keys.Sealer, handle string) {
	t.Helper()
	plain, err := sealer.OpenHandle(keys.RefreshToken, handle)
	if !errors.Is(err, keys.ErrHandle) {
		t.Errorf("%.80q opens to %q, %v", handle, plain, err)
	}
}

func TestHandlesOfEverySize(t *testing.T) {
	sealer := newSealer(t, keys.Secret{1})
	for _, size := range []int{0, 1, 2, 3, 100, 1000, keys.MaxPlain - 1, keys.MaxPlain} {
		plain := bytes.Repeat([]byte{'x'}, size)
		got, err := sealer.OpenHandle(keys.AccessToken, sealer.SealHandle(keys.AccessToken, plain))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: got %d, %v", size, len(got), err)
		}
	}
	for _, size := range []int{keys.MaxPlain + 1, 1<<16 - 54, 1 << 16, 1 << 17} {
		_, err := sealer.OpenHandle(keys.AccessToken, sealer.SealHandle(keys.AccessToken, make([]byte, size)))
		if !errors.Is(err, keys.ErrHandle) {
			t.Errorf("%d bytes, which are too many, open: %v", size, err)
		}
	}
}

// Two nodes may run different versions, so these are the same for good.
const (
	repeatableHandle = "gdr_AgA6Y_ducH6HSCczUXkmMUiygyq9IMhjcG0BMm0qHhz8eJqxyYKVCyZG4zX__GMK8ZgBn4UEMZkLyw"
	derivedBytes     = "f798414ff653517514ddb34ca70c1c8a4c3ae004b99757fbcf8b890dd7e36897"
)

func TestRepeatableHandles(t *testing.T) {
	one, two := newSealer(t, keys.Secret{1}), newSealer(t, keys.Secret{1}, keys.Secret{2})
	handle := one.SealRepeatably(keys.RefreshToken, []byte("payload"))
	if handle != repeatableHandle {
		t.Errorf("got %s, want %s", handle, repeatableHandle)
	}
	if again := two.SealRepeatably(keys.RefreshToken, []byte("payload")); again != handle {
		t.Errorf("two nodes seal one payload to %s and %s", handle, again)
	}
	plain, err := one.OpenHandle(keys.RefreshToken, handle)
	if err != nil || string(plain) != "payload" {
		t.Errorf("got %q, %v", plain, err)
	}
	// What follows the prefix begins with version, length and the master key's id,
	// ten characters, and goes on with the nonce of 24 bytes, 32 characters.
	nonce := func(handle string) string { return handle[len("gdr_")+10 : len("gdr_")+10+32] }
	seen := map[string]string{nonce(handle): "the same"}
	for name, other := range map[string]string{
		"another payload":    one.SealRepeatably(keys.RefreshToken, []byte("payloae")),
		"another length":     one.SealRepeatably(keys.RefreshToken, []byte("payload\x00")),
		"nothing":            one.SealRepeatably(keys.RefreshToken, nil),
		"another purpose":    one.SealRepeatably(keys.AccessToken, []byte("payload")),
		"another master key": newSealer(t, keys.Secret{2}).SealRepeatably(keys.RefreshToken, []byte("payload")),
		"a random nonce":     one.SealHandle(keys.RefreshToken, []byte("payload")),
	} {
		if of, taken := seen[nonce(other)]; taken {
			t.Errorf("%s has the nonce of %s", name, of)
		}
		seen[nonce(other)] = name
	}
}

func TestDerivedBytes(t *testing.T) {
	sealer := newSealer(t, keys.Secret{1}, keys.Secret{2})
	got := sealer.Derive("label", []byte("data"))
	if hex.EncodeToString(got[:]) != derivedBytes {
		t.Errorf("got %x, want %s", got, derivedBytes)
	}
	if again := newSealer(t, keys.Secret{1}).Derive("label", []byte("data")); again != got {
		t.Errorf("two nodes derive %x and %x", got, again)
	}
	seen := map[[32]byte]string{got: "the same"}
	for name, other := range map[string][32]byte{
		"another label":       sealer.Derive("labem", []byte("data")),
		"other data":          sealer.Derive("label", []byte("date")),
		"the border moved":    sealer.Derive("labeld", []byte("ata")),
		"the border moved up": sealer.Derive("labe", []byte("ldata")),
		"nothing":             sealer.Derive("", nil),
		"the older master":    newSealer(t, keys.Secret{2}).Derive("label", []byte("data")),
	} {
		if of, taken := seen[other]; taken {
			t.Errorf("%s derives the same as %s", name, of)
		}
		seen[other] = name
	}
}

// Workspaces are kept from one handle to the next.
func TestHandlesOfManyGoroutines(t *testing.T) {
	sealer := newSealer(t, keys.Secret{1})
	var running sync.WaitGroup
	for worker := range 8 {
		running.Go(func() {
			for n := range 200 {
				plain := bytes.Repeat([]byte{byte(worker)}, n)
				handle := sealer.SealHandle(keys.AccessToken, plain)
				got, err := sealer.OpenHandle(keys.AccessToken, handle)
				if err != nil || !bytes.Equal(got, plain) {
					t.Errorf("worker %d, %d bytes: got %x, %v", worker, n, got, err)
				}
			}
		})
	}
	running.Wait()
}

func FuzzOpenHandle(f *testing.F) {
	sealer := newSealer(f, keys.Secret{1})
	f.Add(sealer.SealHandle(keys.RefreshToken, []byte("payload")))
	f.Add(sealer.SealRepeatably(keys.RefreshToken, []byte("payload")))
	f.Add("gdr_")
	f.Add("gdr_AAAAAA")
	f.Fuzz(func(t *testing.T, handle string) {
		plain, err := sealer.OpenHandle(keys.RefreshToken, handle)
		if err == nil && string(plain) != "payload" {
			t.Errorf("%q opens to %q", handle, plain)
		}
	})
}
