package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// The APIs that tokens are for, each with its one scope. Those whose tokens are
// compared are equally long.
const (
	jwtAudience    = "https://api.bench.example"
	jwtScope       = "/bench.read"
	edDSAAudience  = "https://edd.bench.example"
	edDSAScope     = "/edd25.read"
	rsaAudience    = "https://rsa.bench.example"
	rsaScope       = "/rsa20.read"
	opaqueAudience = "https://opaque.bench.example"
	opaqueScope    = "/opaque.read"
)

// tenants are the keys that the load uses.
type tenants struct {
	// jwt and opaque get tokens of that format, edDSA and rsa JWTs that are signed so.
	jwt, edDSA, rsa, opaque credentials
	// jwtRefresher and opaqueRefresher get refresh tokens with them.
	jwtRefresher, opaqueRefresher credentials
	// reader is a resource server of both APIs.
	reader credentials
	// jwtRuled and opaqueRuled are like jwt and opaque, with every rule that a key
	// can have.
	jwtRuled, opaqueRuled credentials
	// signer is like jwt, and authenticates with what it signs.
	signer signer
	// jwtScopes and opaqueScopes ask for many scopes, for tokens of that format.
	jwtScopes, opaqueScopes pair
}

// tenants makes the APIs and the keys, as an operator does.
func (g *grantd) tenants(ctx context.Context) (tenants, error) {
	t := tenants{}
	err := errors.Join(
		g.api(ctx, []string{"--audience", jwtAudience, "--scope", jwtScope}),
		g.api(ctx, []string{"--audience", edDSAAudience, "--scope", edDSAScope, "--alg", "EdDSA"}),
		g.api(ctx, []string{"--audience", rsaAudience, "--scope", rsaScope, "--alg", "RS256"}),
		g.api(ctx, []string{"--audience", opaqueAudience, "--scope", opaqueScope, "--token-format", "opaque"}),
	)
	if err != nil {
		return t, err
	}
	both := []string{"--grant-type", "client_credentials", "--grant-type", "refresh_token"}
	wanted := []struct {
		into     *credentials
		name     string
		audience string
		scope    string
		more     []string
	}{
		{&t.jwt, "jwt", jwtAudience, jwtScope, nil},
		{&t.edDSA, "EdDSA", edDSAAudience, edDSAScope, nil},
		{&t.rsa, "RSA", rsaAudience, rsaScope, nil},
		{&t.opaque, "opaque", opaqueAudience, opaqueScope, nil},
		{&t.jwtRefresher, "jwt refresher", jwtAudience, jwtScope, both},
		{&t.opaqueRefresher, "opaque refresher", opaqueAudience, opaqueScope, both},
		{&t.reader, "reader", jwtAudience, jwtScope, nil},
		{&t.jwtRuled, "ruled jwt", jwtAudience, jwtScope, ruled()},
		{&t.opaqueRuled, "ruled opaque", opaqueAudience, opaqueScope, ruled()},
	}
	for _, w := range wanted {
		*w.into, err = g.key(ctx, append([]string{"--name", w.name, "--api", w.audience, "--scope", w.scope}, w.more...))
		if err != nil {
			return t, err
		}
	}
	for _, audience := range []string{jwtAudience, opaqueAudience} {
		_, err = g.command(ctx, "api", "resource-server", "add", "--data", g.data, audience, t.reader.ID)
		if err != nil {
			return t, err
		}
	}
	t.signer, err = g.signer(ctx)
	if err != nil {
		return t, err
	}
	t.jwtScopes, err = g.pair(ctx, jwtCatalogue)
	if err != nil {
		return t, err
	}
	t.opaqueScopes, err = g.pair(ctx, opaqueCatalogue)
	if err != nil {
		return t, err
	}
	return t, g.checkTenants(ctx, t)
}

func (g *grantd) api(ctx context.Context, flags []string) error {
	_, err := g.command(ctx, append([]string{"api", "create", "--data", g.data}, flags...)...)
	return err
}

func (g *grantd) key(ctx context.Context, flags []string) (credentials, error) {
	text, err := g.command(ctx, append([]string{"key", "create", "--data", g.data, "--json"}, flags...)...)
	if err != nil {
		return credentials{}, err
	}
	who := credentials{}
	err = json.Unmarshal(text, &who)
	if err == nil && (who.ID == "" || who.Secret == "") {
		err = errors.New("client_id or client_secret is missing")
	}
	if err != nil {
		return who, fmt.Errorf("read the new key: %w", err)
	}
	return who, nil
}
