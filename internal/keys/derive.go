package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// Derive is a pseudo-random function of label and data under the first master
// key: equal arguments give equal results on every node, and nobody without the
// key can tell them from random ones. Its key serves nothing else.
func (s *Sealer) Derive(label string, data []byte) [32]byte {
	return keyedHash(s.masters[0].derive, label, data)
}

// keyedHash is HMAC-SHA-256 of the label and the data. The label's length stands
// before it, so that no other label and data give the same input.
func keyedHash(key []byte, label string, data []byte) [32]byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(binary.AppendUvarint(nil, uint64(len(label))))
	mac.Write([]byte(label))
	mac.Write(data)
	return [32]byte(mac.Sum(nil))
}
