package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/web"
)

// The most that static claims may be: every token carries them.
const (
	longestClaims = 1024
	deepestClaims = 4
)

// reserved are the names that say something about a token of grantd, or to which a
// standard gives a meaning that a receiver would act on, in ascending order.
var reserved = []string{
	"acr", "act", "active", "amr", "aud", "auth_time", "authorization_details", "azp", "client_id", "cnf", "exp", "iat", "iss",
	"jti", "may_act", "mode", "nbf", "nonce", "scope", "sid", "status", "sub", "token_introspection", "token_type", "username",
}

// Reserved lists the names that a static claim cannot have, in ascending order.
func Reserved() []string { return slices.Clone(reserved) }

// normalizeClaims returns the claims without white space; "" for none.
func normalizeClaims(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	const form = `write a JSON object, such as {"tenant":"acme"}`
	var members map[string]jsontext.Value
	err := web.DecodeJSON([]byte(text), &members)
	if err != nil {
		return "", claimsFault(err, form)
	}
	compact := jsontext.Value(text)
	err = compact.Compact()
	if err != nil {
		return "", &Fault{"claims", "it is not JSON", form}
	}
	if len(compact) > longestClaims {
		return "", &Fault{
			"claims", fmt.Sprintf("it has %d bytes without white space, and may have %d: every token carries them", len(compact), longestClaims),
			"keep the rest where the API can look it up by the client_id",
		}
	}
	err = checkMembers(string(compact))
	if err != nil {
		return "", err
	}
	if len(members) == 0 {
		return "", nil
	}
	return string(compact), nil
}

// claimsFault puts into the words of a policy what is wrong with a JSON text.
func claimsFault(err error, hint string) error {
	problem, ok := errors.AsType[*web.Problem](err)
	if !ok {
		return &Fault{"claims", "it is not a JSON object", hint}
	}
	field := "claims"
	if problem.Field != "" {
		field += "." + problem.Field
	}
	return &Fault{field, strings.Replace(problem.Detail, "the body", "it", 1), hint}
}

// checkMembers walks through a JSON object that is known to be well-formed.
func checkMembers(object string) error {
	d := jsontext.NewDecoder(strings.NewReader(object))
	// The first token opens the object.
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() == '"' {
		var name jsontext.Token
		name, err = d.ReadToken()
		if err != nil {
			break
		}
		fault := checkName(name.String())
		if fault != nil {
			return fault
		}
		fault = checkValue(d, "claims."+cut(name.String()))
		if fault != nil {
			return fault
		}
	}
	if err != nil {
		return &Fault{"claims", "it is not JSON", "write a JSON object"}
	}
	return nil
}

func checkName(name string) error {
	if name == "" {
		return &Fault{"claims", "it has a claim without a name", "give the claim a name"}
	}
	// Some receivers, those in Go among them, do not tell Sub from sub, and the last
	// of two wins.
	taken := func(one string) bool { return strings.EqualFold(one, name) }
	if slices.ContainsFunc(reserved, taken) {
		return &Fault{
			"claims." + name, "the name " + name + " is reserved: it says something about the token itself",
			"choose another name; reserved are " + strings.Join(reserved, ", "),
		}
	}
	return nil
}

// checkValue reads one value. Its depth counts from the object that holds it.
func checkValue(d *jsontext.Decoder, field string) error {
	for outside := d.StackDepth(); ; {
		token, err := d.ReadToken()
		if err != nil {
			return &Fault{field, "it is not JSON", "write a JSON value"}
		}
		if d.StackDepth() > deepestClaims {
			return &Fault{field, fmt.Sprintf("it is nested deeper than %d levels", deepestClaims), "make it flatter"}
		}
		if token.Kind() == '0' {
			_, err = strconv.ParseFloat(token.String(), 64)
		}
		if err != nil {
			// A receiver that cannot hold it refuses the whole token.
			return &Fault{field, "it holds a number that is too large to be read as one", "write it as a string"}
		}
		if d.StackDepth() == outside {
			return nil
		}
	}
}

// appendable turns an object into members to append to others.
func appendable(object string) []byte {
	if object == "" {
		return nil
	}
	return []byte("," + object[1:len(object)-1])
}
