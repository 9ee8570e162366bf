package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

// everything is a limit above what any test writes.
const everything = 1 << 20

// must fails the test when a call failed that had to succeed.
func (e *env) must(call string, err error) {
	e.Helper()
	if err != nil {
		e.Fatalf("%s: %v", call, err)
	}
}

func (e *env) api(id string) store.API {
	e.Helper()
	api, err := e.store.API(e.ctx, id)
	e.must("API "+id, err)
	return api
}

func (e *env) apis() []store.API {
	e.Helper()
	apis, err := e.store.APIs(e.ctx)
	e.must("APIs", err)
	return apis
}

func (e *env) client(id string) store.Client {
	e.Helper()
	client, err := e.store.Client(e.ctx, id)
	e.must("client "+id, err)
	return client
}

func (e *env) clientPage(after string, limit int) []store.Client {
	e.Helper()
	clients, err := e.store.Clients(e.ctx, after, limit)
	e.must("clients after "+after, err)
	return clients
}

// clients returns all keys.
func (e *env) clients() []store.Client {
	e.Helper()
	return e.clientPage("", everything)
}

func (e *env) signingKey(id string) store.SigningKey {
	e.Helper()
	key, err := e.store.SigningKey(e.ctx, id)
	e.must("signing key "+id, err)
	return key
}

func (e *env) signingKeys() []store.SigningKey {
	e.Helper()
	keys, err := e.store.SigningKeys(e.ctx)
	e.must("signing keys", err)
	return keys
}

func (e *env) revocationPage(after store.Revocation, limit int) []store.Revocation {
	e.Helper()
	revocations, err := e.store.Revocations(e.ctx, after, limit)
	e.must("revocations", err)
	return revocations
}

// revocations returns all revocations.
func (e *env) revocations() []store.Revocation {
	e.Helper()
	return e.revocationPage(store.Revocation{}, everything)
}

func (e *env) notBefore() time.Time {
	e.Helper()
	at, err := e.store.NotBefore(e.ctx)
	e.must("not before", err)
	return at
}

func (e *env) head() store.Position {
	e.Helper()
	head, err := e.store.Head(e.ctx)
	e.must("head", err)
	return head
}

func (e *env) changePage(after store.Position, limit int) []store.Change {
	e.Helper()
	changes, err := e.store.Changes(e.ctx, after, limit)
	e.must("changes", err)
	return changes
}

// changes returns all changes after the position.
func (e *env) changes(after store.Position) []store.Change {
	e.Helper()
	return e.changePage(after, everything)
}

func (e *env) auditPage(after int64, limit int) []store.AuditRow {
	e.Helper()
	rows, err := e.store.AuditRows(e.ctx, after, limit)
	e.must("audit rows", err)
	return rows
}

// auditRows returns the whole trail.
func (e *env) auditRows() []store.AuditRow {
	e.Helper()
	return e.auditPage(0, everything)
}

func (e *env) setting(name string) []byte {
	e.Helper()
	value, err := e.store.Setting(e.ctx, name)
	e.must("setting "+name, err)
	return value
}

func (e *env) initSetting(name string, value []byte) []byte {
	e.Helper()
	stored, err := e.store.InitSetting(e.ctx, name, value)
	e.must("initialize setting "+name, err)
	return stored
}

func (e *env) setSetting(name string, value []byte) {
	e.Helper()
	err := e.store.SetSetting(e.ctx, name, value)
	e.must("set setting "+name, err)
}
