package clientauth

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

var noon = time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)

var pepper = NewPepper([32]byte{1})

type keyring struct{}

func (keyring) Load([]store.SigningKey) error { return nil }

// office is an authenticator of keys in a real store.
type office struct {
	*Authenticator
	t     testing.TB
	store *sqlstore.Store
	now   time.Time
	// slow counts the slow hashes.
	slow int
}

func newOffice(t testing.TB, clients ...store.Client) *office {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "grantd.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	o := &office{t: t, store: db, now: noon}
	for _, c := range clients {
		o.write(store.CreateClient{Client: c})
	}
	m := &mirror.Mirror{Source: db, Keyring: keyring{}, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return o.now }}
	err = m.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.Authenticator = &Authenticator{Clients: m, Pepper: pepper, Uses: &Uses{}, Now: func() time.Time { return o.now }}
	o.forget()
	decoys, err := assertion.Decoys()
	if err != nil {
		t.Fatal(err)
	}
	o.Assertions = &Assertions{Issuer: issuer, TokenEndpoint: issuer + "/oauth2/token", Replay: db, Decoys: decoys}
	return o
}

// forget is what a restart does.
func (o *office) forget() {
	o.Imported = NewImported(pepper)
	o.Imported.compare = func(h slowHash, secret string) bool {
		o.slow++
		return h.matches(secret)
	}
}

func (o *office) write(mutations ...store.Mutation) {
	o.t.Helper()
	_, err := o.store.Write(o.t.Context(), store.Origin{Actor: "test", At: noon}, mutations...)
	if err != nil {
		o.t.Fatal(err)
	}
}

// change writes and waits for the mirror.
func (o *office) change(mutations ...store.Mutation) {
	o.t.Helper()
	o.write(mutations...)
	err := o.Clients.(*mirror.Mirror).Sync(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
}

// attempt is a request with these credentials.
func attempt(header, id, secret string) *web.Request {
	r := &web.Request{Authorization: header, Peer: "192.0.2.1:4711", At: noon, Record: &web.Record{}}
	for _, p := range []web.Param{{Name: "client_id", Value: id}, {Name: "client_secret", Value: secret}} {
		if p.Value != "" {
			r.Params = append(r.Params, p)
		}
	}
	return r
}

// ask returns what a request with these credentials is told; "" lets it in.
func (o *office) ask(id, secret string) string {
	o.t.Helper()
	return o.says(attempt("", id, secret))
}

func (o *office) says(r *web.Request) string {
	o.t.Helper()
	r.At = o.now
	client, err := o.Authenticate(o.t.Context(), r)
	if (client == nil) != (err != nil) {
		o.t.Fatalf("got client %v and error %v", client, err)
	}
	if err == nil {
		return ""
	}
	refusal, ok := errors.AsType[*web.Error](err)
	if !ok {
		o.t.Fatalf("got error %v, want one for the wire", err)
	}
	return string(refusal.Public.Code) + ": " + refusal.Public.Description
}

const (
	failed     = "invalid_client: client authentication failed; check the client id and its secret"
	hasExpired = "invalid_client: this secret has expired; use another one of the key, or ask whoever issued it for a new one"
	isDisabled = "invalid_client: this key is disabled; ask whoever issued it to enable it"
	notByPost  = "invalid_client: this key may not authenticate with client_secret_post; use another method or change the key"
)

// key makes a key with these secrets.
func key(id string, secrets ...store.Secret) store.Client {
	for i := range secrets {
		name := fmt.Sprint("secret ", i)
		secrets[i].ID, secrets[i].Name, secrets[i].CreatedAt = name, name, noon
	}
	return store.Client{
		ID: id, Name: id, Mode: store.Live, Secrets: secrets, CreatedAt: noon, UpdatedAt: noon,
		GrantTypes:  []oauth.GrantType{oauth.ClientCredentials},
		AuthMethods: []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost},
		Scopes:      []string{"/a.read"},
	}
}

func own(id, secret string) store.Secret {
	hash := pepper.Hash(id, secret)
	return store.Secret{Hash: hash[:]}
}

// horse is the hash of "correct horse".
const horse = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

// battery is the hash of "password".
const battery = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

func imported(phc string) store.Secret {
	return store.Secret{Imported: true, Hash: []byte(phc)}
}

func until(at time.Time, secret store.Secret) store.Secret {
	secret.ExpiresAt = at
	return secret
}

