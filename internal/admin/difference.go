package admin

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grantd/grantd/internal/store"
)

// field is one member of a record, written for people. It is a list when one is
// compared element by element.
type field struct {
	name string
	text string
	list []string
}

// apiDifferences says in what two APIs differ, the identity and the times apart.
func apiDifferences(old, record store.API) []Difference {
	return differences(apiFields(old), apiFields(record))
}

// keyDifferences says in what two keys differ, the identity, the secrets and the
// times apart.
func keyDifferences(old, record store.Client) []Difference {
	return differences(keyFields(old), keyFields(record))
}

func apiFields(a store.API) []field {
	var parameters, routes []string
	for _, p := range a.Parameters {
		parameters = append(parameters, p.Name+"="+p.Type)
	}
	for _, r := range a.Routes {
		routes = append(routes, strings.TrimSpace(r.Method+" "+r.Path+" "+strings.Join(r.Scopes, " ")))
	}
	return []field{
		{name: "access_token_lifetime", text: lasting(a.AccessTokenLifetime)},
		{name: "alg", text: a.Algorithm},
		{name: "mode", text: string(a.Mode)},
		{name: "parameters", list: parameters},
		{name: "refresh_token_idle_lifetime", text: lasting(a.RefreshTokenIdleLifetime)},
		{name: "refresh_token_lifetime", text: lasting(a.RefreshTokenLifetime)},
		{name: "resource_servers", list: a.ResourceServers},
		{name: "routes", list: routes},
		{name: "scopes", list: a.Scopes},
		{name: "token_format", text: string(a.TokenFormat)},
		{name: "typ", text: a.Type},
	}
}

func keyFields(c store.Client) []field {
	return []field{
		{name: "access_token_lifetime", text: lasting(c.AccessTokenLifetime)},
		{name: "assertion_algorithms", list: c.Assertions.Algorithms},
		{name: "assertion_audience", text: string(c.Assertions.Audience)},
		{name: "auth_methods", list: texts(c.AuthMethods)},
		{name: "burst", text: number(c.Policy.Burst)},
		{name: "claims", text: c.Policy.Claims},
		{name: "disabled", text: strconv.FormatBool(c.Disabled)},
		{name: "grant_types", list: texts(c.GrantTypes)},
		{name: "jwks", list: publicKeys(c)},
		{name: "mode", text: string(c.Mode)},
		{name: "name", text: c.Name},
		{name: "networks", list: c.Policy.Networks},
		{name: "origins", list: c.Policy.Origins},
		{name: "owner", text: c.Owner},
		{name: "refresh_rotation", text: string(rotationOf(c))},
		{name: "requests_per_second", text: number(c.Policy.RequestsPerSecond)},
		{name: "scopes", list: c.Scopes},
		{name: "tokens_per_day", text: number(c.Policy.TokensPerDay)},
		{name: "tokens_per_hour", text: number(c.Policy.TokensPerHour)},
		{name: "valid_from", text: written(c.Policy.ValidFrom)},
		{name: "valid_until", text: written(c.Policy.ValidUntil)},
	}
}

// differences compares the same fields of two records, which stand in order.
func differences(old, record []field) []Difference {
	var found []Difference
	for i, to := range record {
		from := old[i]
		switch {
		case from.text != to.text:
			found = append(found, Difference{to.name, short(from.text), short(to.text)})
		case !slices.Equal(from.list, to.list):
			gone, come := without(from.list, to.list), without(to.list, from.list)
			// The same in another order.
			if len(gone) == 0 && len(come) == 0 {
				gone, come = from.list, to.list
			}
			found = append(found, Difference{to.name, short(strings.Join(gone, ", ")), short(strings.Join(come, ", "))})
		}
	}
	slices.SortFunc(found, func(a, b Difference) int { return cmp.Compare(a.Field, b.Field) })
	return found
}

func without(list, others []string) []string {
	have := asSet(others)
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return have[s] })
}

func texts[T ~string](values []T) []string {
	written := make([]string, len(values))
	for i, value := range values {
		written[i] = string(value)
	}
	return written
}

// What is empty stands for a member that is not set.

func lasting(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func written(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// short cuts a value at a character.
func short(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
