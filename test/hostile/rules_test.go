package hostile

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

const listedOrigin = "https://app.example"

// from is a token request with one more header.
func from(k blackbox.Key, name, value string) request {
	return request{body: grantForm, key: k, header: map[string]string{name: value}}
}

func preflight(path, origin string) request {
	return request{method: http.MethodOptions, path: path, kind: "none", header: map[string]string{
		"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type",
	}}
}

// strangers are origins that look like a listed one, or like nothing.
var strangers = []string{
	"https://evil.example", "http://app.example", "https://app.example:444", "https://app.example.evil.example", "https://evilapp.example",
	"https://app.example@evil.example", "https://app.example, https://evil.example", "https://app.example https://evil.example", "https://www.example", "https://app.exampl\u0435",
	"app.example", "//app.example", "null", "*", "https://", "://", "javascript:alert(1)", "https://app.example\\.evil.example", "https://[::1", "\"",
	strings.Repeat("a", 16_000), "https://" + strings.Repeat("a.", 8_000) + "example",
}

// pages are addresses of a listed origin, and no origins.
var pages = []string{listedOrigin + "/path", listedOrigin + "?x", listedOrigin + "#x", listedOrigin + "/../..//"}

func (f fixture) testOrigin(t *testing.T) {
	f.try(t, []attempt{
		{"the origin that is listed", from(f.page, "Origin", listedOrigin), 200, ""},
		{"a page of the origin that is listed", from(f.page, "Referer", listedOrigin+"/checkout?step=2"), 200, ""},
		{"no origin", request{body: grantForm, key: f.page}, 403, "access_denied"},
		{"an origin that is not listed beside a page of one that is", request{body: grantForm, key: f.page, header: map[string]string{
			"Origin": "https://evil.example", "Referer": listedOrigin + "/",
		}}, 403, "access_denied"},
		{"a key that lists none does not ask", from(f.plain, "Origin", "https://evil.example"), 200, ""},
		{"the origin does not mend a wrong secret", from(blackbox.Key{ID: f.page.ID, Secret: "wrong"}, "Origin", listedOrigin), 401, "invalid_client"},
	})
	for header, values := range map[string][]string{"Origin": append(pages, strangers...), "Referer": strangers} {
		for _, value := range values {
			t.Run(fmt.Sprintf("%s %.40q", header, value), func(t *testing.T) {
				got := f.send(t, from(f.page, header, value))
				checkError(t, got, 403, "access_denied")
				checkNoCORS(t, got)
				if !strings.Contains(got.body, header) {
					t.Errorf("got %s, want a sentence that names the header", got.body)
				}
			})
		}
	}
	got := f.send(t, from(f.page, "Origin", listedOrigin))
	checkCORS(t, got, listedOrigin)
	f.testPreflight(t)
}

func (f fixture) testPreflight(t *testing.T) {
	for _, path := range []string{tokenPath, revokePath, introspectPath} {
		got := f.send(t, preflight(path, listedOrigin))
		if got.status != http.StatusNoContent || got.body != "" {
			t.Errorf("%s: got %d %q, want 204", path, got.status, got.body)
		}
		checkCORS(t, got, listedOrigin)
		for _, origin := range strangers {
			got := f.send(t, preflight(path, origin))
			if got.status != http.StatusForbidden {
				t.Errorf("%s: origin %.40q: got %d %.200q, want 403", path, origin, got.status, got.body)
			}
			checkNoCORS(t, got)
		}
	}
}

func checkCORS(t *testing.T, got answer, origin string) {
	t.Helper()
	if got.header.Get("Access-Control-Allow-Origin") != origin || !strings.Contains(strings.Join(got.header.Values("Vary"), ","), "Origin") ||
		got.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("got %v, want that origin to be allowed, without credentials", got.header)
	}
}

func checkNoCORS(t *testing.T, got answer) {
	t.Helper()
	for name := range got.header {
		if strings.HasPrefix(name, "Access-Control-Allow") {
			t.Errorf("got %s %q for an origin that is not listed", name, got.header.Get(name))
		}
	}
}

// spoofs are headers in which anybody can write that a request came from the
// network of the key.
func spoofs() []request {
	const inside = "192.0.2.7"
	var all []request
	for _, name := range []string{
		"X-Forwarded-For", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Client-Ip", "X-Cluster-Client-Ip", "X-Originating-Ip",
	} {
		all = append(all, request{header: map[string]string{name: inside}})
	}
	for _, value := range []string{
		"for=" + inside, `for="` + inside + `:443"`, `for="[2001:db8::1]:443"`, "for=" + inside + ";by=127.0.0.1", "For=" + inside + ", for=127.0.0.1",
		"for=_hidden, for=" + inside, `for="`, strings.Repeat(",", 16_000), strings.Repeat("for="+inside+",", 900),
	} {
		all = append(all, request{header: map[string]string{"Forwarded": value}})
	}
	for _, value := range []string{
		inside + ", 127.0.0.1", "127.0.0.1, " + inside, "::ffff:" + inside, "2001:db8::1", inside + ":80", "[2001:db8::1]:80", strings.Repeat(inside+",", 1_500),
		strings.Repeat(",", 16_000), "unknown", "\"" + inside + "\"", "127.0.0.1\t" + inside,
	} {
		all = append(all, request{header: map[string]string{"X-Forwarded-For": value, "Forwarded": "for=" + inside}})
	}
	return all
}

