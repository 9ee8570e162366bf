package main

import (
	"context"
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
	return err
}

func (r runner) tokensOf(ctx context.Context, g *grantd, who credentials, count int) ([]string, error) {
	var all []*collector
	scripts := func(int) script {
		all = append(all, &collector{request: postRequest(g.address, who)})
		return all[len(all)-1]
	}
	seen, err := load{
		address: g.address, scripts: scripts, connections: r.most(), duration: time.Minute, requests: int64(count),
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
	var issued, asked [2]error
	e.jwt, issued[0] = f.grantd.token(ctx, f.tenants.jwt)
	e.opaque, issued[1] = f.grantd.token(ctx, f.tenants.opaque)
	e.aboutJWT, asked[0] = f.grantd.introspect(ctx, f.tenants.reader, f.jwts[0], true)
	e.aboutOpaque, asked[1] = f.grantd.introspect(ctx, f.tenants.reader, f.opaques[0], true)
	return e, errors.Join(issued[0], issued[1], asked[0], asked[1])
}
