package console

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// apiForm is the form of an API, new or not. Its fields are called what the members of the
// Admin API are, so that a refusal finds the field it is about.
type apiForm struct {
	// API is nil for a new one, which has no version either.
	API     *admin.API
	Version string
	Typed   url.Values
	Wrong   map[string]string
}

// Text is what was typed into a field.
func (f apiForm) Text(name string) string { return f.Typed.Get(name) }

// Has says whether a field has the value.
func (f apiForm) Has(name, value string) bool { return slices.Contains(f.Typed[name], value) }

// Refused says that something is wrong about the form itself.
func (f apiForm) Refused() bool {
	return f.Wrong[""] != "" || slices.ContainsFunc(apiFieldNames(), func(name string) bool { return f.Wrong[name] != "" })
}

// newAPIForm has the defaults in it, so that nobody has to know them.
func newAPIForm() apiForm {
	return apiForm{Typed: url.Values{
		"mode": {string(store.Live)}, "token_format": {string(store.JWT)}, "alg": {"ES256"}, "typ": {"at+jwt"},
		"access_token_lifetime": {"1h"}, "refresh_token_lifetime": {"30d"},
	}}
}

// typedOfAPI fills the form in with an API as it is.
func typedOfAPI(api admin.API) url.Values {
	return url.Values{
		"mode": {string(api.Mode)}, "scopes": {strings.Join(api.Scopes, "\n")},
		"parameters": {strings.Join(parameterLines(api.Parameters), "\n")}, "routes": {strings.Join(routeLines(api.Routes), "\n")},
		"token_format": {string(api.TokenFormat)}, "alg": {api.Algorithm}, "typ": {api.Type},
		"access_token_lifetime": {lasting(api.AccessTokenLifetime)}, "refresh_token_lifetime": {lasting(api.RefreshTokenLifetime)},
		"refresh_token_idle_lifetime": {lasting(api.RefreshTokenIdleLifetime)},
	}
}

func parameterLines(types map[string]string) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(types)) {
		lines = append(lines, name+" "+types[name])
	}
	return lines
}

func routeLines(routes []admin.Route) []string {
	var lines []string
	for _, r := range routes {
		lines = append(lines, strings.Join(append([]string{r.Method, r.Path}, r.Scopes...), " "))
	}
	return lines
}

func apiFieldNames() []string {
	names := []string{"audience"}
	for _, f := range apiFields() {
		names = append(names, f.name)
	}
	return names
}

// apiFields are the fields of an API, as the form has them.
func apiFields() []formField {
	return []formField{
		{name: "mode", label: "Mode"},
		{name: "scopes", label: "Scopes", lines: wordsOf("scopes")},
		{name: "parameters", label: "Types of parameters", lines: rowsOf("parameters")},
		{name: "routes", label: "Routes", lines: rowsOf("routes")},
		{name: "token_format", label: "Format of its tokens"},
		{name: "alg", label: "Algorithm of its signatures"},
		{name: "typ", label: "Type in the header of its JWTs"},
		{name: "access_token_lifetime", label: "Lifetime of access tokens"},
		{name: "refresh_token_lifetime", label: "Lifetime of refresh tokens"},
		{name: "refresh_token_idle_lifetime", label: "Time between two uses of a refresh token"},
	}
}

func wordsOf(name string) func(url.Values) []string {
	return func(typed url.Values) []string { return strings.Fields(typed.Get(name)) }
}

func rowsOf(name string) func(url.Values) []string {
	return func(typed url.Values) []string {
		var rows []string
		for _, words := range linesOf(typed.Get(name)) {
			rows = append(rows, strings.Join(words, " "))
		}
		return rows
	}
}
