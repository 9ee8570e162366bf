package main

import "fmt"

// heat is a list of contenders that run in turn. Those that are compared with each
// other are in the same one, and it is short, so that they run close together.
type heat func(f field) []contender

// everywhere are the heats for every number of connections: one shows what a request
// costs, many how it spreads.
func everywhere() []heat {
	return []heat{field.es256, field.edDSA, field.opaque, field.introspection, field.verification}
}

// usually are the heats for the usual number of connections.
func usually() []heat {
	return []heat{
		field.basic, field.rules, field.nonces, field.rs256, field.narrowing, field.noops, field.oneJWT,
		field.verifying, field.inactive, field.jwks, field.fasthttp, field.refreshing, field.asserting,
	}
}

func (f field) post(who credentials) scripts { return always(postRequest(f.grantd.address, who)) }

// The parts of the plot.
const (
	kindES256       = "ES256 JWT"
	kindEdDSA       = "EdDSA JWT"
	kindRS256       = "RS256 JWT"
	kindOpaque      = "opaque token"
	kindAboutJWT    = "introspection of a JWT"
	kindAboutOpaque = "introspection of an opaque token"
)

// The names of the main contenders.
const (
	oursES256  = "grantd ES256 JWT"
	oursEdDSA  = "grantd EdDSA JWT"
	oursRS256  = "grantd RS256 JWT"
	oursOpaque = "grantd opaque token"
)

func (f field) es256() []contender {
	post := f.post(f.tenants.jwt)
	return []contender{
		f.limit(limitForm, post),
		f.limit(limitNoop, post, against{name: limitForm, kind: kindES256, bar: "no-op"}),
		f.limit(limitP256, post, against{name: limitForm, kind: kindES256, bar: "form + P-256 signature"}),
		f.ours(oursES256, post, against{name: limitP256, ratio: goalSigning, p99: goalP99},
			against{name: limitForm, ratio: goalES256OfForm, kind: kindES256, bar: "grantd"}),
	}
}

func (f field) edDSA() []contender {
	post := f.post(f.tenants.edDSA)
	return []contender{
		f.limit(limitFormEdDSA, post),
		f.limit(limitEd25519, post, against{name: limitFormEdDSA, kind: kindEdDSA, bar: "form + Ed25519 signature"}),
		f.ours(oursEdDSA, post, against{name: limitEd25519, ratio: goalSigning, p99: goalP99},
			against{name: limitFormEdDSA, ratio: goalEdDSAOfForm, kind: kindEdDSA, bar: "grantd"}),
	}
}

func (f field) opaque() []contender {
	post := f.post(f.tenants.opaque)
	return []contender{
		f.limit(limitFormOpaque, post),
		f.ours(oursOpaque, post, against{name: limitFormOpaque, ratio: goalOpaque, p99: goalP99, kind: kindOpaque, bar: "grantd"}),
	}
}

// least is how long the answer about an active token is at least.
const least = 50

func (f field) introspection() []contender {
	about := turns(introspections(f.grantd.address, f.tenants.reader, f.opaques), least)
	return []contender{
		f.limit(limitFormAbout, about),
		f.ours(fmt.Sprintf("grantd introspection, %d opaque tokens in turn", len(f.opaques)), about,
			against{name: limitFormAbout, ratio: goalAboutOpaque, p99: goalP99, kind: kindAboutOpaque, bar: "grantd"}),
	}
}

func (f field) verification() []contender {
	some := turns(introspections(f.grantd.address, f.tenants.reader, f.jwts[:f.known]), least)
	return []contender{
		f.limit(limitFormAboutJWT, some),
		f.limit(limitVerify, some, against{name: limitFormAboutJWT, kind: kindAboutJWT, bar: "form + P-256 verification"}),
		f.ours(jwtsInTurn(f.known), some, against{name: limitVerify, ratio: goalAboutJWT, p99: goalP99},
			against{name: limitFormAboutJWT, kind: kindAboutJWT, bar: inTurnBar(f.known)}),
	}
}

func jwtsInTurn(count int) string { return fmt.Sprintf("grantd introspection, %d JWTs in turn", count) }

func inTurnBar(count int) string { return fmt.Sprintf("grantd, %d in turn", count) }

// nonces shows what a random nonce costs, which grantd's signatures do without.
func (f field) nonces() []contender {
	post := f.post(f.tenants.jwt)
	return []contender{
		f.limit(limitP256, post),
		f.limit(limitRandom, post, against{name: limitP256}),
	}
}

func (f field) rs256() []contender {
	post := f.post(f.tenants.rsa)
	return []contender{
		f.limit(limitFormRSA, post),
		f.limit(limitRSA, post, against{name: limitFormRSA, kind: kindRS256, bar: "form + RSA-2048 signature"}),
		f.ours(oursRS256, post, against{name: limitRSA}, against{name: limitFormRSA, kind: kindRS256, bar: "grantd"}),
	}
}

// basic are the contenders that get the secret in a header.
func (f field) basic() []contender {
	host, t := f.grantd.address, f.tenants
	signed, sealed := always(basicRequest(host, t.jwt)), always(basicRequest(host, t.opaque))
	return []contender{
		f.limitAs(basic(limitP256), limitP256, signed),
		f.ours(oursES256+", Basic", signed, against{name: basic(limitP256), ratio: goalSigning}),
		f.limitAs(basic(limitFormOpaque), limitFormOpaque, sealed),
		f.ours(oursOpaque+", Basic", sealed, against{name: basic(limitFormOpaque), ratio: goalOpaque}),
	}
}

