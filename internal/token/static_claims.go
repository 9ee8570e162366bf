package token

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/policy"
)

// reserved are the names that no static claim may have, in ascending order.
var reserved = policy.Reserved()

// ownNames returns the static claims of a token that was issued before, each with a
// comma before it, from a JSON object of them. One whose name says something about
// the token itself is left out: the list of those may have been shorter then, and
// nothing that an operator writes may look like what we say.
func ownNames(object string) string {
	if len(object) <= len("{}") {
		return ""
	}
	d := jsontext.NewDecoder(strings.NewReader(object))
	_, err := d.ReadToken()
	var b []byte
	for err == nil && d.PeekKind() == '"' {
		var name jsontext.Token
		name, err = d.ReadToken()
		if err != nil {
			break
		}
		text := name.String()
		var value jsontext.Value
		value, err = d.ReadValue()
		_, taken := slices.BinarySearch(reserved, text)
		if err != nil || taken {
			continue
		}
		b = append(b, ',')
		b = appendString(b, text)
		b = append(b, ':')
		b = append(b, value...)
	}
	if err != nil {
		return ""
	}
	return string(b)
}

// object makes a JSON object of static claims that have a comma before each; empty
// without any.
func object(static string) string {
	if static == "" {
		return ""
	}
	return "{" + static[1:] + "}"
}
