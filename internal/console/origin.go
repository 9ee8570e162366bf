package console

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// The policy allows nothing that a page does not have: what gets into a page in spite of
// its template can neither run nor call home.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func protect(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// origin is the console as a browser has reached it.
type origin struct {
	// text is its scheme and host, and host the host without the port.
	text, host string
	secure     bool
}

// originOf works out where a browser thinks it is. Only the configured name is taken, or
// localhost with any port, which can be a tunnel: a name that somebody else's DNS points
// at this machine is not.
func originOf(configured string, r *http.Request) (origin, bool) {
	if configured != "" {
		u, err := url.Parse(configured)
		if err != nil || !strings.EqualFold(r.Host, u.Host) {
			return origin{}, false
		}
		return origin{configured, u.Hostname(), u.Scheme == "https"}, true
	}
	if hostname(r.Host) != "localhost" {
		return origin{}, false
	}
	return origin{"http://" + r.Host, "localhost", false}, true
}

// localhostFor returns the URL to go to when the console was reached by a loopback
// address: no passkey can be made for an address.
func localhostFor(configured string, r *http.Request) (string, bool) {
	address, err := netip.ParseAddr(strings.Trim(hostname(r.Host), "[]"))
	if configured != "" || err != nil || !address.IsLoopback() || r.Method != http.MethodGet {
		return "", false
	}
	_, port, err := net.SplitHostPort(r.Host)
	host := "localhost"
	if err == nil {
		host = net.JoinHostPort(host, port)
	}
	return "http://" + host + r.URL.RequestURI(), true
}

func hostname(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return hostport
	}
	return host
}
