package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// policyFlags say what the requests of a key must comply with, beside its scopes.
type policyFlags struct {
	Origin        []string `sep:"none" placeholder:"URL" help:"Web origin that may use the key, such as https://app.example.com. Repeat it for several; without it, any."`
	Network       []string `sep:"none" placeholder:"CIDR" help:"Network that may use the key, such as 192.0.2.0/24. Repeat it for several; without it, any."`
	Rate          *int     `placeholder:"50" help:"How many requests a second the key may make in the long run."`
	Burst         *int     `placeholder:"100" help:"How many requests it may make at once. Without it, as many as --rate."`
	TokensPerHour *int     `placeholder:"1000" help:"How many access tokens the key may get in an hour."`
	TokensPerDay  *int     `placeholder:"10000" help:"How many access tokens the key may get in a day."`
	Claim         []claim  `sep:"none" placeholder:"NAME=TEXT" help:"Claim that its access tokens carry; NAME:=JSON for what is no text. Repeat it for several."`
	ValidFrom     instant  `placeholder:"TIME" help:"From when on the key may be used, such as 2027-01-31T18:00:00Z."`
	ValidUntil    instant  `placeholder:"TIME" help:"Until when the key may be used; its tokens end then, too."`
}

// claim is a flag such as tenant=acme, or level:=3.
type claim struct {
	name  string
	value jsontext.Value
}

// UnmarshalText reads a name with its value.
func (c *claim) UnmarshalText(text []byte) error {
	name, value, found := strings.Cut(string(text), "=")
	name, raw := strings.CutSuffix(name, ":")
	if !found || name == "" {
		return fmt.Errorf("%q is not a claim; write it like tenant=acme, or level:=3 for what is no text", text)
	}
	if !raw {
		quoted, err := jsontext.AppendQuote(nil, value)
		if err != nil {
			return errors.New("the value of a claim must be UTF-8")
		}
		*c = claim{name, quoted}
		return nil
	}
	c.name, c.value = name, jsontext.Value(value)
	if !c.value.IsValid() {
		return fmt.Errorf("the value of claim %q is not JSON; a text goes after = without the colon", name)
	}
	return nil
}

// claims returns the flags as one JSON object, nil when there is none.
func (f policyFlags) claims() (jsontext.Value, error) {
	if len(f.Claim) == 0 {
		return nil, nil
	}
	object := []byte{'{'}
	seen := map[string]bool{}
	for i, c := range f.Claim {
		if seen[c.name] {
			return nil, misuse("give it once; several values are a list, as in "+c.name+`:=["a","b"]`, "claim %q is there twice", c.name)
		}
		seen[c.name] = true
		if i > 0 {
			object = append(object, ',')
		}
		// A flag is text of the command line; what is not UTF-8 in it the server refuses.
		object, _ = jsontext.AppendQuote(object, c.name)
		object = append(append(object, ':'), c.value...)
	}
	return append(object, '}'), nil
}

// valueOf is zero, which sets no limit, for a flag that is not there.
func valueOf(flag *int) int {
	if flag == nil {
		return 0
	}
	return *flag
}
