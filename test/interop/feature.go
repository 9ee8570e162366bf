package main

// feature is one column of the table of clients.
type feature struct {
	name string
	// shows is what has to be seen, for docs/interop.md.
	shows string
	// key is what the program gets as its own.
	key keyKind
	// scope is SCOPE, and what the token must say unless that is empty.
	scope string
	judge func(*trial) error
}

// keyKind says what a key may do.
type keyKind string

const (
	// plainKey may have two scopes by client_credentials.
	plainKey keyKind = "plain"
	// specialKey is plain with a secret of special characters.
	specialKey keyKind = "special"
	// wrongKey is plain, but the program is given a wrong secret.
	wrongKey keyKind = "wrong"
	// refreshingKey may use refresh tokens, too.
	refreshingKey keyKind = "refreshing"
	// shortKey gets tokens that live two seconds.
	shortKey keyKind = "short"
	// signingKey has a public key in the place of a secret.
	signingKey keyKind = "signing"
	// readerKey belongs to a resource server.
	readerKey keyKind = "reader"
)

const (
	readScope  = "/accounts.read"
	writeScope = "/accounts.write"
	// allScopes are in the order of the key; an answer to no scope has this one.
	allScopes   = readScope + " " + writeScope
	shortScope  = "/short.read"
	opaqueScope = "/opaque.read"
)

// clientFeatures are the columns, in the order of the table.
var clientFeatures = []feature{
	{"basic", "a token, asked for with `Authorization: Basic` and nothing secret in the body", plainKey, readScope, judgeBasic},
	{"basic_special", "the same with the secret `" + specialSecret + "`", specialKey, readScope, judgeBasic},
	{"post", "a token, asked for with the credentials in the body and no `Authorization`", plainKey, readScope, judgePost},
	{"private_key_jwt", "a token, asked for with a JWT that the client has signed (RFC 7523) and no secret", signingKey, readScope, judgeAssertion},
	{"json", "a token, asked for with a JSON object", plainKey, readScope, judgeJSON},
	{"default_scope", "no scope is sent, and the token has all that the key has", plainKey, "", judgeToken},
	{"scope_echo", "the client reports both scopes that were granted", plainKey, writeScope + " " + readScope, judgeScopeEcho},
	{"bad_secret", "`invalid_client` is in the client's error", wrongKey, readScope, refusal("invalid_client", 401)},
	{"bad_scope", "`invalid_scope` is in the client's error", plainKey, "/accounts.delete", refusal("invalid_scope", 400)},
	{"renew", "a cached token that has expired is replaced by a new one", shortKey, shortScope, judgeRenew},
	{"refresh", "another token for the refresh token", refreshingKey, readScope, judgeRefresh},
	{"revoke", "the token is not active any more (RFC 7009)", plainKey, readScope, judgeRevoke},
	{"introspect", "what grantd says of a token is reported (RFC 7662)", readerKey, "", judgeIntrospect},
	{"discovery_8414", "the endpoint is found by `/.well-known/oauth-authorization-server`", plainKey, readScope, discovery("oauth-authorization-server")},
	{"discovery_oidc", "the endpoint is found by `/.well-known/openid-configuration`", plainKey, readScope, discovery("openid-configuration")},
}

func clientFeatureNames() []string {
	names := make([]string, len(clientFeatures))
	for i, f := range clientFeatures {
		names[i] = f.name
	}
	return names
}