func TestWhatACallerIsTold(t *testing.T) {
	disabled, brief := key("disabled", own("disabled", "one"), until(noon, own("disabled", "old"))), key("brief", until(noon, own("brief", "one")), own("brief", "two"))
	disabled.Disabled = true
	basicOnly := key("basic", own("basic", "one"), until(noon, own("basic", "old")))
	basicOnly.AuthMethods = []oauth.AuthMethod{oauth.ClientSecretBasic}
	foreign := key("foreign", imported(horse), until(noon, imported(battery)))
	foreignDisabled := key("foreign-disabled", imported(horse))
	foreignDisabled.Disabled = true
	o := newOffice(t, key("plain", own("plain", "one")), disabled, brief, basicOnly, foreign, foreignDisabled, key("none"))
	tests := []struct {
		name, id, secret string
		want             string
		clientID         string
		claimed          string
	}{
		{"its secret", "plain", "one", "", "plain", ""},
		{"a wrong secret", "plain", "two", failed, "", "plain"},
		{"an unknown id", "nobody", "one", failed, "", "unknown"},
		{"a key without secrets", "none", "one", failed, "", "none"},
		{"a secret that has expired", "brief", "one", hasExpired, "", "brief"},
		{"the other secret of that key", "brief", "two", "", "brief", ""},
		{"a wrong secret of a key with one that has expired", "brief", "three", failed, "", "brief"},
		{"a disabled key", "disabled", "one", isDisabled, "disabled", ""},
		{"a wrong secret of a disabled key", "disabled", "two", failed, "", "disabled"},
		{"an expired secret of a disabled key", "disabled", "old", hasExpired, "", "disabled"},
		{"another method than the key's", "basic", "one", notByPost, "basic", ""},
		{"another method with a wrong secret", "basic", "two", failed, "", "basic"},
		{"another method with an expired secret", "basic", "old", hasExpired, "", "basic"},
		{"an imported secret", "foreign", "correct horse", "", "foreign", ""},
		{"an imported secret that has expired", "foreign", "password", hasExpired, "", "foreign"},
		{"a wrong secret of a key with imported ones", "foreign", "wrong", failed, "", "foreign"},
		{"the hash itself", "foreign", horse, failed, "", "foreign"},
		{"an imported secret of a disabled key", "foreign-disabled", "correct horse", isDisabled, "foreign-disabled", ""},
		{"a wrong secret of a disabled key with imported ones", "foreign-disabled", "wrong", failed, "", "foreign-disabled"},
	}
	// The second round answers from memory.
	for _, round := range []string{"", " again"} {
		for _, tt := range tests {
			t.Run(tt.name+round, func(t *testing.T) {
				r := attempt("", tt.id, tt.secret)
				if got := o.says(r); got != tt.want {
					t.Errorf("got %q\nwant %q", got, tt.want)
				}
				if r.Record.ClientID != tt.clientID || r.Record.Claimed != tt.claimed {
					t.Errorf("the log has key %q, claimed %q; want %q, %q", r.Record.ClientID, r.Record.Claimed, tt.clientID, tt.claimed)
				}
			})
		}
	}
}

func TestASecretIsRefusedFromItsExpiryOn(t *testing.T) {
	expires := noon.Add(time.Hour)
	o := newOffice(t, key("own", until(expires, own("own", "one"))), key("foreign", until(expires, imported(horse))))
	tests := []struct {
		name string
		at   time.Time
		want string
	}{
		{"a second before", expires.Add(-time.Second), ""},
		{"a millisecond before", expires.Add(-time.Millisecond), ""},
		{"at it", expires, hasExpired},
		{"long after", expires.Add(1000 * time.Hour), hasExpired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o.now = tt.at
			if got := o.ask("own", "one"); got != tt.want {
				t.Errorf("our own secret: got %q, want %q", got, tt.want)
			}
			if got := o.ask("foreign", "correct horse"); got != tt.want {
				t.Errorf("an imported secret: got %q, want %q", got, tt.want)
			}
		})
	}
	if o.slow != 1 {
		t.Errorf("%d slow hashes, want 1", o.slow)
	}
}

func TestWhichUsesAreNoted(t *testing.T) {
	disabled := key("disabled", own("disabled", "one"))
	disabled.Disabled = true
	basicOnly := key("basic", own("basic", "one"))
	basicOnly.AuthMethods = []oauth.AuthMethod{oauth.ClientSecretBasic}
	o := newOffice(t,
		key("plain", own("plain", "one"), own("plain", "two"), until(noon, own("plain", "old"))),
		key("foreign", imported(horse)), disabled, basicOnly)
	use := func(id string, hash []byte) store.SecretUse {
		return store.SecretUse{ClientID: id, Hash: hash, At: noon, From: "192.0.2.1"}
	}
	tests := []struct {
		name, id, secret string
		want             []store.SecretUse
	}{
		{"a success", "plain", "two", []store.SecretUse{use("plain", own("plain", "two").Hash)}},
		{"a success with an imported secret", "foreign", "correct horse", []store.SecretUse{use("foreign", []byte(horse))}},
		{"a success with a remembered secret", "foreign", "correct horse", []store.SecretUse{use("foreign", []byte(horse))}},
		{"a wrong secret", "plain", "wrong", nil},
		{"a wrong secret for an imported one", "foreign", "wrong", nil},
		{"a secret that has expired", "plain", "old", nil},
		{"a disabled key", "disabled", "one", []store.SecretUse{use("disabled", own("disabled", "one").Hash)}},
		{"another method than the key's", "basic", "one", []store.SecretUse{use("basic", own("basic", "one").Hash)}},
		{"an unknown id", "nobody", "one", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o.ask(tt.id, tt.secret)
			if diff := cmp.Diff(tt.want, o.Uses.Drain()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The second reading of Basic is as good as the first, for imported secrets too.
func TestBothReadingsOfBasicReachImportedSecrets(t *testing.T) {
	o := newOffice(t, key("foreign", imported(horse)))
	for _, header := range []string{basic("foreign:correct+horse"), basic("foreign:correct%20horse"), basic("foreign:correct horse")} {
		if got := o.says(attempt(header, "", "")); got != "" {
			t.Errorf("%s: %s", header, got)
		}
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	o := newOffice(b, key("plain", own("plain", "one")), key("foreign", imported(horse)))
	o.Now = time.Now
	for _, tt := range []struct{ name, id, secret string }{
		{"our own secret", "plain", "one"},
		{"a wrong secret", "plain", "two"},
		{"an unknown id", "nobody", "one"},
		{"a remembered secret", "foreign", "correct horse"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				r := attempt("", tt.id, tt.secret)
				for pb.Next() {
					o.Authenticate(b.Context(), r)
				}
			})
		})
	}
}
