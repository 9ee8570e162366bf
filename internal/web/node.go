package web

import (
	"net/netip"
	"strings"
)

// nodeAddress reads the address of a node, with a port or without. An IPv6
// address without brackets is taken too, as X-Forwarded-For has it.
func nodeAddress(text string) (netip.Addr, bool) {
	host, port := strings.TrimSpace(text), ""
	inside, bracketed := strings.CutPrefix(host, "[")
	switch {
	case bracketed:
		// RFC 7239 §6: an IPv6 address stands in brackets.
		var closed bool
		host, port, closed = strings.Cut(inside, "]")
		if !closed || !strings.Contains(host, ":") {
			return netip.Addr{}, false
		}
	case strings.Count(host, ":") == 1:
		colon := strings.IndexByte(host, ':')
		host, port = host[:colon], host[colon:]
	}
	// RFC 7239 §6.2: a proxy that does not know the address, or does not tell it,
	// writes unknown.
	// RFC 7239 §6.3: or it writes a name of its own making.
	address, err := netip.ParseAddr(host)
	if err != nil || address.Zone() != "" || !isPort(port) {
		return netip.Addr{}, false
	}
	return address.Unmap(), true
}

// isPort reports whether what follows an address is a port, or nothing. The
// port is not looked at; it may be a name as well.
func isPort(text string) bool {
	port, found := strings.CutPrefix(text, ":")
	if !found {
		return text == ""
	}
	if strings.HasPrefix(port, "_") {
		return true
	}
	return port != "" && len(port) <= 5 && strings.Trim(port, "0123456789") == ""
}
