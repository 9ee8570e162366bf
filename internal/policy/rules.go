package policy

import (
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// Rules are the policy of one key, ready to be applied. But for its counters they
// never change. A nil *Rules allows everything.
type Rules struct {
	origins     []string
	networks    []netip.Prefix
	from, until time.Time
	second      pace
	hour, day   quota
	// advertised is the field RateLimit-Policy; empty without a limit.
	advertised string
	claims     []byte
	// closed refuses everything.
	closed   bool
	counters *counters
}

// Request is what the rules look at.
type Request struct {
	// Origin and Referer are the headers of these names; empty when they are not
	// there.
	Origin, Referer string
	// Address is where the request comes from; the zero Addr when that is unknown.
	Address netip.Addr
}

// Compile makes the rules of a policy; nil for one that allows everything. The
// error is that of [Check].
func Compile(p store.Policy) (*Rules, error) {
	if empty(p) {
		return nil, nil //nolint:nilnil // no rules are the rules of nearly every key
	}
	p, err := Normalize(p)
	if err != nil {
		return nil, err
	}
	r := &Rules{
		origins:  p.Origins,
		from:     p.ValidFrom,
		until:    p.ValidUntil,
		second:   newPace(p.RequestsPerSecond, p.Burst),
		hour:     quota{limit: p.TokensPerHour, length: time.Hour},
		day:      quota{limit: p.TokensPerDay, length: 24 * time.Hour},
		claims:   appendable(p.Claims),
		counters: &counters{},
	}
	for _, text := range p.Networks {
		r.networks = append(r.networks, netip.MustParsePrefix(text))
	}
	r.advertised = r.advertise()
	return r, nil
}

// Closed are the rules of a key whose policy cannot be read: they refuse
// everything, because what the policy forbade is not known.
func Closed() *Rules { return &Rules{closed: true, counters: &counters{}} }

func empty(p store.Policy) bool {
	return len(p.Origins) == 0 && len(p.Networks) == 0 && p.ValidFrom.IsZero() && p.ValidUntil.IsZero() &&
		p.RequestsPerSecond == 0 && p.Burst == 0 && p.TokensPerHour == 0 && p.TokensPerDay == 0 && p.Claims == ""
}

// Continue takes over what was counted under the rules that the key had before,
// which may be nil. Call it before the rules are used.
func (r *Rules) Continue(old *Rules) {
	if r != nil && old != nil {
		// They are shared: a request that began under the old rules counts, too.
		r.counters = old.counters
	}
}

// Admit returns nil when the rules allow the request, and otherwise the
// *web.Error to answer with. It counts nothing.
func (r *Rules) Admit(q Request, now time.Time) error {
	err := r.AdmitTime(now)
	if err != nil {
		return err
	}
	err = r.AdmitOrigin(q)
	if err != nil {
		return err
	}
	return r.AdmitNetwork(q)
}

// AdmitTime is the part of [Rules.Admit] about when the key is valid.
func (r *Rules) AdmitTime(now time.Time) error {
	if r.Valid(now) {
		return nil
	}
	if r.closed {
		return r.refuseClosed()
	}
	if now.Before(r.from) {
		return web.Refuse(oauth.InvalidClient, "this key is not valid before "+r.from.Format(time.RFC3339)+"; use it from then on")
	}
	return web.Refuse(oauth.InvalidClient, "this key was valid until "+r.until.Format(time.RFC3339)+"; ask for a new one")
}

// AdmitOrigin is the part of [Rules.Admit] about web origins.
func (r *Rules) AdmitOrigin(q Request) error {
	if r == nil || len(r.origins) == 0 {
		return nil
	}
	header, origin, known := originOf(q)
	switch {
	case header == "":
		return web.Refuse(oauth.AccessDenied,
			"this key is for certain web origins, and the request has no Origin and no Referer header; send the Origin header of one that the key lists")
	case !known:
		return web.Refuse(oauth.AccessDenied,
			"the "+header+" header names no web origin, and this key is for certain ones; send the Origin header of one that the key lists")
	case slices.Contains(r.origins, origin):
		return nil
	}
	return web.RefuseQuoting(oauth.AccessDenied,
		"the "+header+" header names "+origin+", which this key does not list; use the key from an origin that it lists, or have this one added")
}

// AdmitNetwork is the part of [Rules.Admit] about networks.
func (r *Rules) AdmitNetwork(q Request) error {
	if r == nil || len(r.networks) == 0 {
		return nil
	}
	if !q.Address.IsValid() {
		return web.Refuse(oauth.AccessDenied, "this key is for certain networks, and the server cannot tell the address of the request; ask its operator")
	}
	address := plain(q.Address)
	for _, network := range r.networks {
		if network.Contains(address) {
			return nil
		}
	}
	return web.Refuse(oauth.AccessDenied,
		"the request comes from "+address.String()+", which is in none of the networks of this key; use the key from one of them, or have this one added")
}

// Valid reports whether the key may be used at the instant.
func (r *Rules) Valid(now time.Time) bool {
	return r == nil || !r.closed && !now.Before(r.from) && (r.until.IsZero() || now.Before(r.until))
}

// Until is from when on the key is not valid any more; the zero time when it has
// no end.
func (r *Rules) Until() time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.until
}

// AllowsOrigin reports whether the origin is one that the key lists; none is when
// there is no list.
func (r *Rules) AllowsOrigin(origin string) bool {
	if r == nil || len(r.origins) == 0 {
		return false
	}
	canonical, ok := CanonicalOrigin(origin)
	return ok && slices.Contains(r.origins, canonical)
}

// Origins lists the origins of the key in the form of [CanonicalOrigin]. The
// caller must not change the list.
func (r *Rules) Origins() []string {
	if r == nil {
		return nil
	}
	return r.origins
}

// Claims are the static claims as members that can be appended to those of a JSON
// object that has some: `,"tenant":"acme"`. They are nil when there are none. The
// caller must not change them.
func (r *Rules) Claims() []byte {
	if r == nil {
		return nil
	}
	return r.claims
}

// refuseClosed returns nil unless the rules are closed.
func (r *Rules) refuseClosed() error {
	if r == nil || !r.closed {
		return nil
	}
	return web.Refuse(oauth.InvalidClient, "the policy of this key cannot be read by the server; ask its operator, whose log says why")
}

// plain returns an address in the form in which it is compared: IPv4 as such, and
// without the name of an interface.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// refuseRate makes the answer to a request beyond a limit.
func refuseRate(sentence string, wait time.Duration) error {
	e := web.Refuse(oauth.TemporarilyUnavailable, sentence)
	// RFC 6585 §4: too many requests are 429, and the answer may say how long to wait.
	e.Status = http.StatusTooManyRequests
	e.RetryAfter = wait
	return e
}
