package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func signingKeyTests() []test {
	return []test{
		{"SigningKey returns what was created", signingKeyReads},
		{"SigningKey answers ErrNotFound", signingKeyNotFound},
		{"SigningKeys returns all, oldest first, those of the same age by id", signingKeysOldestFirst},
		{"a second signing key with the same id is ErrConflict", signingKeySameID},
		{"revoking sets RevokedAt to the time of the write, once", signingKeyRevoked},
		{"deleting removes a signing key", signingKeyDeleted},
		{"resealing replaces the sealed bytes and nothing else", signingKeyResealed},
		{"revoking, deleting or resealing no signing key is ErrNotFound", signingKeyMissing},
	}
}

func signingKeyReads(e *env) {
	e.write(createSigningKey("k"))
	same(e, "signing key", e.signingKey("k"), newSigningKey("k"))
}

func signingKeyNotFound(e *env) {
	e.write(createSigningKey("k"))
	for _, id := range []string{"", "K", "k ", "l"} {
		_, err := e.store.SigningKey(e.ctx, id)
		fails(e, "signing key "+id, err, store.ErrNotFound)
	}
}

func signingKeysOldestFirst(e *env) {
	same(e, "signing keys of an empty store", e.signingKeys(), nil)
	for _, key := range []struct {
		id  string
		age time.Duration
	}{{"a", 2}, {"c", 3}, {"d", 1}, {"b", 3}, {"B", 3}} {
		m := createSigningKey(key.id)
		m.SigningKey.CreatedAt = now.Add(-key.age * time.Hour)
		e.write(m)
	}
	var got []string
	for _, key := range e.signingKeys() {
		got = append(got, key.ID)
	}
	same(e, "signing keys", got, []string{"B", "b", "c", "a", "d"})
}

func signingKeySameID(e *env) {
	e.write(createSigningKey("k"))
	other := newSigningKey("k")
	other.Sealed = []byte("other")
	e.refused(store.ErrConflict, store.CreateSigningKey{SigningKey: other})
	same(e, "signing key", e.signingKey("k"), newSigningKey("k"))
}

func signingKeyRevoked(e *env) {
	valid := newSigningKey("k")
	valid.RevokedAt = time.Time{}
	e.write(store.CreateSigningKey{SigningKey: valid}, createSigningKey("l"))
	for i := range 3 {
		at := now.Add(time.Duration(i) * time.Hour)
		e.writeAt(at, store.RevokeSigningKey{ID: "k"}, store.RevokeSigningKey{ID: "l"})
		valid.RevokedAt = now
		same(e, "signing key", e.signingKey("k"), valid)
		same(e, "signing key that was revoked before", e.signingKey("l"), newSigningKey("l"))
	}
}

func signingKeyDeleted(e *env) {
	e.write(createSigningKey("k"), createSigningKey("l"))
	e.write(store.DeleteSigningKey{ID: "k"})
	_, err := e.store.SigningKey(e.ctx, "k")
	fails(e, "signing key", err, store.ErrNotFound)
	same(e, "signing keys", e.signingKeys(), []store.SigningKey{newSigningKey("l")})
	e.write(createSigningKey("k"))
}

func signingKeyResealed(e *env) {
	e.write(createSigningKey("k"), createSigningKey("l"))
	for _, sealed := range []string{"again", "\x00\xff"} {
		e.write(store.ResealSigningKey{ID: "k", Sealed: []byte(sealed)})
		want := newSigningKey("k")
		want.Sealed = []byte(sealed)
		same(e, "signing keys", e.signingKeys(), []store.SigningKey{want, newSigningKey("l")})
	}
}

func signingKeyMissing(e *env) {
	e.write(createSigningKey("k"))
	for _, id := range []string{"", "K", "l"} {
		e.refused(store.ErrNotFound, store.RevokeSigningKey{ID: id})
		e.refused(store.ErrNotFound, store.DeleteSigningKey{ID: id})
		e.refused(store.ErrNotFound, store.ResealSigningKey{ID: id, Sealed: []byte("again")})
	}
	same(e, "signing keys", e.signingKeys(), []store.SigningKey{newSigningKey("k")})
}
