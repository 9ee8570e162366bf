package config_test

import (
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/config"
	"github.com/grantd/grantd/internal/fault"
)

func TestIssuer(t *testing.T) {
	tests := []struct {
		name, issuer, want string
	}{
		{"RFC 8414 §2: an https URL", "https://auth.example.com", ""},
		{"RFC 8414 §2: a path is allowed", "https://example.com/tenants/a-1", ""},
		{"a port is allowed", "https://auth.example.com:8443", ""},
		{"http on localhost", "http://localhost:8080", ""},
		{"http on 127.0.0.0/8", "http://127.9.9.9:8080/x", ""},
		{"http on ::1", "http://[::1]:8080", ""},
		{"RFC 8414 §2: http elsewhere", "http://auth.example.com", "issuer is http and its host is not loopback"},
		{"a host that only begins like localhost", "http://localhost.example.com", "issuer is http and its host is not loopback"},
		{"another scheme", "ftp://auth.example.com", "issuer does not begin with https://"},
		{"a scheme in capitals", "HTTPS://auth.example.com", "issuer does not begin with https://"},
		{"no scheme", "auth.example.com", "issuer is not an absolute URL"},
		{"no host", "https:///x", "issuer is not an absolute URL"},
		{"no slashes", "https:auth.example.com", "issuer is not an absolute URL"},
		{"not a URL", "https://a b", "issuer is not an absolute URL"},
		{"RFC 8414 §2: a query", "https://auth.example.com?x=1", "issuer has a query or a fragment"},
		{"RFC 8414 §2: an empty query", "https://auth.example.com?", "issuer has a query or a fragment"},
		{"RFC 8414 §2: a fragment", "https://auth.example.com#x", "issuer has a query or a fragment"},
		{"RFC 8414 §2: an empty fragment", "https://auth.example.com#", "issuer has a query or a fragment"},
		{"a user name", "https://me:hunter2@auth.example.com", "issuer holds a user name"},
		{"RFC 8414 §3: a slash after the host", "https://auth.example.com/", "issuer ends with a slash"},
		{"RFC 8414 §3: a slash after the path", "https://example.com/auth/", "issuer ends with a slash"},
		{"an empty segment", "https://example.com//auth", "issuer has . or .. or an empty segment in its path"},
		{"a parent segment", "https://example.com/a/../b", "issuer has . or .. or an empty segment in its path"},
		{"an escape", "https://example.com/a%2Fb", "issuer has a character in its path that clients may encode in another way"},
		{"a host in capitals", "https://Auth.example.com", "issuer has a host that clients would spell in another way"},
		{"a host in another script", "https://bücher.example", "issuer has a host that clients would spell in another way"},
		{"a long form of an IPv6 address", "http://[0:0::1]", "issuer has a host that clients would spell in another way"},
		{"the default port of https", "https://auth.example.com:443", "issuer names the port that https has anyway"},
		{"the default port of http", "http://localhost:80", "issuer names the port that http has anyway"},
		{"an empty port", "https://auth.example.com:", "issuer has a port that is not a number from 1 to 65535"},
		{"port 0", "http://localhost:0", "issuer has a port that is not a number from 1 to 65535"},
		{"a port that is too large", "https://auth.example.com:65536", "issuer has a port that is not a number from 1 to 65535"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.Load(config.Sources{Flags: map[string]string{"issuer": tt.issuer}})
			want := tt.want
			if want != "" {
				want = "flag --issuer: " + want
			}
			if text(err) != want || (err != nil) != (fault.HintOf(err) != "") {
				t.Errorf("issuer %s\n got %s, hint %q\nwant %s", tt.issuer, text(err), fault.HintOf(err), want)
			}
		})
	}
}

func TestIssuerIsRequiredOutsideDevelopment(t *testing.T) {
	_, err := config.Load(config.Sources{})
	if text(err) != "issuer is not set" || !strings.Contains(fault.HintOf(err), "GRANTD_ISSUER") {
		t.Errorf("got %s, hint %q", text(err), fault.HintOf(err))
	}
}