// testNetwork spoofs addresses at a server that trusts nobody, at one that trusts
// somebody else, and at ones that trust this machine.
func (f fixture) testNetwork(t *testing.T) {
	f.refuseSpoofs(t, f.fenced)
	t.Run("behind somebody else's proxy", func(t *testing.T) {
		elsewhere := fixture{Server: blackbox.Start(t, blackbox.Options{Env: []string{"GRANTD_PROXIES_TRUSTED=198.51.100.0/24,192.0.2.0/24"}})}
		elsewhere.refuseSpoofs(t, elsewhere.fence(t))
	})
	t.Run("behind a proxy that writes X-Forwarded-For", func(t *testing.T) {
		f.testProxy(t, "x-forwarded-for", "X-Forwarded-For", func(address string) string { return address })
	})
	t.Run("behind a proxy that writes Forwarded", func(t *testing.T) {
		f.testProxy(t, "forwarded", "Forwarded", func(address string) string {
			parsed, err := netip.ParseAddr(address)
			if err == nil && parsed.Is6() {
				return `for="[` + address + `]"`
			}
			return "for=" + address
		})
	})
}

// fence makes a key that only the network 192.0.2.0/24 may use.
func (f fixture) fence(t *testing.T) blackbox.Key {
	t.Helper()
	f.CreateAPI(t, "--audience", audience, "--scope", "/a.read")
	return f.CreateKey(t, "--name", "fenced", "--scope", "/a.read", "--network", "192.0.2.0/24", "--network", "2001:db8::/32")
}

func (f fixture) refuseSpoofs(t *testing.T, k blackbox.Key) {
	t.Helper()
	for _, r := range spoofs() {
		r.body, r.key = grantForm, k
		t.Run(fmt.Sprintf("spoofed %.80v", r.header), func(t *testing.T) {
			got := f.send(t, r)
			checkError(t, got, 403, "access_denied")
			if !strings.Contains(got.body, "127.0.0.1") {
				t.Errorf("got %s, want a sentence with the address that the server saw", got.body)
			}
		})
	}
}

// testProxy sends what this machine would as a proxy: it appends the address of
// its client to whatever that client sent.
func (fixture) testProxy(t *testing.T, setting, header string, element func(address string) string) {
	f := fixture{Server: blackbox.Start(t, blackbox.Options{Env: []string{"GRANTD_PROXIES_TRUSTED=127.0.0.0/8,::1/128", "GRANTD_PROXIES_HEADER=" + setting}})}
	k := f.fence(t)
	other := map[string]string{"X-Forwarded-For": "Forwarded", "Forwarded": "X-Forwarded-For"}[header]
	inside := element("192.0.2.7")
	f.try(t, []attempt{
		{"a client inside", from(k, header, inside), 200, ""},
		{"a client inside with IPv6", from(k, header, element("2001:db8::7")), 200, ""},
		{"a client inside, behind two proxies", from(k, header, inside+", "+element("127.0.0.9")), 200, ""},
		{"a client outside", from(k, header, element("203.0.113.5")), 403, "access_denied"},
		{"a client outside that says it is inside", from(k, header, inside+", "+element("203.0.113.5")), 403, "access_denied"},
		{"a client outside that says so often", from(k, header, strings.Repeat(inside+",", 500)+element("203.0.113.5")), 403, "access_denied"},
		{"a client outside that opens a quote", from(k, header, `"`+inside+", "+element("203.0.113.5")), 403, "access_denied"},
		{"a client outside that sends the other header", request{body: grantForm, key: k, header: map[string]string{
			header: element("203.0.113.5"), other: map[string]string{"Forwarded": "for=192.0.2.7", "X-Forwarded-For": "192.0.2.7"}[other],
		}}, 403, "access_denied"},
		{"the other header alone", from(k, other, map[string]string{"Forwarded": "for=192.0.2.7", "X-Forwarded-For": "192.0.2.7"}[other]), 403, "access_denied"},
		{"rubbish where the address is", from(k, header, inside+", "+element("unknown")), 403, "access_denied"},
		{"nothing but commas", from(k, header, strings.Repeat(",", 16_000)), 403, "access_denied"},
		{"no header at all", request{body: grantForm, key: k}, 403, "access_denied"},
	})
}
