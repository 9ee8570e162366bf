package keys

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"testing"
)

// resum replaces the checksum by the right one, as somebody would who knows the
// format.
func resum(sealed []byte) []byte {
	body := sealed[:len(sealed)-checksumSize]
	return binary.BigEndian.AppendUint32(slices.Clone(body), crc32.ChecksumIEEE(body))
}

func TestAHandleIsLookedAtBeforeAKeyIs(t *testing.T) {
	sealer, err := NewSealer(Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	handle := sealer.SealHandle(RefreshToken, []byte("payload"))
	good, err := base64.RawURLEncoding.DecodeString(handle[len(RefreshTokenPrefix):])
	if err != nil {
		t.Fatal(err)
	}
	longer := slices.Insert(slices.Clone(good), 40, 0)
	otherVersion := slices.Clone(good)
	otherVersion[0] = handleVersion + 1
	otherLength := slices.Clone(good)
	otherLength[2]++
	lengthToo := slices.Clone(longer)
	lengthToo[2]++
	tests := []struct {
		name   string
		sealed []byte
		whole  bool
	}{
		{"one that was made here is whole", good, true},
		{"one that was cut and got a new checksum is not", resum(good[:len(good)-1]), false},
		{"one that was extended and got a new checksum is not", resum(longer), false},
		{"one with another length and a new checksum is not", resum(otherLength), false},
		{"one with another version and a new checksum is not", resum(otherVersion), false},
		{"one with the old checksum is not", lengthToo, false},
		{"one that is shorter than nothing sealed is not", resum([]byte{handleVersion, 0, 7, 0, 0, 0, 0}), false},
		{"one that was extended with length and checksum is, and does not open", resum(lengthToo), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := whole(tt.sealed)
			if got != tt.whole {
				t.Errorf("whole says %v", got)
			}
			text := RefreshTokenPrefix + base64.RawURLEncoding.EncodeToString(tt.sealed)
			_, err := sealer.OpenHandle(RefreshToken, text)
			if text != handle && !errors.Is(err, ErrHandle) {
				t.Errorf("%s opens: %v", text, err)
			}
		})
	}
}