func TestAddresses(t *testing.T) {
	good := []string{":8080", "127.0.0.1:0", "[::1]:8080", "[fe80::1%eth0]:1", "localhost:65535", "my_host.internal:1", "0.0.0.0:0"}
	for _, address := range good {
		_, err := config.Load(config.Sources{Dev: true, Flags: map[string]string{"listen": address}})
		if err != nil {
			t.Errorf("listen %s: %v", address, err)
		}
	}
	bad := []string{"8080", "localhost", ":", ":http", ":65536", ":-1", "::1:80", "a b:1", "-x:1", "a..b:1", strings.Repeat("a", 64) + ":1", strings.Repeat("a.", 127) + "a:1", "http://localhost:80", "/run/x.sock"}
	for _, address := range bad {
		_, err := config.Load(config.Sources{Dev: true, Flags: map[string]string{"admin_listen": address}})
		if !strings.HasPrefix(text(err), "flag --admin-listen: admin_listen must be host:port, not ") || fault.HintOf(err) == "" {
			t.Errorf("admin_listen %s: got %s, hint %q", address, text(err), fault.HintOf(err))
		}
	}
}

func TestSettingsThatDependOnEachOther(t *testing.T) {
	tests := []struct {
		name, yaml, want, hint string
	}{
		{"a certificate without a key", "tls: {cert_file: a}", "grantd.yaml:1: tls.cert_file is set without tls.key_file", "both"},
		{"a key without a certificate", "tls: {key_file: a}", "grantd.yaml:1: tls.key_file is set without tls.cert_file", "both"},
		{"a certificate with its key", "tls: {cert_file: a, key_file: b}", "", ""},
		{"a master key twice", "master_key: a\nmaster_key_file: b", "grantd.yaml:1: master_key and master_key_file are both set", "master_key_file comes from grantd.yaml:2"},
		{"a pepper twice", "pepper: a\npepper_file: b", "grantd.yaml:1: pepper and pepper_file are both set", "pepper_file comes from grantd.yaml:2"},
		{"one address for two listeners", "listen: :1\nadmin_listen: :1", "grantd.yaml:2: listen :1 and admin_listen :1 are one address", "own"},
		{"one port on every address and on one", "listen: :1\nadmin_listen: 127.0.0.1:1", "grantd.yaml:2: listen :1 and admin_listen 127.0.0.1:1 are one address", "own"},
		{"one port on two addresses", "listen: 127.0.0.2:1\nadmin_listen: 127.0.0.1:1", "", ""},
		{"two free ports", "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0", "", ""},
		{"no rotation at all", "signing_keys: {rotate_every: 0s}", "", ""},
		{"a rotation that never stops", "signing_keys: {rotate_every: 59m}", "grantd.yaml:1: signing_keys.rotate_every is 59m", "from 1h to 87600h; 0s leaves it to grantd signing-key rotate"},
		{"a rotation that is quicker than caches", "max_staleness: 30m\nsigning_keys: {rotate_every: 90m, jwks_max_age: 1h}", "grantd.yaml:2: signing_keys.rotate_every is 1h30m0s, but a new signing key is published 1h30m0s before it signs", "less often"},
		{"a rotation that is slower than caches", "max_staleness: 30m\nsigning_keys: {rotate_every: 91m, jwks_max_age: 1h}", "", ""},
		{"caches that keep nothing", "signing_keys: {jwks_max_age: 0s}", "grantd.yaml:1: signing_keys.jwks_max_age is 0s", "from 1s to 24h"},
		{"caches that count fractions", "signing_keys: {jwks_max_age: 1500ms}", "grantd.yaml:1: signing_keys.jwks_max_age is 1.5s", "fraction"},
		{
			"two problems at once", "listen: x\ntls: {key_file: a}",
			"grantd.yaml:1: listen must be host:port, not \"x\"\ngrantd.yaml:2: tls.key_file is set without tls.cert_file", "127.0.0.1:8080",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.Load(config.Sources{File: written(t, tt.yaml), Dev: true})
			if text(err) != tt.want || !strings.Contains(fault.HintOf(err), tt.hint) {
				t.Errorf("Load of %q\n got %s, hint %q\nwant %s, hint %q", tt.yaml, text(err), fault.HintOf(err), tt.want, tt.hint)
			}
		})
	}
}
