package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func secretTests() []test {
	return []test{
		{"a secret that is added comes behind the others", secretAdded},
		{"a secret with an id, a name or a hash that its key has is ErrConflict", secretConflict},
		{"two keys may have secrets with the same id, name and hash", secretsOfTwoKeys},
		{"adding a secret to no key is ErrNotFound", secretOfNoKey},
		{"removing takes one secret away, and it can be added again", secretRemoved},
		{"setting the expiry sets it and UpdatedAt, and nothing else", secretExpirySet},
		{"removing or setting the expiry of no secret is ErrNotFound", secretMissing},
	}
}

// sameSecrets are the ways in which a secret cannot stand beside another.
var sameSecrets = []struct {
	field string
	make  func(s *store.Secret, other store.Secret)
	// value is what the error names of the one that was not added.
	value func(s store.Secret) string
}{
	{
		"secret", func(s *store.Secret, other store.Secret) { s.ID = other.ID },
		func(s store.Secret) string { return s.ID },
	},
	{
		"secret name", func(s *store.Secret, other store.Secret) { s.Name = other.Name },
		func(s store.Secret) string { return s.Name },
	},
	{
		"secret hash", func(s *store.Secret, other store.Secret) { s.Hash = other.Hash },
		func(s store.Secret) string { return s.ID },
	},
}

func secretAdded(e *env) {
	want := newClient("c")
	e.write(createClient("c"), createClient("other"))
	for i, id := range []string{"s9", "s0", "s5"} {
		at := now.Add(time.Duration(i+1) * time.Hour)
		// The order does not depend on when it was created.
		secret := newSecret(id, now.Add(-time.Duration(i)*time.Hour))
		e.writeAt(at, store.AddSecret{ClientID: "c", Secret: secret})
		want.Secrets, want.UpdatedAt = append(want.Secrets, secret), at
		same(e, "client", e.client("c"), want)
	}
	bare := store.Secret{ID: "bare", Name: "bare"}
	e.write(store.AddSecret{ClientID: "c", Secret: bare})
	want.Secrets, want.UpdatedAt = append(want.Secrets, bare), now
	same(e, "clients", e.clients(), []store.Client{want, newClient("other")})
}

func secretConflict(e *env) {
	e.write(createClient("c"))
	for _, test := range sameSecrets {
		for _, other := range newClient("c").Secrets {
			secret := newSecret("s3", now)
			test.make(&secret, other)
			refusal := e.refused(store.ErrConflict, store.AddSecret{ClientID: "c", Secret: secret})
			same(e, "field and value", []string{refusal.Field, refusal.Value}, []string{test.field, test.value(secret)})
		}
	}
	same(e, "client", e.client("c"), newClient("c"))
}

func secretsOfTwoKeys(e *env) {
	e.write(createClient("c"), createClient("d"))
	add := newSecret("s3", now)
	e.write(store.AddSecret{ClientID: "c", Secret: add}, store.AddSecret{ClientID: "d", Secret: add})
	same(e, "secrets", e.client("d").Secrets, e.client("c").Secrets)
	e.write(store.RemoveSecret{ClientID: "c", ID: "s1"}, store.SetSecretExpiry{ClientID: "c", ID: "s2"})
	same(e, "secrets of the other key", e.client("d").Secrets, append(newClient("d").Secrets, add))
}

func secretOfNoKey(e *env) {
	e.write(createClient("c"))
	e.refused(store.ErrNotFound, store.AddSecret{ClientID: "C", Secret: newSecret("s3", now)})
	same(e, "client", e.client("c"), newClient("c"))
}

func secretRemoved(e *env) {
	e.write(createClient("c"))
	first, second := newClient("c").Secrets[0], newClient("c").Secrets[1]
	at := now.Add(time.Hour)
	e.writeAt(at, store.RemoveSecret{ClientID: "c", ID: first.ID})
	want := newClient("c")
	want.Secrets, want.UpdatedAt = []store.Secret{second}, at
	same(e, "client", e.client("c"), want)

	e.writeAt(at, store.AddSecret{ClientID: "c", Secret: first})
	want.Secrets = []store.Secret{second, first}
	same(e, "client, with the secret behind the other", e.client("c"), want)
	e.writeAt(at, store.RemoveSecret{ClientID: "c", ID: second.ID}, store.AddSecret{ClientID: "c", Secret: second})
	want.Secrets = []store.Secret{first, second}
	same(e, "client, with the other behind it again", e.client("c"), want)

	e.writeAt(at, store.RemoveSecret{ClientID: "c", ID: second.ID}, store.RemoveSecret{ClientID: "c", ID: first.ID})
	want.Secrets = nil
	same(e, "client without secrets", e.client("c"), want)
}

func secretExpirySet(e *env) {
	e.write(createClient("c"))
	want := newClient("c")
	for i, expiry := range []time.Time{now.Add(time.Hour), now.Add(-time.Hour), {}, now.Add(time.Millisecond)} {
		at := now.Add(time.Duration(i+1) * time.Minute)
		e.writeAt(at, store.SetSecretExpiry{ClientID: "c", ID: "s1", ExpiresAt: expiry})
		want.Secrets[1].ExpiresAt, want.UpdatedAt = expiry, at
		same(e, "client", e.client("c"), want)
	}
}

func secretMissing(e *env) {
	e.write(createClient("c"), createClient("d"))
	e.write(store.AddSecret{ClientID: "d", Secret: newSecret("s3", now)})
	for _, m := range []struct{ client, id string }{{"c", "s3"}, {"c", "S1"}, {"c", ""}, {"C", "s1"}, {"", "s1"}} {
		e.refused(store.ErrNotFound, store.RemoveSecret{ClientID: m.client, ID: m.id})
		e.refused(store.ErrNotFound, store.SetSecretExpiry{ClientID: m.client, ID: m.id, ExpiresAt: now})
	}
	same(e, "client", e.client("c"), newClient("c"))
}
