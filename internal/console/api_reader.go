package console

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// read is the API that the form asks for. Nothing of it must be done while something is
// wrong.
func (f apiForm) read() admin.NewAPI {
	r := &keyReader{typed: f.Typed, wrong: f.Wrong}
	return admin.NewAPI{
		Audience: typedWord(f.Typed, "audience"), Mode: store.Mode(f.Text("mode")), Scopes: strings.Fields(f.Text("scopes")),
		Parameters: f.parameters(), Routes: f.routes(),
		TokenFormat: store.TokenFormat(f.Text("token_format")), Algorithm: f.Text("alg"), Type: f.Text("typ"),
		AccessTokenLifetime: r.seconds("access_token_lifetime"), RefreshTokenLifetime: r.seconds("refresh_token_lifetime"),
		RefreshTokenIdleLifetime: r.seconds("refresh_token_idle_lifetime"),
	}
}

func typedWord(typed url.Values, name string) string { return strings.TrimSpace(typed.Get(name)) }

func (f apiForm) parameters() map[string]string {
	types := map[string]string{}
	for i, words := range linesOf(f.Text("parameters")) {
		switch {
		case len(words) != 2:
			f.Wrong["parameters"] = fmt.Sprintf("Entry %d is not a name and a type with a space between; write one such as accountID uuid.", i+1)
		case types[words[0]] != "":
			f.Wrong["parameters"] = "The parameter " + words[0] + " is there twice; keep one of the two."
		default:
			types[words[0]] = words[1]
		}
	}
	return types
}

func (f apiForm) routes() []admin.Route {
	var routes []admin.Route
	for i, words := range linesOf(f.Text("routes")) {
		if len(words) < 2 {
			f.Wrong["routes"] = fmt.Sprintf("Entry %d has no path; write one such as GET /accounts /accounts.read.", i+1)
			continue
		}
		routes = append(routes, admin.Route{Method: words[0], Path: words[1], Scopes: words[2:]})
	}
	return routes
}

// linesOf are the words of each line that has any.
func linesOf(text string) [][]string {
	var lines [][]string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) > 0 {
			lines = append(lines, words)
		}
	}
	return lines
}

// changeTo is the change that makes an API what the form says. A field that the form does
// not have at all stays as it is: what is empty would be the default.
func (f apiForm) changeTo(to admin.NewAPI) admin.APIChange {
	c := admin.APIChange{Force: f.Text("force") != ""}
	sent(f, "mode", &c.Mode, to.Mode)
	sent(f, "scopes", &c.Scopes, to.Scopes)
	sent(f, "parameters", &c.Parameters, to.Parameters)
	sent(f, "routes", &c.Routes, to.Routes)
	sent(f, "token_format", &c.TokenFormat, to.TokenFormat)
	sent(f, "alg", &c.Algorithm, to.Algorithm)
	sent(f, "typ", &c.Type, to.Type)
	sent(f, "access_token_lifetime", &c.AccessTokenLifetime, to.AccessTokenLifetime)
	sent(f, "refresh_token_lifetime", &c.RefreshTokenLifetime, to.RefreshTokenLifetime)
	sent(f, "refresh_token_idle_lifetime", &c.RefreshTokenIdleLifetime, to.RefreshTokenIdleLifetime)
	return c
}

func sent[T any](f apiForm, name string, member **T, value T) {
	if f.Typed.Has(name) {
		*member = &value
	}
}

// refuse notes a refusal beside the field that it is about, and says whether it was one.
func (f apiForm) refuse(err error) bool {
	p := refusal(err)
	if p == nil || isNotFound(err) {
		return false
	}
	name, _, _ := strings.Cut(strings.Replace(p.Field, ".", "[", 1), "[")
	if !slices.Contains(apiFieldNames(), name) {
		name = ""
	}
	f.Wrong[name] = sentence(p.Detail + "; " + p.Hint)
	return true
}
