package keys

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
)

// der writes the ASN.1 form of a signature from the bytes of its halves.
func der(t *testing.T, r, s []byte) []byte {
	t.Helper()
	text, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(r), new(big.Int).SetBytes(s)})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// half is a number of n bytes that begins with the first one given.
func half(first byte, n int) []byte {
	b := bytes.Repeat([]byte{0x5a}, n)
	b[0] = first
	return b
}

func TestHalvesOfAnES256SignatureArePadded(t *testing.T) {
	tests := []struct {
		name string
		r, s []byte
	}{
		{"both have 32 bytes", half(0x7f, 32), half(0x01, 32)},
		{"both have a sign byte in ASN.1", half(0xff, 32), half(0x80, 32)},
		{"RFC 7518 §3.4: R has 31 bytes", half(0x7f, 31), half(0x7e, 32)},
		{"RFC 7518 §3.4: S has 31 bytes", half(0x7f, 32), half(0x7e, 31)},
		{"RFC 7518 §3.4: R has 31 bytes and a sign byte", half(0xff, 31), half(0x7e, 32)},
		{"RFC 7518 §3.4: S has 31 bytes and a sign byte", half(0x7f, 32), half(0xff, 31)},
		{"RFC 7518 §3.4: both are short", half(0x7f, 30), half(0x7e, 1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := appendRaw([]byte("before"), der(t, tt.r, tt.s))
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Concat([]byte("before"), make([]byte, 32-len(tt.r)), tt.r, make([]byte, 32-len(tt.s)), tt.s)
			if !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

func TestASignatureThatIsNoneIsRefused(t *testing.T) {
	good := der(t, half(0x7f, 32), half(0x7f, 32))
	for name, text := range map[string][]byte{
		"nothing":            nil,
		"cut":                good[:len(good)-1],
		"R of 33 bytes":      der(t, half(0x7f, 33), half(0x7f, 32)),
		"S of 33 bytes":      der(t, half(0x7f, 32), half(0x7f, 33)),
		"a sequence without": {0x30, 0x00},
	} {
		got, err := appendRaw(nil, text)
		if err == nil {
			t.Errorf("%s: got %x, want an error", name, got)
		}
	}
}
