package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/keys"
)

// sealed tells a token that only the server which issued it can read.
func sealed(token string) bool {
	return strings.HasPrefix(token, keys.AccessTokenPrefix) || strings.HasPrefix(token, keys.RefreshTokenPrefix)
}

// ask shows what the running server says about a token.
func (c *inspectCmd) ask(ctx context.Context, a *app, token string) error {
	seen, err := serverFlags{Data: c.Data}.client(a).InspectToken(ctx, token)
	if err != nil && sealed(token) {
		return fmt.Errorf("only the server that issued this token can read it: %w", err)
	}
	if err != nil {
		return err
	}
	if sealed(token) && seen.Kind != "" {
		printSealed(a, seen)
	}
	if !seen.Active {
		fmt.Fprintf(a.stdout, "status: not active, %s\n", clean(seen.Why))
		return fault.Hint(errors.New("the token is not active"), "fetch a new one with grantd token")
	}
	unless := ""
	if seen.Kind == admin.RefreshToken {
		// Which generation of a family is the last shows when one is used, and
		// asking must not use it.
		unless = " unless a newer one has replaced it"
	}
	fmt.Fprintf(a.stdout, "status: active%s, it expires %s\n", unless, relative(a.now(), seen.ExpiresAt))
	return nil
}

func printSealed(a *app, seen admin.Inspection) {
	title := "opaque access token"
	if seen.Kind == admin.RefreshToken {
		title = "refresh token"
	}
	fmt.Fprintln(a.stdout, title)
	var fields [][2]string
	for _, field := range [][2]string{
		{"mode", string(seen.Mode)},
		{"client_id", seen.ClientID},
		{"aud", strings.Join(seen.Audience, " ")},
		{"scope", seen.Scope},
		{"jti", seen.ID},
		{"family", seen.Family},
		{"static claims", string(seen.Claims)},
	} {
		if field[1] != "" {
			fields = append(fields, field)
		}
	}
	printFields(a.stdout, append(fields,
		[2]string{"issued", printTime(seen.IssuedAt) + ", " + relative(a.now(), seen.IssuedAt)},
		[2]string{"expires", printTime(seen.ExpiresAt) + ", " + relative(a.now(), seen.ExpiresAt)}))
	fmt.Fprintln(a.stdout)
}
