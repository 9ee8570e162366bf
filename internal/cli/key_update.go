package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

type keyUpdateCmd struct {
	Key                 keyFlags               `embed:""`
	Name                word                   `placeholder:"NAME" help:"Name of the key, for people."`
	Owner               word                   `placeholder:"ID" help:"Whose key it is: your own name of a customer."`
	Mode                *store.Mode            `enum:"live,test" placeholder:"MODE" help:"Of which APIs it gets tokens: live or test ones."`
	Scope               []string               `sep:"none" placeholder:"SCOPE" help:"Scope to grant, in place of all it has. Repeat it, or separate several by spaces."`
	GrantType           []oauth.GrantType      `sep:"none" enum:"client_credentials,refresh_token" placeholder:"TYPE" help:"Grant type the key may use, in place of those it has. Repeat it for both."`
	AccessTokenLifetime lifetime               `placeholder:"15m" help:"How long its access tokens live, 1s to 24h."`
	RefreshRotation     *admin.RefreshRotation `enum:"on,off" placeholder:"on|off" help:"Whether each use of a refresh token gives a new one and ends the old: on or off."`
	Assertion           assertionFlags         `embed:""`
	Policy              policyFlags            `embed:""`
	Clear               []string               `enum:"owner,scope,access-token-lifetime,jwks,assertion-alg,origin,network,rate,tokens-per-hour,tokens-per-day,claim,valid-from,valid-until" placeholder:"FLAG" help:"Take away what this flag has set, such as origin, network, rate or valid-until. Repeat it for several."`
	Force               bool                   `help:"Also keep grants that no API has a definition for."`
	JSON                bool                   `name:"json" help:"Print JSON."`
}

// Help shows examples.
func (keyUpdateCmd) Help() string {
	return "What is not named stays as it is; a list that is named replaces the one before. " + changedFate + "\n\nExamples:\n\n" +
		"\tgrantd key update 5clTR_MdVrrkgxw2 --scope '/accounts/{accountID=a1|a2}/wallets.read'\n" +
		"\tgrantd key update 5clTR_MdVrrkgxw2 --origin https://app.example.com --rate 50 --burst 100\n" +
		"\tgrantd key update 5clTR_MdVrrkgxw2 --jwks old-and-new.json\n" +
		"\tgrantd key update 5clTR_MdVrrkgxw2 --clear origin --clear valid-until\n"
}

// Run changes the key.
func (c *keyUpdateCmd) Run(ctx context.Context, a *app) error {
	change, err := c.change(a)
	if err != nil {
		return err
	}
	if change == (admin.KeyChange{Force: c.Force}) {
		return misuse("run: grantd key update --help", "nothing to change was named")
	}
	key, err := c.Key.Server.client(a).UpdateKey(ctx, string(c.Key.ID), change)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, key)
	}
	fmt.Fprintf(a.stdout, "changed key %s\n\n", clean(key.ClientID))
	printKey(a, key)
	fmt.Fprintf(a.stdout, "\n%s\n", changedFate)
	if change.ValidFrom != nil || change.ValidUntil != nil {
		fmt.Fprintln(a.stdout, endedFate)
	}
	return nil
}

func (c *keyUpdateCmd) change(a *app) (admin.KeyChange, error) {
	change := admin.KeyChange{
		Force:               c.Force,
		Name:                given(string(c.Name)),
		Owner:               given(string(c.Owner)),
		Mode:                c.Mode,
		Scopes:              givenList(splitScopes(c.Scope)),
		GrantTypes:          givenList(c.GrantType),
		AuthMethods:         givenList(c.Assertion.Auth),
		AssertionAlgorithms: givenList(c.Assertion.AssertionAlg),
		AssertionAudience:   c.Assertion.AssertionAudience,
		AccessTokenLifetime: given(c.AccessTokenLifetime.seconds()),
		RefreshRotation:     c.RefreshRotation,
		Origins:             givenList(c.Policy.Origin),
		Networks:            givenList(c.Policy.Network),
		RequestsPerSecond:   c.Policy.Rate,
		Burst:               c.Policy.Burst,
		TokensPerHour:       c.Policy.TokensPerHour,
		TokensPerDay:        c.Policy.TokensPerDay,
		ValidFrom:           c.Policy.ValidFrom.given(),
		ValidUntil:          c.Policy.ValidUntil.given(),
	}
	if len(c.Scope) > 0 && change.Scopes == nil {
		return change, misuse("name at least one scope, or take all away with --clear scope", "--scope is empty; is a variable not set")
	}
	if c.Policy.Rate != nil && *c.Policy.Rate == 0 && c.Policy.Burst == nil {
		change.Burst = new(0) // there is no burst without a rate
	}
	claims, err := c.Policy.claims()
	if err != nil {
		return change, err
	}
	if claims != nil {
		change.Claims = &claims
	}
	publicKeys, err := c.Assertion.keys(a)
	if err != nil {
		return change, err
	}
	if publicKeys != nil {
		change.JWKS = &publicKeys
	}
	return change, c.clear(&change)
}

// clear takes away what was named for it.
func (c *keyUpdateCmd) clear(change *admin.KeyChange) error {
	settings := map[string]struct {
		named bool
		clear func()
	}{
		"owner":                 {change.Owner != nil, func() { change.Owner = new("") }},
		"scope":                 {change.Scopes != nil, func() { change.Scopes = &[]string{} }},
		"access-token-lifetime": {change.AccessTokenLifetime != nil, func() { change.AccessTokenLifetime = new(admin.Seconds(0)) }},
		"jwks":                  {change.JWKS != nil, func() { change.JWKS = new(jsontext.Value("{}")) }},
		"assertion-alg":         {change.AssertionAlgorithms != nil, func() { change.AssertionAlgorithms = &[]string{} }},
		"origin":                {change.Origins != nil, func() { change.Origins = &[]string{} }},
		"network":               {change.Networks != nil, func() { change.Networks = &[]string{} }},
		"rate":                  {change.RequestsPerSecond != nil || change.Burst != nil, func() { change.RequestsPerSecond, change.Burst = new(0), new(0) }},
		"tokens-per-hour":       {change.TokensPerHour != nil, func() { change.TokensPerHour = new(0) }},
		"tokens-per-day":        {change.TokensPerDay != nil, func() { change.TokensPerDay = new(0) }},
		"claim":                 {change.Claims != nil, func() { change.Claims = new(jsontext.Value("{}")) }},
		"valid-from":            {change.ValidFrom != nil, func() { change.ValidFrom = new(time.Time{}) }},
		"valid-until":           {change.ValidUntil != nil, func() { change.ValidUntil = new(time.Time{}) }},
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(c.Clear))) {
		if settings[name].named {
			return contradiction(name)
		}
		settings[name].clear()
	}
	return nil
}
