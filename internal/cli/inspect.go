package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
)

type inspectCmd struct {
	Token   word          `arg:"" help:"Token to look at; - reads standard input."`
	Issuer  word          `xor:"where" placeholder:"URL" help:"Issuer to verify a JWT against. Without it, the one that the token names."`
	Data    word          `xor:"where" placeholder:"DIR" help:"Data directory of the server that issued it, which also knows what was revoked. A JWT needs it only for that; for other tokens it is GRANTD_DATA_DIR or ./grantd-data without it."`
	Timeout time.Duration `default:"10s" help:"How long each answer may take."`
}

// Help shows examples.
func (inspectCmd) Help() string {
	return "Ends with code 0 only when the token is valid now. " +
		"A JWT is verified with the keys that its issuer publishes, which says nothing of revocations; " +
		"with --data, and for an opaque or a refresh token, the server is asked through its data directory.\n\nExamples:\n\n" +
		"\tgrantd token --issuer … --client-id … | grantd inspect -\n" +
		"\tgrantd inspect --issuer https://auth.example.com eyJhbGciOi…\n" +
		"\tgrantd inspect --data /var/lib/grantd - <token.txt\n"
}

// Run shows and verifies the token.
func (c *inspectCmd) Run(ctx context.Context, a *app) error {
	token, err := c.read(a)
	if err != nil {
		return err
	}
	if sealed(token) {
		return c.ask(ctx, a, token)
	}
	err = c.notJWT(token)
	if err != nil {
		return err
	}
	seen, err := keys.Parse(token)
	if err != nil {
		return fault.Hint(err, "check that the token is complete; a JWT is three parts between dots, signed with one of %s", strings.Join(keys.Algorithms(), ", "))
	}
	printToken(a, seen)
	if c.Data != "" {
		return c.ask(ctx, a, token)
	}
	jwks, err := c.publishedKeys(ctx, seen)
	if err != nil {
		fmt.Fprintln(a.stdout, "signature: not verified")
		return err
	}
	err = seen.Verify(jwks)
	if err != nil {
		fmt.Fprintln(a.stdout, "signature: not valid")
		return fault.Hint(err, "do not trust this token; it was changed, another server signed it, or its signing key was revoked")
	}
	fmt.Fprintf(a.stdout, "signature: valid (kid %s)\n", clean(seen.KeyID))
	return c.judge(a, seen)
}

func (c *inspectCmd) read(a *app) (string, error) {
	if c.Token != "-" {
		return unwrapped(string(c.Token)), nil
	}
	return a.readToken("-")
}

// notJWT explains what nobody but the server can read.
func (c *inspectCmd) notJWT(token string) error {
	const hint = "send it to the API it is for; only the server that issued it can read it"
	switch {
	case strings.Count(token, ".") == 4:
		return fault.Hint(errors.New("this is an encrypted token (JWE)"), hint)
	case isFile(string(c.Token)):
		return fault.Hint(errors.New("this is not a token but the name of a file"),
			"to inspect the token in the file: grantd inspect - <%s", shellQuote(string(c.Token)))
	case strings.Count(token, ".") != 2:
		return fault.Hint(errors.New("this is not a JWT; it may be an opaque token of another server"), hint)
	}
	return nil
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// publishedKeys fetches the keys of the issuer. Keys and addresses in the
// token's own header are never used.
func (c *inspectCmd) publishedKeys(ctx context.Context, seen *keys.Inspected) ([]byte, error) {
	claimed, _ := seen.Claims["iss"].(string)
	address := string(c.Issuer)
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
