package main

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	audience = "https://ledger.cluster.example"
	scope    = "/entries.read"
)

// register is a field of a key that one client counts up. Several registers can be
// of one key: then nodes change the same key at once.
type register struct {
	key   key
	field string
}

func (r register) what() string { return r.field + " of " + r.key.ID }

// fields are those that can be registers, one for each node.
var fields = []string{"name", "access_token_lifetime", "requests_per_second"}

// least is what the first number is in a field, within what is allowed there.
const least = 1000

func (r register) encode(number int) any {
	if r.field == "name" {
		return fmt.Sprint("number ", number)
	}
	return least + number
}

func (r register) decode(s shown) int {
	number := 0
	switch r.field {
	case "name":
		number, _ = strconv.Atoi(strings.TrimPrefix(s.Name, "number "))
	case "access_token_lifetime":
		number = s.Lifetime - least
	case "requests_per_second":
		number = s.Rate - least
	}
	return max(number, 0)
}
