package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/fault"
)

// validate checks what one setting alone, or its text, cannot show.
func (c Config) validate(dev bool) []error {
	var problems []error
	check := func(key string, err error) {
		if err != nil {
			problems = append(problems, c.from(key, err))
		}
	}
	check("issuer", c.checkIssuer(dev))
	check("listen", checkAddress("listen", c.Listen))
	check("admin_listen", checkAddress("admin_listen", c.AdminListen))
	check("admin_listen", c.checkListeners())
	check("console_url", checkConsoleURL(c.ConsoleURL))
	check("tls.cert_file", needs("tls.cert_file", c.TLS.CertFile, "tls.key_file", c.TLS.KeyFile))
	check("tls.key_file", needs("tls.key_file", c.TLS.KeyFile, "tls.cert_file", c.TLS.CertFile))
	check("signing_keys.rotate_every", c.checkRotation())
	check("signing_keys.jwks_max_age", c.checkMaxAge())
	check("database_url", checkDatabaseURL("database_url", c.DatabaseURL))
	check("database_url", c.excludes("database_url", c.DatabaseURL.Reveal(), "database_url_file", c.DatabaseURLFile))
	check("master_key", c.excludes("master_key", c.MasterKey.Reveal(), "master_key_file", c.MasterKeyFile))
	check("pepper", c.excludes("pepper", c.Pepper.Reveal(), "pepper_file", c.PepperFile))
	return problems
}

// from puts before err where the setting got its value.
func (c Config) from(key string, err error) error {
	if c.Defaulted(key) {
		return err
	}
	return at(c.origins[key], err)
}

func (c Config) checkIssuer(dev bool) error {
	if c.Issuer != "" {
		return checkIssuer(c.Issuer)
	}
	if dev {
		return nil
	}
	return fault.Hint(errors.New("issuer is not set"), "set issuer in the configuration file, GRANTD_ISSUER or --issuer to the public URL of this server, such as https://auth.example.com; with --dev none is needed")
}

func (c Config) checkListeners() error {
	if !sameDoor(c.Listen, c.AdminListen) {
		return nil
	}
	err := fmt.Errorf("listen %s and admin_listen %s are one address", c.Listen, c.AdminListen)
	return fault.Hint(err, "give the admin listener an address of its own, such as 127.0.0.1:8081")
}

// sameDoor reports whether two listeners cannot both be opened: they have one
// port, and one of them takes it on every address.
func sameDoor(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	return hostA == hostB || everywhere(hostA) || everywhere(hostB)
}

func everywhere(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "" || err == nil && address.IsUnspecified()
}

func needs(key, value, other, otherValue string) error {
	if value == "" || otherValue != "" {
		return nil
	}
	err := fmt.Errorf("%s is set without %s", key, other)
	return fault.Hint(err, "set both for TLS, or neither for plain HTTP")
}

// checkRotation sees to it that a signing key is published before its turn comes.
func (c Config) checkRotation() error {
	every, ahead := c.SigningKeys.RotateEvery, c.SigningKeys.JWKSMaxAge+c.MaxStaleness
	if every == 0 || every > ahead {
		return nil
	}
	err := fmt.Errorf("signing_keys.rotate_every is %s, but a new signing key is published %s before it signs", every, ahead)
	return fault.Hint(err, "rotate less often, or shorten signing_keys.jwks_max_age or max_staleness")
}

func (c Config) checkMaxAge() error {
	if c.SigningKeys.JWKSMaxAge%time.Second == 0 {
		return nil
	}
	err := fmt.Errorf("signing_keys.jwks_max_age is %s", c.SigningKeys.JWKSMaxAge)
	return fault.Hint(err, "Cache-Control counts in seconds; leave out the fraction")
}

func (c Config) excludes(key, value, other, otherValue string) error {
	if value == "" || otherValue == "" {
		return nil
	}
	err := fmt.Errorf("%s and %s are both set", key, other)
	return fault.Hint(err, "remove one of them; %s comes from %s", other, c.origins[other])
}

// checkAddress accepts host:port with a number as the port, 0 included.
func checkAddress(key, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || (host != "" && !isHost(host)) {
		err = fmt.Errorf("%s must be host:port, not %.60q", key, address)
		return fault.Hint(err, "write an address such as 127.0.0.1:8080 or [::1]:8080, or :8080 for every interface")
	}
	return nil
}

// isHost reports whether host is an IP address or looks like a name in DNS.
func isHost(host string) bool {
	_, err := netip.ParseAddr(host)
	if err == nil {
		return true
	}
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notLabel) {
			return false
		}
	}
	return true
}

func notLabel(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		return false
	}
	return true
}
