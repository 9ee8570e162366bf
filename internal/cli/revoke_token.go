package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
)

type revokeTokenCmd struct {
	Server serverFlags `embed:""`
	File   word        `arg:"" files:"" help:"File with the token; - reads standard input."`
	JSON   bool        `name:"json" help:"Print JSON."`
}

const asArgument = "a token is not given as an argument, which every user of this machine could read"

// Help shows examples.
func (revokeTokenCmd) Help() string {
	return "An access token ends alone; a refresh token ends with every token of its family.\n\n" +
		"The token is never an argument, which every user of this machine could read.\n\nExamples:\n\n" +
		"\tgrantd revoke token token.txt\n" +
		"\tssh gateway cat token.txt | grantd revoke token -\n"
}

// Run revokes the token.
func (c *revokeTokenCmd) Run(ctx context.Context, a *app) error {
	if looksLikeToken(string(c.File)) {
		return misuse("put it into a file, or paste it after: grantd revoke token -", "%s", asArgument)
	}
	token, err := a.readToken(string(c.File))
	if err != nil {
		return err
	}
	revoked, err := c.Server.client(a).RevokeToken(ctx, token)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, revoked)
	}
	fmt.Fprintln(a.stdout, clean(outcome(revoked)))
	if revoked.Revoked {
		printReach(a)
	}
	return nil
}

// outcome says what became of the token.
func outcome(r admin.RevokedToken) string {
	token := fmt.Sprintf("access token %s of key %s", r.ID, r.ClientID)
	if r.Kind == admin.RefreshToken {
		token = fmt.Sprintf("a refresh token of key %s, and every token of its family %s", r.ClientID, r.Family)
	}
	if !r.Revoked {
		return "nothing was left to revoke of " + token + ": " + r.Why
	}
	return "revoked " + token
}

// looksLikeToken tells a token that was pasted where a file belongs.
func looksLikeToken(name string) bool {
	return sealed(name) || (strings.HasPrefix(name, "eyJ") && strings.Count(name, ".") == 2)
}

// readToken reads a token from a file, or from standard input for "-".
func (a *app) readToken(name string) (string, error) {
	text, err := a.readSmall(name)
	if err != nil {
		return "", err
	}
	token := unwrapped(text)
	if token == "" {
		return "", fault.Hint(fmt.Errorf("%s holds no token", source(name)), "put the token into it, and nothing else")
	}
	return token, nil
}

// unwrapped takes out what a mail program or a terminal has put into a token that
// was longer than a line: no token holds white space.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), "") }
