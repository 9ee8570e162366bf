package policy

import (
	"net/netip"
	"strconv"
	"strings"
)

// longestOrigin is what a scheme, the longest host name and a port come to.
const longestOrigin = 300

// originOf returns the origin that a request names, and the header that does so.
//
// RFC 6454 §7.1: null is the origin of nobody, so it is not looked for in the
// Referer: that counts only when there is no Origin header.
func originOf(q Request) (header, origin string, known bool) {
	switch {
	case q.Origin != "":
		origin, known = CanonicalOrigin(q.Origin)
		return "Origin", origin, known
	case q.Referer != "":
		origin, known = CanonicalOrigin(ofURL(q.Referer))
		// No URL holds a space; several headers do that were joined into one.
		return "Referer", origin, known && !strings.Contains(q.Referer, " ")
	}
	return "", "", false
}

// ofURL cuts a URL after its authority.
func ofURL(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		return url
	}
	return url[:len(scheme)+len("://")+end]
}

// CanonicalOrigin returns the one spelling of a web origin, so that equal origins
// are equal strings: in lower case, and without a port that goes without saying.
// It reports false for what is no origin, such as null, a URL with a path or a
// user name, and *.
//
// RFC 6454 §4: an origin is a scheme, a host and a port.
func CanonicalOrigin(text string) (string, bool) {
	// Some letters beyond ASCII have one of ASCII as their lower case.
	if len(text) > longestOrigin || !isASCII(text) {
		return "", false
	}
	scheme, rest, found := strings.Cut(strings.ToLower(text), "://")
	if !found || !isScheme(scheme) {
		return "", false
	}
	host, port, ok := splitHost(rest)
	if !ok {
		return "", false
	}
	if port == "" || port == defaultPort(scheme) {
		return scheme + "://" + host, true
	}
	return scheme + "://" + host + ":" + port, true
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] > 0x7e {
			return false
		}
	}
	return true
}

func isScheme(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return text != ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func defaultPort(scheme string) string {
	switch scheme {
	case "https", "wss":
		return "443"
	case "http", "ws":
		return "80"
	}
	return ""
}

// splitHost reads host and port, and gives both their one spelling.
func splitHost(text string) (host, port string, ok bool) {
	host, port = text, ""
	colon := strings.LastIndexByte(text, ':')
	if colon > strings.LastIndexByte(text, ']') {
		host = text[:colon]
		number, err := strconv.ParseUint(text[colon+1:], 10, 16)
		if err != nil || number == 0 {
			return "", "", false
		}
		port = strconv.FormatUint(number, 10)
	}
	if strings.HasPrefix(host, "[") {
		host, ok = canonicalIPv6(host)
		return host, port, ok
	}
	return host, port, isHostName(host)
}

func canonicalIPv6(host string) (string, bool) {
	inner, closed := strings.CutSuffix(host[1:], "]")
	address, err := netip.ParseAddr(inner)
	if !closed || err != nil || !address.Is6() || address.Zone() != "" {
		return "", false
	}
	return "[" + address.String() + "]", true
}

// isHostName takes IPv4 addresses, too: they are written with the same characters.
func isHostName(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && !isDigit(c) && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return text != "" && len(text) <= 253
}
