package cli

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/manifest"
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
	printKey(a, key)
	return nil
}

func printKey(a *app, key admin.Key) {
	lifetime := "as the API says"
	if key.AccessTokenLifetime > 0 {
		lifetime = manifest.FormatDuration(key.AccessTokenLifetime.Duration())
	}
	fields := [][2]string{
		{"client_id", key.ClientID},
		{"name", key.Name},
		{"state", state(key)},
		{"mode", string(key.Mode)},
		{"owner", cmp.Or(key.Owner, "none")},
		{"scopes", cmp.Or(join(key.Scopes), "none")},
		{"grant types", join(key.GrantTypes)},
		{"authenticates by", join(key.AuthMethods)},
		{"access token lifetime", lifetime},
	}
	if slices.Contains(key.GrantTypes, oauth.RefreshToken) {
		fields = append(fields, [2]string{"refresh rotation", string(key.RefreshRotation)})
	}
	fields = append(fields, assertionFields(key)...)
	fields = append(fields, policyFields(key)...)
	used := "never"
	if !key.LastUsedAt.IsZero() {
		used = ago(a.now(), key.LastUsedAt)
	}
	fields = append(fields, [2]string{"last used", used})
	for _, secret := range key.Secrets {
		fields = append(fields, [2]string{"secret", a.secretLine(secret)})
	}
	if !key.TokensNotBefore.IsZero() {
		fields = append(fields, [2]string{"tokens not before", printInstant(key.TokensNotBefore)})
	}
	printFields(a.stdout, append(fields,
		[2]string{"created", printTime(key.CreatedAt)},
		[2]string{"changed", printTime(key.UpdatedAt)}))
}

// policyFields are what the key's requests must comply with, as far as it is set.
func policyFields(key admin.Key) [][2]string {
	var fields [][2]string
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, [2]string{name, value})
		}
	}
	count := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	moment := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return printInstant(at)
	}
	add("origins", join(key.Origins))
	add("networks", join(key.Networks))
	add("requests per second", count(key.RequestsPerSecond))
	add("burst", count(key.Burst))
	add("tokens per hour", count(key.TokensPerHour))
	add("tokens per day", count(key.TokensPerDay))
	add("claims", string(key.Claims))
	add("valid from", moment(key.ValidFrom))
	add("valid until", moment(key.ValidUntil))
	return fields
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
