package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/grantd/grantd/oauth"
)

// Limits of a client's request body.
const (
	maxBody       = 64 << 10
	maxParameters = 64
	maxValue      = 16 << 10
)

// Params are the parameters of a request, in order. A parameter with an empty
// value is not among them.
type Params []Param

// Param is one parameter.
type Param struct{ Name, Value string }

// Get returns the value of the parameter, or "" when it is absent.
func (ps Params) Get(name string) string {
	for i := range ps {
		if ps[i].Name == name {
			return ps[i].Value
		}
	}
	return ""
}

// All returns the values of a parameter that may be repeated.
func (ps Params) All(name string) []string {
	var values []string
	for i := range ps {
		if ps[i].Name == name {
			values = append(values, ps[i].Value)
		}
	}
	return values
}

// repeatable reports whether a parameter may stand in a form more than once.
func repeatable(name string) bool {
	// RFC 8707 §2: several resource parameters ask for several resources.
	return name == "resource" || name == "audience"
}

// params collects parameters under the limits; empty holds the names of those
// without a value.
type params struct {
	list  Params
	empty []string
	// plain says that the whole body was looked at: it is clean, and nothing in it is
	// escaped.
	plain bool
}

// usual is how many parameters nearly every request has at most.
const usual = 4

func (ps *params) add(name, value string) error {
	if len(ps.list)+len(ps.empty) == maxParameters {
		return invalid("more than %d parameters were sent; send only those the endpoint reads", maxParameters)
	}
	if len(value) > maxValue || len(name) > maxValue {
		return invalid("a parameter is longer than %d bytes", maxValue)
	}
	if !ps.plain && (!clean(name) || !clean(value)) {
		return invalid("a parameter holds a NUL or is not valid UTF-8")
	}
	// RFC 6749 §3.2: a parameter must not be sent more than once.
	if ps.seen(name) && !repeatable(name) {
		return invalid("%s was sent more than once; send it once", known(name))
	}
	// RFC 6749 §3.2: a parameter without a value is treated as if it was left out.
	if value == "" {
		ps.empty = append(ps.empty, name)
		return nil
	}
	ps.list = append(ps.list, Param{Name: name, Value: value})
	return nil
}

func (ps *params) seen(name string) bool {
	for i := range ps.list {
		if ps.list[i].Name == name {
			return true
		}
	}
	return slices.Contains(ps.empty, name)
}

func clean(s string) bool {
	return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s)
}

// known returns the name of a parameter for a sentence; one we do not know is
// the caller's own text and is not repeated to it.
func known(name string) string {
	switch name {
	case "grant_type", "client_id", "client_secret", "scope", "refresh_token", "client_assertion",
		"client_assertion_type", "token", "token_type_hint":
		return name
	}
	return "a parameter"
}

func invalid(format string, args ...any) *Error {
	return Refuse(oauth.InvalidRequest, fmt.Sprintf(format, args...))
}

// parseForm reads application/x-www-form-urlencoded. It is lenient where
// clients in use are sloppy: a raw space, colon or non-ASCII byte in a value
// stands for itself. A broken percent escape is refused.
func parseForm(body string, room Params) (Params, error) {
	// Nearly every body is plain, and one look at all of it is several less at each
	// parameter.
	ps := params{list: room, plain: clean(body) && !escaped(body)}
	for body != "" {
		var pair string
		pair, body, _ = strings.Cut(body, "&")
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, value, err := ps.unescape(rawName, rawValue)
		if err != nil {
			return nil, brokenEscape()
		}
		err = ps.add(name, value)
		if err != nil {
			return nil, err
		}
	}
	return ps.list, nil
}

func escaped(s string) bool {
	return strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '+') >= 0
}

func (ps *params) unescape(rawName, rawValue string) (name, value string, err error) {
	if ps.plain {
		return rawName, rawValue, nil
	}
	name, err = url.QueryUnescape(rawName)
	if err != nil {
		return "", "", err
	}
	value, err = url.QueryUnescape(rawValue)
	return name, value, err
}

func brokenEscape() error {
	return invalid("the form has a %% that is not followed by two hexadecimal digits; encode %% itself as %%25")
}
