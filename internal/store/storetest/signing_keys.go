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