// rules shows what rules of a key cost.
func (f field) rules() []contender {
	host, t := f.grantd.address, f.tenants
	return []contender{
		f.ours(oursES256, f.post(t.jwt)),
		f.ours(oursES256+", key with every rule", always(originRequest(host, t.jwtRuled)), against{name: oursES256}),
		f.ours(oursOpaque, f.post(t.opaque)),
		f.ours(oursOpaque+", key with every rule", always(originRequest(host, t.opaqueRuled)), against{name: oursOpaque}),
	}
}

// noops are the comparisons with servers that do not look at the request.
func (f field) noops() []contender {
	host, t := f.grantd.address, f.tenants
	about := turns(introspections(host, t.reader, f.opaques), least)
	some := turns(introspections(host, t.reader, f.jwts[:f.known]), least)
	return []contender{
		f.limit(limitOpaque, f.post(t.opaque)),
		f.ours(oursOpaque, f.post(t.opaque), against{name: limitOpaque, ratio: goalOpaqueOfNoop}),
		f.limit(limitAbout, about),
		f.ours(fmt.Sprintf("grantd introspection, %d opaque tokens in turn", len(f.opaques)), about,
			against{name: limitAbout, ratio: goalAboutOpaqueOfNoop}),
		f.limit(limitAboutJWT, some),
		f.ours(jwtsInTurn(f.known), some, against{name: limitAboutJWT, ratio: goalAboutJWTOfNoop}),
	}
}

// oneJWT is what a token that is asked about again and again takes.
func (f field) oneJWT() []contender {
	one := turns(introspections(f.grantd.address, f.tenants.reader, f.jwts[:1]), least)
	return []contender{
		f.limit(limitAboutJWT, one),
		f.ours("grantd introspection, one JWT", one, against{name: limitAboutJWT, ratio: goalAboutJWTOfNoop}),
	}
}

// verifying are the contenders for whom hardly any token is an old acquaintance.
// They run by themselves, because they make the server forget the tokens of others.
func (f field) verifying() []contender {
	all := turns(introspections(f.grantd.address, f.tenants.reader, f.jwts), least)
	return []contender{
		f.limit(limitFormAboutJWT, all),
		f.limit(limitVerify, all),
		f.ours(jwtsInTurn(len(f.jwts)), all, against{name: limitVerify, ratio: goalAboutJWT},
			against{name: limitFormAboutJWT, kind: kindAboutJWT, bar: inTurnBar(len(f.jwts))}),
	}
}

// noToken is the answer about a token that is not active.
const noToken = `{"active":false}`

// inactive are introspections of tokens that have ended, and of texts that never
// were tokens.
func (f field) inactive() []contender {
	about := func(tokens []string) scripts {
		return bounded(introspections(f.grantd.address, f.tenants.reader, tokens), len(noToken), len(noToken)+1)
	}
	ended, wrong := about(f.revoked), about(forged(f.jwts[:len(f.revoked)]))
	beside := against{name: limitFormInactive}
	return []contender{
		f.limit(limitFormInactive, ended),
		f.ours(fmt.Sprintf("grantd introspection, %d revoked tokens in turn", len(f.revoked)), ended, beside),
		f.ours("grantd introspection, garbage", about(garbage(len(f.revoked))), beside),
		f.ours("grantd introspection, JWTs with a wrong signature", wrong, beside),
	}
}

// asserting are the contenders that get a JWT in the place of a secret: each is sent
// once, and was signed before.
func (f field) asserting() []contender {
	host, signer := f.grantd.address, f.tenants.signer
	return []contender{
		// It does not mind to see one again.
		f.limit(limitExchange, always(signer.request(host, 0))),
		f.ours("grantd ES256 JWT, private_key_jwt", signer.scripts(host), against{name: limitExchange}),
	}
}

func (f field) jwks() []contender {
	get := turns([][]byte{getRequest(f.grantd.address, jwksPath)}, least)
	return []contender{
		f.limit(limitJWKS, get),
		f.ours("grantd JWKS", get, against{name: limitJWKS}),
	}
}

// fasthttp are the limit servers on another HTTP stack, for the record.
func (f field) fasthttp() []contender {
	if f.limits[limitFastForm] == nil {
		return nil
	}
	post := f.post(f.tenants.jwt)
	return []contender{
		f.limit(limitNoop, post),
		f.limit(limitForm, post),
		f.limit(limitFastNoop, post, against{name: limitNoop}),
		f.limit(limitFastForm, post, against{name: limitForm, kind: kindES256, bar: "form, on fasthttp"}),
	}
}

// refreshing are the contenders that write: each refresh is a row, made durable
// before the answer.
func (f field) refreshing() []contender {
	host, t := f.grantd.address, f.tenants
	all := []contender{
		f.ours("grantd refresh with rotation, opaque token", refreshes(host, t.opaqueRefresher)),
		f.ours("grantd refresh with rotation, ES256 JWT", refreshes(host, t.jwtRefresher)),
	}
	for i := range all {
		all[i].rate = goalRefresh
	}
	return all
}
