package token

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Member is a member of the header or of the claims of a JWT; its value is JSON.
type Member struct{ Name, Value string }

// members returns what a JWT that was verified says, in the order of the names: all of
// its header and of its claims, and nothing of its signature.
func members(text string) (header, claims []Member) {
	parts := strings.Split(text, ".")
	return membersOf(parts[0]), membersOf(parts[1])
}

func membersOf(part string) []Member {
	plain, err := base64.RawURLEncoding.DecodeString(part)
	var all map[string]jsontext.Value
	if err == nil {
		err = json.Unmarshal(plain, &all)
	}
	if err != nil {
		return nil // never: it was verified
	}
	var list []Member
	for _, name := range slices.Sorted(maps.Keys(all)) {
		value := all[name]
		_ = value.Compact() // it was read as JSON just now
		list = append(list, Member{name, string(value)})
	}
	return list
}
