package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
)

type inspectCmd struct {
	Token   string        `arg:"" help:"Token to look at; - reads standard input."`
	Issuer  string        `placeholder:"URL" help:"Issuer to verify it against. Without it, the one that the token names."`
	Timeout time.Duration `default:"10s" help:"How long each answer may take."`
}

// Help shows examples.
func (inspectCmd) Help() string {
	return "Ends with code 0 only when the token is valid now.\n\nExamples:\n\n" +
		"\tgrantd token --issuer … --client-id … | grantd inspect -\n" +
		"\tgrantd inspect --issuer https://auth.example.com eyJhbGciOi…\n"
}

// Run shows and verifies the token.
func (c *inspectCmd) Run(ctx context.Context, a *app) error {
	token, err := c.read(a)
	if err != nil {
		return err
	}
	err = notJWT(token)
	if err != nil {
		return err
	}
	seen, err := keys.Parse(token)
	if err != nil {
		return fault.Hint(err, "check that the token is complete; a JWT is three parts between dots, signed with one of %s", strings.Join(keys.Algorithms(), ", "))
	}
	printToken(a, seen)
	jwks, err := c.publishedKeys(ctx, seen)
	if err != nil {
		fmt.Fprintln(a.stdout, "signature: not verified")
		return err
	}
	err = seen.Verify(jwks)
	if err != nil {
		fmt.Fprintln(a.stdout, "signature: not valid")
		return fault.Hint(err, "do not trust this token; it was changed, or another server signed it")
	}
	fmt.Fprintf(a.stdout, "signature: valid (kid %s)\n", clean(seen.KeyID))
	return c.judge(a, seen)
}

func (c *inspectCmd) read(a *app) (string, error) {
	if c.Token != "-" {
		return c.Token, nil
	}
	text, err := a.readSmall("-")
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(text)
	if token == "" {
		return "", errors.New("there is no token on standard input")
	}
	return token, nil
}

// notJWT explains what nobody but the server can read.
func notJWT(token string) error {
	const hint = "send it to the API it is for; only the server that issued it can read it"
	switch {
	case strings.HasPrefix(token, keys.AccessTokenPrefix):
		return fault.Hint(errors.New("this is an opaque access token of grantd; there is nothing in it to show"), hint)
	case strings.HasPrefix(token, keys.RefreshTokenPrefix):
		return fault.Hint(errors.New("this is a refresh token of grantd; there is nothing in it to show"),
			"send it to the token endpoint with grant_type refresh_token, and to nobody else")
	case strings.Count(token, ".") == 4:
		return fault.Hint(errors.New("this is an encrypted token (JWE)"), hint)
	case strings.Count(token, ".") != 2:
		return fault.Hint(errors.New("this is not a JWT; it may be an opaque token of another server"), hint)
	}
	return nil
}

// publishedKeys fetches the keys of the issuer. Keys and addresses in the
// token's own header are never used.
func (c *inspectCmd) publishedKeys(ctx context.Context, seen *keys.Inspected) ([]byte, error) {
	claimed, _ := seen.Claims["iss"].(string)
	address := c.Issuer
	if address == "" {
		address = claimed
	}
	if address == "" {
		return nil, fault.Hint(errors.New("the token does not say who issued it"), "name the issuer with --issuer")
	}
	if claimed != address {
		return nil, fault.Hint(fmt.Errorf("the token was issued by %q, not by %s", claimed, address), "ask that issuer, if you trust it")
	}
	server, err := newIssuer(address, c.Timeout)
	if err != nil {
		return nil, err
	}
	metadata, err := server.metadata(ctx)
	if err != nil {
		return nil, err
	}
	err = server.endpoint("jwks_uri", metadata.JWKSURI)
	if err != nil {
		return nil, err
	}
	jwks, err := server.get(ctx, metadata.JWKSURI)
	if err != nil {
		return nil, err
	}
	// RFC 7517 §5: a key set is an object with a member keys.
	var set struct {
		Keys []any `json:"keys"`
	}
	err = json.Unmarshal(jwks, &set)
	if err != nil || set.Keys == nil {
		return nil, fmt.Errorf("there is no key set at %s", metadata.JWKSURI)
	}
	return jwks, nil
}

// judge says whether a token with a good signature is good now.
func (c *inspectCmd) judge(a *app, seen *keys.Inspected) error {
	now := a.now()
	expires, ok := claimTime(seen.Claims["exp"])
	if !ok {
		fmt.Fprintln(a.stdout, "validity: not valid, it has no expiry")
		return errors.New("the token never expires, which no access token may do (RFC 9068)")
	}
	if !now.Before(expires) {
		fmt.Fprintf(a.stdout, "validity: expired %s\n", relative(now, expires))
		return fault.Hint(errors.New("the token has expired"), "fetch a new one with grantd token")
	}
	begins, ok := claimTime(seen.Claims["nbf"])
	if ok && now.Before(begins) {
		fmt.Fprintf(a.stdout, "validity: not valid yet, it begins %s\n", relative(now, begins))
		return errors.New("the token is not valid yet")
	}
	fmt.Fprintf(a.stdout, "validity: valid, it expires %s\n", relative(now, expires))
	return nil
}
