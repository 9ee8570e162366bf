package main

import (
	"context"
	"errors"
	"fmt"
)

// growth is what a great many tokens did to the database.
type growth struct {
	jwts, opaques int
	// before and after are of a server that was stopped in the ordinary way, so
	// that nothing is left in a write-ahead log.
	before, after database
}

func (g growth) tokens() int { return g.jwts + g.opaques }

// measureGrowth issues so many tokens, half of them JWTs, on a used data
// directory that no server runs on.
func (r runner) measureGrowth(ctx context.Context, data string, t tenants) (growth, error) {
	result := growth{}
	var err error
	result.before, err = readDatabase(ctx, data)
	if err != nil {
		return result, err
	}
	g, err := startGrantd(ctx, r.program, data)
	if err != nil {
		return result, err
	}
	result.jwts, err = r.issue(ctx, g, t.jwt, r.tokens/2)
	if err == nil {
		result.opaques, err = r.issue(ctx, g, t.opaque, r.tokens-r.tokens/2)
	}
	err = errors.Join(err, g.stop())
	if err != nil {
		return result, err
	}
	result.after, err = readDatabase(ctx, data)
	return result, err
}

// issue gets so many tokens.
func (r runner) issue(ctx context.Context, g *grantd, who credentials, tokens int) (int, error) {
	seen, err := load{
		address: g.address, scripts: always(postRequest(g.address, who)),
		connections: r.usual, duration: maxDuration, requests: int64(tokens),
	}.run(ctx)
	if err == nil && (seen.requests() != tokens || seen.bad > 0) {
		err = fmt.Errorf("%d of %d tokens were issued", seen.requests()-seen.bad, tokens)
	}
	return seen.requests(), err
}
