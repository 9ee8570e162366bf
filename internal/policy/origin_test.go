package policy_test

import (
	"testing"

	"github.com/grantd/grantd/internal/policy"
)

func TestCanonicalOrigin(t *testing.T) {
	tests := []struct {
		name string
		text string
		want string
	}{
		{"RFC 6454 §4: an origin is its scheme, host and port", "HTTPS://Example.com:443", "https://example.com"},
		{"the default port of http", "http://example.com:80", "http://example.com"},
		{"the default port of another scheme stays", "http://example.com:443", "http://example.com:443"},
		{"a port with zeros in front", "https://example.com:0443", "https://example.com"},
		{"an app with a scheme of its own", "capacitor://localhost", "capacitor://localhost"},
		{"an extension of a browser", "chrome-extension://abcdefghij", "chrome-extension://abcdefghij"},
		{"an IPv4 address", "http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"an IPv6 address", "http://[::0001]", "http://[::1]"},
		{"nothing", "", ""},
		{"null", "null", ""},
		{"a wildcard", "https://*.example.com", ""},
		{"no host", "https://", ""},
		{"no scheme", "://example.com", ""},
		{"a scheme that begins with a digit", "1http://example.com", ""},
		{"a host alone", "example.com", ""},
		{"an empty port", "https://example.com:", ""},
		{"port zero", "https://example.com:0", ""},
		{"a port that is too large", "https://example.com:65536", ""},
		{"a port with a sign", "https://example.com:+443", ""},
		{"two ports", "https://example.com:1:2", ""},
		{"IPv6 without brackets", "https://::1", ""},
		{"an open bracket", "https://[::1", ""},
		{"something behind the bracket", "https://[::1]x", ""},
		{"IPv4 in brackets", "https://[127.0.0.1]", ""},
		{"an interface", "https://[fe80::1%25eth0]", ""},
		{"a trailing slash", "https://example.com/", ""},
		{"a query", "https://example.com?x", ""},
		{"white space", " https://example.com", ""},
		{"a letter outside of ASCII", "https://ex\u0430mple.com", ""},
		{"a letter whose lower case is in ASCII", "https://\u212aelvin.example", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := policy.CanonicalOrigin(test.text)
			if got != test.want || ok != (test.want != "") {
				t.Errorf("CanonicalOrigin(%q) is %q, %v; want %q", test.text, got, ok, test.want)
			}
		})
	}
}

func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{"https://app.example.com:443", "HTTP://[::1]:80", "null", "https://a@b", "https://a:b:c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, ok := policy.CanonicalOrigin(text)
		if !ok {
			return
		}
		twice, ok := policy.CanonicalOrigin(once)
		if !ok || twice != once {
			t.Errorf("%q becomes %q, and that becomes %q, %v", text, once, twice, ok)
		}
	})
}
