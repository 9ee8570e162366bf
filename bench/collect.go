package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// collect gets the tokens that will be introspected.
func (r runner) collect(ctx context.Context, f *field) error {
	f.known = r.known
	var err error
	f.jwts, err = r.tokensOf(ctx, f.grantd, f.tenants.jwt, r.jwts)
	if err != nil {
		return err
	}
	f.opaques, err = r.tokensOf(ctx, f.grantd, f.tenants.opaque, r.known)
	if err != nil {
		return err
	}
	f.revoked, err = r.tokensOf(ctx, f.grantd, f.tenants.opaque, r.ended)
	if err != nil {
		return err
	}
	return f.grantd.revoke(ctx, f.tenants.opaque, f.revoked)
}

// revoke ends tokens of a key.
func (g *grantd) revoke(ctx context.Context, who credentials, tokens []string) error {
	r, err := load{
		address: g.address, scripts: turns(revocationsOf(g.address, who, tokens), 0),
		// On one connection they are sent in turn, each once.
		connections: 1, duration: time.Minute, requests: int64(len(tokens)),
	}.run(ctx)
	if err == nil && (r.bad > 0 || r.requests() != len(tokens)) {
		err = fmt.Errorf("%d of %d tokens were revoked", r.requests()-r.bad, len(tokens))
	}
	return err
}

// garbage are texts that are no tokens, a half of them in the form of a JWT.
func garbage(count int) []string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = rand.Text() + rand.Text()
		if i%2 == 0 {
			texts[i] = "eyJhbGciOiJFUzI1NiJ9." + texts[i] + "." + rand.Text()
		}
	}
	return texts
}

// forged are JWTs whose signatures are not right.
func forged(jwts []string) []string {
	texts := make([]string, len(jwts))
	for i, jwt := range jwts {
		// Not the last character, of which two bits mean nothing.
		at := len(jwt) - 10
		other := "A"
		if jwt[at] == 'A' {
			other = "B"
		}
		texts[i] = jwt[:at] + other + jwt[at+1:]
	}
	return texts
}

func (r runner) tokensOf(ctx context.Context, g *grantd, who credentials, count int) ([]string, error) {
	var all []*collector
	scripts := func(int) script {
		all = append(all, &collector{request: postRequest(g.address, who)})
		return all[len(all)-1]
	}
	seen, err := load{
		address: g.address, scripts: scripts, connections: r.usual, duration: time.Minute, requests: int64(count),
	}.run(ctx)
	if err != nil {
		return nil, err
	}
	var tokens []string
	for _, one := range all {
		tokens = append(tokens, one.tokens...)
	}
	if seen.bad > 0 || len(tokens) != count {
		return nil, fmt.Errorf("got %d tokens to introspect, %d of them bad; want %d", len(tokens), seen.bad, count)
	}
	return tokens, nil
}

// examples are what the limit servers imitate. They are also the proof that what
// is measured is what it is called.
func (f field) examples(ctx context.Context) (examples, error) {
	e := examples{}
	t := f.tenants
	for _, one := range []struct {
		into *sample
		who  credentials
		want string
	}{{&e.jwt, t.jwt, "ES256"}, {&e.edDSA, t.edDSA, "EdDSA"}, {&e.rsa, t.rsa, "RS256"}, {&e.opaque, t.opaque, "opaque"}} {
		var err error
		*one.into, err = f.grantd.token(ctx, one.who)
		if err == nil {
			err = expectAlgorithm(*one.into, one.want)
		}
		if err != nil {
			return e, err
		}
	}
	var errs [4]error
	e.aboutJWT, errs[0] = f.grantd.introspect(ctx, t.reader, f.jwts[0], true)
	e.aboutOpaque, errs[1] = f.grantd.introspect(ctx, t.reader, f.opaques[0], true)
	e.inactive, errs[2] = f.grantd.introspect(ctx, t.reader, f.revoked[len(f.revoked)-1], false)
	e.jwks, errs[3] = f.grantd.document(ctx, jwksPath)
	return e, errors.Join(errs[:]...)
}

func expectAlgorithm(token sample, want string) error {
	got, err := token.algorithm()
	if err == nil && got != want {
		err = fmt.Errorf("a token is %q, not %s", got, want)
	}
	return err
}
