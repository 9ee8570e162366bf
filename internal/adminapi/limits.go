package adminapi

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
)

// administers reports whether a key can call the Admin API.
func administers(key admin.Key) bool {
	return slices.ContainsFunc(key.Scopes, func(scope string) bool { return slices.Contains(admin.Scopes(), scope) })
}

// within refuses a key that could call the Admin API with fewer limits than the caller
// has: through such a key whoever stole the caller would be rid of them. The limits of the
// caller say from where and for how long it may administer, not how the keys of customers
// are used, so those without a scope of the Admin API have limits of their own.
func (c *caller) within(key admin.Key) error {
	if !administers(key) {
		return nil
	}
	field := c.exceeded(key)
	if field == "" {
		return nil
	}
	return forbidden(field, "a key of the Admin API cannot have fewer limits than the key that makes or changes it, and its "+field+" would",
		"send "+field+" within what the calling key has, or let an operator do it")
}

// exceeded names the member in which a key has fewer limits than the caller; empty when
// there is none.
func (c *caller) exceeded(key admin.Key) string {
	own := c.key
	switch {
	case !isPart(key.Networks, own.Networks, networkIn):
		return "networks"
	case !isPart(key.Origins, own.Origins, func(a, b string) bool { return a == b }):
		return "origins"
	case !own.ValidUntil.IsZero() && (key.ValidUntil.IsZero() || key.ValidUntil.After(own.ValidUntil)):
		return "valid_until"
	case beyond(int(key.AccessTokenLifetime), int(own.AccessTokenLifetime)):
		return "access_token_lifetime"
	case beyond(key.RequestsPerSecond, own.RequestsPerSecond):
		return "requests_per_second"
	case beyond(burstOf(key), burstOf(own)):
		return "burst"
	case beyond(key.TokensPerHour, own.TokensPerHour):
		return "tokens_per_hour"
	case beyond(key.TokensPerDay, own.TokensPerDay):
		return "tokens_per_day"
	}
	return ""
}

// isPart reports whether each of the wanted is in one of those held. No list is everything.
func isPart(wanted, held []string, in func(wanted, held string) bool) bool {
	if len(held) == 0 {
		return true
	}
	return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(w string) bool {
		return !slices.ContainsFunc(held, func(h string) bool { return in(w, h) })
	})
}

func networkIn(wanted, held string) bool {
	inner, err := netip.ParsePrefix(wanted)
	if err != nil {
		return false
	}
	outer, err := netip.ParsePrefix(held)
	return err == nil && inner.Bits() >= outer.Bits() && outer.Contains(inner.Addr())
}

// beyond compares two limits, of which zero is none.
func beyond(wanted, held int) bool { return held > 0 && (wanted == 0 || wanted > held) }

// burstOf is how many requests may come at once; without a burst, a second's worth.
func burstOf(key admin.Key) int {
	if key.Burst == 0 {
		return key.RequestsPerSecond
	}
	return key.Burst
}

// maySay refuses static claims that a caller with an owner does not have itself: they may
// say whose the tokens are.
func (c *caller) maySay(claims jsontext.Value) error {
	if c.key.Owner == "" || len(claims) == 0 {
		return nil
	}
	var wanted, held map[string]jsontext.Value
	err := web.DecodeJSON(claims, &wanted)
	if err == nil && len(c.key.Claims) > 0 {
		err = web.DecodeJSON(c.key.Claims, &held)
	}
	if err != nil {
		return err
	}
	for name, value := range wanted {
		if !sameJSON(value, held[name]) {
			field := "claims"
			if !strings.ContainsAny(name, ".[]") {
				field += "." + name
			}
			return forbidden(field, "a key with an owner sets only static claims that it has itself, with the same value", "leave it out, or let an operator set it")
		}
	}
	return nil
}

func sameJSON(a, b jsontext.Value) bool {
	a, b = a.Clone(), b.Clone()
	return a.Canonicalize() == nil && b.Canonicalize() == nil && string(a) == string(b)
}

// hasLimits reports whether there is anything in which a key could exceed the caller.
func (c *caller) hasLimits() bool { return c.key.Owner != "" || c.exceeded(admin.Key{}) != "" }
