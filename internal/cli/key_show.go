package cli

import (
	"cmp"
	"context"
	"slices"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

// keyFlags name one key of a running server.
type keyFlags struct {
	Server serverFlags `embed:""`
	ID     word        `arg:"" name:"client-id" help:"Client id of the key."`
}

type keyShowCmd struct {
	Key  keyFlags `embed:""`
	JSON bool     `name:"json" help:"Print JSON."`
}

// Run shows the key.
func (c *keyShowCmd) Run(ctx context.Context, a *app) error {
	key, err := c.Key.Server.client(a).ShowKey(ctx, string(c.Key.ID))
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, key)
	}
	lifetime := "as the API says"
	if key.AccessTokenLifetime > 0 {
		lifetime = printDuration(key.AccessTokenLifetime.Duration())
	}
	fields := [][2]string{
		{"client_id", key.ClientID},
		{"name", key.Name},
		{"state", state(key)},
		{"scopes", cmp.Or(join(key.Scopes), "none")},
		{"grant types", join(key.GrantTypes)},
		{"authenticates by", join(key.AuthMethods)},
		{"access token lifetime", lifetime},
	}
	if slices.Contains(key.GrantTypes, oauth.RefreshToken) {
		fields = append(fields, [2]string{"refresh rotation", string(key.RefreshRotation)})
	}
	for _, secret := range key.Secrets {
		fields = append(fields, [2]string{"secret", a.secretLine(secret)})
	}
	if !key.TokensNotBefore.IsZero() {
		fields = append(fields, [2]string{"tokens not before", printInstant(key.TokensNotBefore)})
	}
	printFields(a.stdout, append(fields,
		[2]string{"created", printTime(key.CreatedAt)},
		[2]string{"changed", printTime(key.UpdatedAt)}))
	return nil
}

// secretLine says what there is to know about a secret: first, last used 2m ago
// from 127.0.0.1, works until ….
func (a *app) secretLine(s admin.Secret) string {
	line := s.Name
	if s.Scheme != "" {
		line += ", " + s.Scheme
	}
	if s.LastUsedAt.IsZero() {
		line += ", never used"
	} else {
		line += ", last used " + a.whenAndWhere(s)
	}
	switch {
	case s.Expired:
		line += ", expired " + printTime(s.ExpiresAt)
	case !s.ExpiresAt.IsZero():
		line += ", works until " + printTime(s.ExpiresAt)
	}
	return line
}

// whenAndWhere says when and from where: 2m ago from 127.0.0.1.
func (a *app) whenAndWhere(s admin.Secret) string {
	if s.LastUsedFrom == "" {
		return a.lastUsed(s)
	}
	return a.lastUsed(s) + " from " + s.LastUsedFrom
}

func state(key admin.Key) string {
	if key.Disabled {
		return "disabled"
	}
	return "enabled"
}
