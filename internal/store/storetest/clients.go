package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func clientTests() []test {
	return []test{
		{"Client returns what was created, lists and secrets in order", clientReads},
		{"Client answers ErrNotFound", clientNotFound},
		{"ids are compared byte by byte", clientByBytes},
		{"a second key with the same id is ErrConflict", clientSameID},
		{"two secrets with the same id, name or hash are ErrConflict", clientSecretTwice},
		{"disabling and enabling sets UpdatedAt and nothing else", disableAndEnable},
		{"setting what is set already is not an error", disableTwice},
		{"disabling no key is ErrNotFound", disableNothing},
		{"deleting removes the key and its secrets", deleteRemoves},
		{"deleting no key is ErrNotFound", deleteNothing},
		{"the id of a deleted key can be used again", deletedIDAgain},
	}
}

func clientReads(e *env) {
	plain := store.Client{ID: "plain", Mode: store.Live, CreatedAt: now, UpdatedAt: now}
	e.write(createClient("c"), store.CreateClient{Client: plain})
	same(e, "client", e.client("c"), newClient("c"))
	same(e, "client", e.client("plain"), plain)
	same(e, "clients", e.clients(), []store.Client{newClient("c"), plain})
}

func clientNotFound(e *env) {
	_, err := e.store.Client(e.ctx, "c")
	fails(e, "client of an empty store", err, store.ErrNotFound)
}

func clientByBytes(e *env) {
	e.write(createClient("abc"), createClient("\u00e9"), createClient("10"))
	for _, id := range []string{"", "ABC", "abc ", " abc", "ab", "abcd", "a%", "e\u0301", "10.0", "1e1"} {
		_, err := e.store.Client(e.ctx, id)
		fails(e, "client "+id, err, store.ErrNotFound)
	}
	e.write(createClient("ABC"), createClient("abc "), createClient("e\u0301"))
	for _, id := range []string{"abc", "ABC", "abc ", "\u00e9", "e\u0301", "10"} {
		same(e, "client", e.client(id), newClient(id))
	}
}

func clientSameID(e *env) {
	e.write(createClient("c"))
	other := newClient("c")
	other.Name, other.Secrets = "other", []store.Secret{newSecret("s3", now)}
	e.refused(store.ErrConflict, store.CreateClient{Client: other})
	same(e, "client", e.client("c"), newClient("c"))
}

func clientSecretTwice(e *env) {
	for _, test := range sameSecrets {
		c := newClient("c")
		test.make(&c.Secrets[1], c.Secrets[0])
		refusal := e.refused(store.ErrConflict, store.CreateClient{Client: c})
		same(e, "field and value", []string{refusal.Field, refusal.Value}, []string{test.field, test.value(c.Secrets[1])})
	}
	e.write(createClient("c"))
}

func disableAndEnable(e *env) {
	e.write(createClient("c"), createClient("other"))
	for i, disabled := range []bool{false, true, false} {
		at := now.Add(time.Duration(i+1) * time.Hour)
		_, err := e.store.Write(
			e.ctx, store.Origin{Actor: "uid:0", At: at}, store.SetClientDisabled{ID: "c", Disabled: disabled},
		)
		fails(e, "set disabled", err, nil)
		want := newClient("c")
		want.Disabled, want.UpdatedAt = disabled, at
		same(e, "client", e.client("c"), want)
	}
	same(e, "the other client", e.client("other"), newClient("other"))
}

func disableTwice(e *env) {
	e.write(createClient("c"))
	before := e.head()
	e.write(store.SetClientDisabled{ID: "c", Disabled: true})
	e.write(store.SetClientDisabled{ID: "c", Disabled: true})
	want := newClient("c")
	want.UpdatedAt = now
	same(e, "client", e.client("c"), want)
	same(e, "number of changes", len(e.changes(before)), 2)
}

func disableNothing(e *env) {
	e.write(createClient("c"))
	e.refused(store.ErrNotFound, store.SetClientDisabled{ID: "C", Disabled: true})
	same(e, "client", e.client("c"), newClient("c"))
}

func deleteRemoves(e *env) {
	e.write(createClient("a"), createClient("c"), createClient("d"))
	e.write(store.DeleteClient{ID: "c"})
	_, err := e.store.Client(e.ctx, "c")
	fails(e, "client", err, store.ErrNotFound)
	same(e, "clients", e.clients(), []store.Client{newClient("a"), newClient("d")})
}

func deleteNothing(e *env) {
	e.write(createClient("c"))
	e.refused(store.ErrNotFound, store.DeleteClient{ID: "C"})
	e.write(store.DeleteClient{ID: "c"})
	e.refused(store.ErrNotFound, store.DeleteClient{ID: "c"})
}

func deletedIDAgain(e *env) {
	e.write(createClient("c"))
	e.write(store.DeleteClient{ID: "c"})
	second := store.Client{ID: "c", Name: "second", Mode: store.Live, CreatedAt: now, UpdatedAt: now}
	e.write(store.CreateClient{Client: second})
	same(e, "client, without the secrets of the first", e.client("c"), second)
}
