package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ForwardedHeader is the header of RFC 7239. [NewProxies] reads X-Forwarded-For
// unless it is given this one.
const ForwardedHeader = "forwarded"

// Proxies are the proxies in front of this server, whose word is taken on where
// a request came from. They write one header, and no other one is read: a header
// that they do not write came from the client.
type Proxies struct {
	networks []netip.Prefix
	header   string
	hops     hops
}

// hops is how a header lists the nodes that a request came through.
type hops struct {
	// cut takes the last element off a list that does not end in a comma.
	cut func(list string) (before, last string)
	// address reads the address of the node out of an element.
	address func(element string) (netip.Addr, bool)
}

// NewProxies returns the proxies in these networks, or nil if there are none.
func NewProxies(networks []netip.Prefix, header string) *Proxies {
	if len(networks) == 0 {
		return nil
	}
	p := &Proxies{networks: slices.Clone(networks), header: "X-Forwarded-For", hops: hops{cutComma, nodeAddress}}
	if header == ForwardedHeader {
		p.header, p.hops = "Forwarded", hops{cutElement, forwardedAddress}
	}
	return p
}

// source is where a request came from.
type source struct {
	// text is for the log.
	text string
	// address is the zero Addr when nobody knows it.
	address netip.Addr
}

// source returns where a request came from. The header is read from its end, which
// each proxy appends to, until an address that is none of the proxies: everything
// before it was written by a stranger.
//
// A proxy that names no address hides its client. The client is not that proxy, so
// it has no address, and no list of networks lets it in.
func (p *Proxies) source(r *http.Request) source {
	address, text := addressOf(r.RemoteAddr), r.RemoteAddr
	// RFC 7239 §8.1: anybody can send the header; it says something from proxies that
	// are known to be ours.
	if !p.trusts(address) {
		return source{text, address}
	}
	// RFC 9110 §5.3: several lines are one list, in order.
	for _, list := range slices.Backward(r.Header[p.header]) {
		for {
			// RFC 9110 §5.6.1: empty elements of a list do not count.
			list = strings.TrimRight(list, ", \t")
			if list == "" {
				break
			}
			var last string
			list, last = p.hops.cut(list)
			next, known := p.hops.address(last)
			if !known {
				return source{text: text}
			}
			address, text = next, next.String()
			if !p.trusts(address) {
				return source{text, address}
			}
		}
	}
	return source{text, address}
}

func (p *Proxies) trusts(address netip.Addr) bool {
	for _, network := range p.networks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// addressOf returns the address in the address of a connection, in the form in
// which networks are compared with it: no IPv4 in IPv6, and no zone, which no
// network has. It is the zero Addr when there is none, as on a Unix socket.
func addressOf(remote string) netip.Addr {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}
