package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/grantd/grantd/internal/fault"
)

// checkIssuer accepts an issuer that every client compares and joins the same
// way. Nothing of it is put right in silence: clients compare the issuer
// character by character, so the operator has to know exactly what it is.
//
// The messages do not repeat the value, which might hold a password.
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return fault.Hint(errors.New("issuer is not an absolute URL"), "write it like https://auth.example.com or https://example.com/auth")
	}
	if u.User != nil {
		return fault.Hint(errors.New("issuer holds a user name"), "remove everything up to the @; the issuer is public")
	}
	// RFC 8414 §2: the issuer has no query and no fragment, not even an empty one.
	if strings.ContainsAny(issuer, "?#") {
		return fault.Hint(errors.New("issuer has a query or a fragment"), "remove the ? or # and what follows")
	}
	err = checkIssuerScheme(u, issuer)
	if err != nil {
		return err
	}
	err = checkIssuerHost(u)
	if err != nil {
		return err
	}
	return checkIssuerPath(u.EscapedPath())
}

func checkIssuerScheme(u *url.URL, issuer string) error {
	if !strings.HasPrefix(issuer, "https://") && !strings.HasPrefix(issuer, "http://") {
		return fault.Hint(errors.New("issuer does not begin with https://"), "write it like https://auth.example.com")
	}
	if u.Scheme == "https" {
		return nil
	}
	// RFC 8414 §2: the issuer uses https. A loopback address never leaves the
	// machine, which is what the rule protects.
	if isLoopback(u.Hostname()) {
		return nil
	}
	return fault.Hint(errors.New("issuer is http and its host is not loopback"), "write https; behind a proxy that ends TLS the issuer is the proxy's https URL")
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost"
	}
	return addr.IsLoopback()
}

func checkIssuerHost(u *url.URL) error {
	host, port := u.Hostname(), u.Port()
	addr, err := netip.ParseAddr(host)
	exact := err != nil || addr.String() == host && addr.Zone() == ""
	if !isHost(host) || !exact || strings.ToLower(host) != host {
		return fault.Hint(errors.New("issuer has a host that clients would spell in another way"), "write the host in small ASCII letters, a name in another script in its xn-- form, an IPv6 address in its short form")
	}
	if port == "" && !strings.HasSuffix(u.Host, ":") {
		return nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return fault.Hint(errors.New("issuer has a port that is not a number from 1 to 65535"), "write the port as in https://auth.example.com:8443")
	}
	if (u.Scheme == "https" && n == 443) || (u.Scheme == "http" && n == 80) {
		return fault.Hint(fmt.Errorf("issuer names the port that %s has anyway", u.Scheme), "remove :%d; many clients remove it and then see another issuer", n)
	}
	return nil
}

func checkIssuerPath(p string) error {
	// RFC 8414 §3: clients remove a slash at the end before they build the URL of
	// the metadata, and then find an issuer in it that they did not ask for.
	if strings.HasSuffix(p, "/") {
		return fault.Hint(errors.New("issuer ends with a slash"), "remove the slash at its end")
	}
	if p != "" && path.Clean(p) != p {
		return fault.Hint(errors.New("issuer has . or .. or an empty segment in its path"), "write the path without them")
	}
	if strings.ContainsFunc(p, notPath) {
		return fault.Hint(errors.New("issuer has a character in its path that clients may encode in another way"), "use only letters, digits and - . _ ~ in its path")
	}
	return nil
}

func notPath(r rune) bool { return notLabel(r) && r != '.' && r != '~' && r != '/' }
