package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// The most that a policy may ask for.
const (
	mostEntries = 100
	mostASecond = 1_000_000
	mostTokens  = 1_000_000_000
)

// Fault is what is wrong with a policy, for the operator who wrote it.
type Fault struct {
	// Field is the member as it is called in the admin API, with the index in a
	// list: origins[0].
	Field string
	// Reason says what is wrong, and Hint what to do.
	Reason, Hint string
}

func (f *Fault) Error() string { return f.Field + ": " + f.Reason }

// Check returns nil for a policy that can be applied, and otherwise the *Fault of
// the first member that cannot.
func Check(p store.Policy) error {
	_, err := Normalize(p)
	return err
}

// Normalize returns the policy in the form that is stored, so that policies that
// mean the same are equal. The error is that of [Check].
func Normalize(p store.Policy) (store.Policy, error) {
	var err error
	p.Origins, err = normalizeList("origins", p.Origins, normalizeOrigin)
	if err != nil {
		return store.Policy{}, err
	}
	p.Networks, err = normalizeList("networks", p.Networks, normalizeNetwork)
	if err != nil {
		return store.Policy{}, err
	}
	p.ValidFrom, p.ValidUntil = normalizeTime(p.ValidFrom), normalizeTime(p.ValidUntil)
	if !p.ValidUntil.IsZero() && !p.ValidFrom.Before(p.ValidUntil) {
		return store.Policy{}, &Fault{
			"valid_until", "it is not after valid_from, so that the key would never be valid", "write a later time, or leave one of them out",
		}
	}
	err = checkLimits(p)
	if err != nil {
		return store.Policy{}, err
	}
	p.Claims, err = normalizeClaims(p.Claims)
	if err != nil {
		return store.Policy{}, err
	}
	return p, nil
}

// normalizeTime gives a time the precision of the store.
func normalizeTime(at time.Time) time.Time {
	if at.IsZero() {
		return time.Time{}
	}
	return at.UTC().Truncate(time.Millisecond)
}

// normalizeList gives each element its one spelling and keeps each once.
func normalizeList(field string, list []string, normalize func(string) (string, *Fault)) ([]string, error) {
	if len(list) > mostEntries {
		return nil, &Fault{field, fmt.Sprintf("there are %d, and a key may have %d", len(list), mostEntries), "share them out between several keys"}
	}
	var normal []string
	for i, text := range list {
		one, fault := normalize(text)
		if fault != nil {
			fault.Field = fmt.Sprintf("%s[%d]", field, i)
			return nil, fault
		}
		if !slices.Contains(normal, one) {
			normal = append(normal, one)
		}
	}
	return normal, nil
}

func normalizeOrigin(text string) (string, *Fault) {
	origin, ok := CanonicalOrigin(text)
	if ok {
		return origin, nil
	}
	const form = "write the scheme, the host and, unless it is the default, the port: https://app.example.com"
	switch {
	case text == "null":
		return "", &Fault{Reason: "null is what browsers send when they do not tell the origin, so anybody could send it", Hint: form}
	case strings.Contains(text, "*"):
		return "", &Fault{Reason: fmt.Sprintf("%q holds a *, and origins are listed one by one", cut(text)), Hint: form}
	case !isASCII(text):
		return "", &Fault{Reason: fmt.Sprintf("%+q is not in ASCII", cut(text)), Hint: "write the host as browsers send it, with its xn-- labels"}
	case !strings.Contains(text, "://"):
		return "", &Fault{Reason: fmt.Sprintf("%q has no scheme", cut(text)), Hint: form}
	}
	bare, ok := CanonicalOrigin(ofURL(text))
	if ok {
		return "", &Fault{Reason: fmt.Sprintf("%q is more than an origin", cut(text)), Hint: "write " + bare}
	}
	return "", &Fault{Reason: fmt.Sprintf("%q is not a web origin", cut(text)), Hint: form}
}

func normalizeNetwork(text string) (string, *Fault) {
	const form = "write it in CIDR notation: 192.0.2.0/24 or 2001:db8::/32"
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		address, err := netip.ParseAddr(text)
		if err == nil && address.Zone() == "" {
			return "", &Fault{
				Reason: fmt.Sprintf("%q is an address and not a network", cut(text)),
				Hint:   fmt.Sprintf("write %s for it alone", netip.PrefixFrom(plain(address), plain(address).BitLen())),
			}
		}
		return "", &Fault{Reason: fmt.Sprintf("%q is not a network", cut(text)), Hint: form}
	}
	if prefix != prefix.Masked() {
		return "", &Fault{
			Reason: fmt.Sprintf("%q has bits set behind its first %d", cut(text), prefix.Bits()), Hint: fmt.Sprintf("write %s for the network", prefix.Masked()),
		}
	}
	const mapped = 96
	if prefix.Addr().Is4In6() && prefix.Bits() >= mapped {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-mapped)
	}
	return prefix.String(), nil
}

func checkLimits(p store.Policy) error {
	for _, limit := range []struct {
		field       string
		value, most int
	}{
		{"requests_per_second", p.RequestsPerSecond, mostASecond},
		{"burst", p.Burst, mostASecond},
		{"tokens_per_hour", p.TokensPerHour, mostTokens},
		{"tokens_per_day", p.TokensPerDay, mostTokens},
	} {
		if limit.value < 0 || limit.value > limit.most {
			return &Fault{limit.field, fmt.Sprintf("%d is not between 0 and %d", limit.value, limit.most), "write a number from that range, 0 for no limit"}
		}
	}
	if p.Burst > 0 && p.RequestsPerSecond == 0 {
		return &Fault{"burst", "it says how many requests may come at once, and there is no requests_per_second to go with it", "set requests_per_second, too, or leave burst out"}
	}
	return nil
}

// cut keeps what somebody wrote short enough for a sentence.
func cut(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}
