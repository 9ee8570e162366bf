package storetest

import (
	"errors"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

func textTests() []test {
	return []test{
		{"a text that is not UTF-8, or holds a NUL, is ErrInvalid", badTexts},
		{"an id that no text can be is ErrNotFound", idsOfNothing},
		{"a page begins after what of an id is a text", pageAfterNoText},
		{"a use of a secret of a key that no text names is skipped", useOfNoText},
		{"an actor and a name of a setting that no text can be are ErrInvalid", badNames},
		{"empty bytes read back as nil", emptyBytes},
	}
}

// noTexts are what PostgreSQL, for one, does not take for a text.
var noTexts = []string{"\x00", "a\x00b", "\xff", "a\xc3", "\xed\xa0\x80", "a\x00\xff"}

func badTexts(e *env) {
	e.write(createAPI("a"), createClient("c"))
	for _, bad := range noTexts {
		for field, change := range map[string]func(*store.API){
			"audience":     func(a *store.API) { a.Audience = bad },
			"scopes":       func(a *store.API) { a.Scopes[1] = bad },
			"token format": func(a *store.API) { a.TokenFormat = store.TokenFormat(bad) },
			"algorithm":    func(a *store.API) { a.Algorithm = bad },
			"type":         func(a *store.API) { a.Type = bad },
		} {
			e.invalidAPI(field, bad, change)
		}
		for field, change := range map[string]func(*store.Client){
			"name":         func(c *store.Client) { c.Name = bad },
			"scopes":       func(c *store.Client) { c.Scopes[1] = bad },
			"grant types":  func(c *store.Client) { c.GrantTypes[1] = oauth.GrantType(bad) },
			"auth methods": func(c *store.Client) { c.AuthMethods[1] = oauth.AuthMethod(bad) },
		} {
			e.invalidClient(field, bad, change)
		}
		for field, change := range map[string]func(*store.Secret){
			"secret":         func(s *store.Secret) { s.ID = bad },
			"secret name":    func(s *store.Secret) { s.Name = bad },
			"secret address": func(s *store.Secret) { s.LastUsedFrom = bad },
		} {
			client, secret := newClient("d"), newSecret("s3", now)
			change(&client.Secrets[1])
			change(&secret)
			for _, m := range []store.Mutation{
				store.CreateClient{Client: client}, store.AddSecret{ClientID: "c", Secret: secret},
			} {
				refusal := e.refused(store.ErrInvalid, m)
				same(e, "field and value", []string{refusal.Field, refusal.Value}, []string{field, bad})
			}
		}
		for _, m := range []store.Mutation{createAPI(bad), createClient(bad), createSigningKey(bad)} {
			e.refused(store.ErrInvalid, m)
		}
		key := newSigningKey("k")
		key.Algorithm = bad
		e.refused(store.ErrInvalid, store.CreateSigningKey{SigningKey: key})
	}
	same(e, "clients", e.clients(), []store.Client{newClient("c")})
}

func idsOfNothing(e *env) {
	e.write(createAPI("a"), createClient("a"), createSigningKey("a"))
	e.initSetting("a", []byte("v"))
	for _, bad := range noTexts {
		for name, read := range map[string]func() error{
			"API":        func() error { _, err := e.store.API(e.ctx, bad); return err },
			"Client":     func() error { _, err := e.store.Client(e.ctx, bad); return err },
			"SigningKey": func() error { _, err := e.store.SigningKey(e.ctx, bad); return err },
			"Setting":    func() error { _, err := e.store.Setting(e.ctx, bad); return err },
		} {
			fails(e, name, read(), store.ErrNotFound)
		}
		for _, m := range []store.Mutation{
			store.DeleteAPI{ID: bad},
			store.RevokeAPITokens{ID: bad},
			store.AddResourceServer{APIID: bad, ClientID: "a"},
			store.AddResourceServer{APIID: "a", ClientID: bad},
			store.RemoveResourceServer{APIID: bad, ClientID: "a"},
			store.RemoveResourceServer{APIID: "a", ClientID: bad},
			store.DeleteClient{ID: bad},
			store.SetClientDisabled{ID: bad},
			store.RevokeClientTokens{ID: bad},
			store.AddSecret{ClientID: bad, Secret: newSecret("s", now)},
			store.RemoveSecret{ClientID: bad, ID: "s1"},
			store.RemoveSecret{ClientID: "a", ID: bad},
			store.SetSecretExpiry{ClientID: bad, ID: "s1"},
			store.SetSecretExpiry{ClientID: "a", ID: bad},
			store.RevokeSigningKey{ID: bad},
			store.DeleteSigningKey{ID: bad},
			store.ResealSigningKey{ID: bad},
		} {
			e.refused(store.ErrNotFound, m)
		}
	}
}

func pageAfterNoText(e *env) {
	e.write(createClient("a"), createClient("aa"), createClient("b"))
	for after, want := range map[string][]string{
		"\x00": {"a", "aa", "b"}, "a\x00": {"aa", "b"}, "a\xff": {"aa", "b"}, "aa\xc3": {"b"}, "b\x00\xff": nil,
	} {
		same(e, "ids after "+after, ids(e.clientPage(after, 10)), want)
	}
}

func useOfNoText(e *env) {
	e.write(createClient("c"))
	for _, bad := range noTexts {
		e.recordUses(useOf(bad, time.Hour))
	}
	same(e, "client", e.client("c"), newClient("c"))
}

func badNames(e *env) {
	for _, bad := range noTexts {
		_, err := e.store.Write(e.ctx, store.Origin{Actor: bad}, createClient("c"))
		fails(e, "write", err, store.ErrInvalid)
		refusal, ok := errors.AsType[*store.MutationError](err)
		if !ok || refusal.Field != "actor" {
			e.Errorf("write: %v does not say that it is about the actor", err)
		}
		r := newRotation("f")
		r.By.Actor = bad
		_, err = e.store.Rotate(e.ctx, r)
		fails(e, "rotate", err, store.ErrInvalid)
		_, err = e.store.InitSetting(e.ctx, bad, nil)
		fails(e, "initialize a setting", err, store.ErrInvalid)
		fails(e, "store a setting", e.store.SetSetting(e.ctx, bad, nil), store.ErrInvalid)
	}
	same(e, "clients", e.clients(), nil)
	same(e, "outcome of a rotation after it", e.rotate(newRotation("f")).Outcome, store.Renewed)
}

func emptyBytes(e *env) {
	for _, empty := range [][]byte{nil, {}} {
		client, key := newClient("c"), newSigningKey("k")
		client.Secrets[0].Hash, key.Sealed = empty, empty
		e.write(store.CreateClient{Client: client}, store.CreateSigningKey{SigningKey: key})
		client.Secrets[0].Hash, key.Sealed = nil, nil
		same(e, "client", e.client("c"), client)
		same(e, "signing key", e.signingKey("k"), key)
		e.setSetting("n", empty)
		same(e, "setting", e.setting("n"), nil)
		e.write(store.DeleteClient{ID: "c"}, store.DeleteSigningKey{ID: "k"})
	}
}
