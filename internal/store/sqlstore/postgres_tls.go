package sqlstore

import (
	"crypto/tls"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Exposed returns the hosts of a URL that somebody between here and them could speak
// for: those reached without TLS, or with TLS that checks no certificate, as pgx does
// when the URL has no sslmode. Loopback addresses and Unix sockets are not among them,
// nor is anything of a URL that cannot be read.
func Exposed(text string) []string {
	config, err := parseURL(text)
	if err != nil {
		return nil
	}
	var hosts []string
	note := func(host string, port uint16, t *tls.Config) {
		name := hostPort(host, port)
		if !isHere(host) && !checked(t) && !slices.Contains(hosts, name) {
			hosts = append(hosts, name)
		}
	}
	note(config.Host, config.Port, config.TLSConfig)
	for _, other := range config.Fallbacks {
		note(other.Host, other.Port, other.TLSConfig)
	}
	return hosts
}

func isHere(host string) bool {
	network, _ := pgconn.NetworkAddress(host, 0)
	ip := net.ParseIP(host)
	return network == "unix" || strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// checked reports whether a connection demands a certificate that it trusts. pgx checks
// the chain for verify-ca itself, because crypto/tls would check the name as well.
func checked(t *tls.Config) bool {
	return t != nil && (!t.InsecureSkipVerify || t.VerifyPeerCertificate != nil || t.VerifyConnection != nil)
}
