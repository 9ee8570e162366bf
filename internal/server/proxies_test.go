package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

func TestFromWhichNetworksAKeyMayBeUsed(t *testing.T) {
	direct := start(t, nil)
	behind := start(t, map[string]string{"proxies.trusted": "127.0.0.1/32, 10.0.0.0/24"})
	standard := start(t, map[string]string{"proxies.trusted": "127.0.0.1/32, 10.0.0.0/24", "proxies.header": "forwarded"})
	tests := []struct {
		name    string
		i       *instance
		network string
		more    http.Header
		status  int
		words   string
		// peer is the address in the log, without a port.
		peer string
	}{
		{"the network of the connection", direct, "127.0.0.0/8", nil, http.StatusOK, "", "127.0.0.1"},
		{"another network", direct, "192.0.2.0/24", nil, http.StatusForbidden, "127.0.0.1", "127.0.0.1"},
		{"a header where there is no proxy", direct, "192.0.2.0/24", header("X-Forwarded-For", "192.0.2.7"), http.StatusForbidden, "127.0.0.1", "127.0.0.1"},
		{"the header of RFC 7239 where there is no proxy", direct, "192.0.2.0/24", header("Forwarded", "for=192.0.2.7"), http.StatusForbidden, "127.0.0.1", "127.0.0.1"},

		{"the network of the client", behind, "192.0.2.0/24", header("X-Forwarded-For", "192.0.2.7"), http.StatusOK, "", "192.0.2.7"},
		{"the network of a client with IPv6", behind, "2001:db8::/32", header("X-Forwarded-For", "2001:db8::7"), http.StatusOK, "", "2001:db8::7"},
		{"the network of a client behind two proxies", behind, "192.0.2.0/24", header("X-Forwarded-For", "192.0.2.7, 10.0.0.9"), http.StatusOK, "", "192.0.2.7"},
		{"an address that the client made up", behind, "192.0.2.0/24", header("X-Forwarded-For", "192.0.2.7, 198.51.100.1"), http.StatusForbidden, "198.51.100.1", "198.51.100.1"},
		{"an address that the client made up, in a line of its own", behind, "192.0.2.0/24", header("X-Forwarded-For", "192.0.2.7", "X-Forwarded-For", "198.51.100.1"), http.StatusForbidden, "198.51.100.1", "198.51.100.1"},
		{"an address in the other header", behind, "192.0.2.0/24", header("X-Forwarded-For", "198.51.100.1", "Forwarded", "for=192.0.2.7"), http.StatusForbidden, "198.51.100.1", "198.51.100.1"},
		{"the network of the proxy, for a client of it", behind, "127.0.0.0/8", header("X-Forwarded-For", "198.51.100.1"), http.StatusForbidden, "198.51.100.1", "198.51.100.1"},
		{"the network of the proxy, for a client that it hides", behind, "127.0.0.0/8", header("X-Forwarded-For", "unknown"), http.StatusForbidden, "cannot tell the address", "127.0.0.1"},
		{"the network of the proxy, for itself", behind, "127.0.0.0/8", nil, http.StatusOK, "", "127.0.0.1"},

		{"the network of the client by RFC 7239", standard, "192.0.2.0/24", header("Forwarded", `for=198.51.100.1, for="192.0.2.7:80";proto=https`), http.StatusOK, "", "192.0.2.7"},
		{"an address that the client made up by RFC 7239", standard, "192.0.2.0/24", header("Forwarded", "for=192.0.2.7, for=198.51.100.1"), http.StatusForbidden, "198.51.100.1", "198.51.100.1"},
		{"X-Forwarded-For where RFC 7239 is spoken", standard, "192.0.2.0/24", header("X-Forwarded-For", "192.0.2.7"), http.StatusForbidden, "127.0.0.1", "127.0.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := tt.i.create(t, admin.NewKey{Scopes: []string{"/ping.read"}, Networks: []string{tt.network}})
			for path, body := range map[string]string{tokenPath: grantForm, revokePath: "token=x", introspectPath: "token=x"} {
				got := tt.i.with(t, key, path, body, tt.more)
				got.is(t, tt.status, oauth.AccessDenied, tt.words)
			}
			if !loggedFrom(tt.i.log.String(), key.ClientID, tt.peer) {
				t.Errorf("the log does not have %s for it", tt.peer)
			}
		})
	}
}

// loggedFrom reports whether all requests of the key are logged with the address.
func loggedFrom(log, clientID, address string) bool {
	found := false
	for line := range strings.Lines(log) {
		if !strings.Contains(line, `"client_id":"`+clientID+`"`) || !strings.Contains(line, `"route"`) {
			continue
		}
		found = true
		if !strings.Contains(line, `"peer":"`+address+`"`) && !strings.Contains(line, `"peer":"`+address+`:`) {
			return false
		}
	}
	return found
}

func TestALongListOfProxiesIsNoDenialOfService(t *testing.T) {
	i := start(t, map[string]string{"proxies.trusted": "127.0.0.1/32"})
	const most = 24 << 10
	for _, line := range []string{strings.Repeat(",", most), strings.Repeat("127.0.0.1,", most/10), strings.Repeat(`"`, most)} {
		got := i.do(t, request{
			contentType: formType, body: grantForm, user: i.Demo.Plain.ClientID, password: i.Demo.Plain.ClientSecret,
			more: header("X-Forwarded-For", line),
		})
		if got.status != http.StatusOK {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
}
