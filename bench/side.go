package main

import (
	"context"
	"errors"
)

// side is one of two binaries, with keys and tokens of its own, which it has made
// itself: the two need not understand each other's databases.
type side struct {
	*grantd
	program, data string
	jwt, edDSA    credentials
	opaque        credentials
	jwts, opaques []string
}

// comparedTokens is how many tokens are introspected in turn.
const comparedTokens = 2000

// prepareSide makes keys and tokens on a new data directory.
func prepareSide(ctx context.Context, program, data string) (*side, error) {
	s := &side{program: program, data: data}
	err := s.start(ctx)
	if err != nil {
		return nil, err
	}
	return s, errors.Join(s.fill(ctx), s.stop())
}

func (s *side) start(ctx context.Context) error {
	var err error
	s.grantd, err = startGrantd(ctx, s.program, s.data)
	return err
}

func (s *side) fill(ctx context.Context) error {
	for _, one := range []struct {
		into                    *credentials
		audience, scope, format string
		algorithm               string
	}{
		{&s.jwt, jwtAudience, jwtScope, "jwt", "ES256"},
		{&s.edDSA, edDSAAudience, edDSAScope, "jwt", "EdDSA"},
		{&s.opaque, opaqueAudience, opaqueScope, "opaque", "ES256"},
	} {
		err := s.api(ctx, []string{"--audience", one.audience, "--scope", one.scope, "--token-format", one.format, "--alg", one.algorithm})
		if err != nil {
			return err
		}
		*one.into, err = s.key(ctx, []string{"--name", one.format + one.algorithm, "--api", one.audience, "--scope", one.scope})
		if err != nil {
			return err
		}
	}
	r := runner{usual: 1}
	var err error
	s.jwts, err = r.tokensOf(ctx, s.grantd, s.jwt, comparedTokens)
	if err != nil {
		return err
	}
	s.opaques, err = r.tokensOf(ctx, s.grantd, s.opaque, comparedTokens)
	return err
}

// row is what is compared, and what it asks.
type row struct {
	name    string
	scripts scripts
}

// requests are the main rows. Keys ask about their own tokens.
func (s *side) requests() []row {
	host := s.address
	return []row{
		{"ES256 JWT", always(postRequest(host, s.jwt))},
		{"ES256 JWT, Basic", always(basicRequest(host, s.jwt))},
		{"EdDSA JWT", always(postRequest(host, s.edDSA))},
		{"opaque token", always(postRequest(host, s.opaque))},
		{"introspection, opaque", turns(introspections(host, s.opaque, s.opaques), least)},
		{"introspection, JWT", turns(introspections(host, s.jwt, s.jwts), least)},
	}
}
