package store

import (
	"crypto/sha256"
	"encoding/binary"
)

// Sum returns the hash that belongs into the row's Hash: SHA-256 over all its
// other fields, with At in milliseconds. Every field is either a number that
// ends itself or begins with its length, so no two rows encode alike.
func (r AuditRow) Sum() [sha256.Size]byte {
	b := make([]byte, 0, 256)
	b = appendString(b, "grantd audit row 1")
	b = binary.AppendVarint(b, r.Seq)
	b = binary.AppendVarint(b, r.At.UnixMilli())
	b = appendString(b, r.Actor)
	b = appendString(b, r.Event)
	b = appendString(b, string(r.Kind))
	b = appendString(b, r.ID)
	b = append(b, r.Previous[:]...)
	return sha256.Sum256(b)
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendVarint(b, int64(len(s)))
	return append(b, s...)
}

// Follows reports whether the row is the one written after previous and has not
// been changed since. The zero AuditRow is before the first.
func (r AuditRow) Follows(previous AuditRow) bool {
	return r.Seq == previous.Seq+1 && r.Previous == previous.Hash && r.Hash == r.Sum()
}
