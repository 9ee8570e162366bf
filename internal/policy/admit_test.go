package policy_test

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func compile(t testing.TB, p store.Policy) *policy.Rules {
	t.Helper()
	rules, err := policy.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// expectRefusal wants an error with the code whose sentence can go out and says
// this; none when want is "".
func expectRefusal(t *testing.T, err error, code oauth.ErrorCode, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("got %v, want no refusal", err)
		}
		return
	}
	refusal, ok := errors.AsType[*web.Error](err)
	if !ok || refusal.Public.Code != code || !strings.Contains(refusal.Public.Description, want) {
		t.Fatalf("got %v, want %s with %q", err, code, want)
	}
	for _, c := range []byte(refusal.Public.Description) {
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			t.Errorf("the sentence has the character %q: %s", c, refusal.Public.Description)
		}
	}
}

func TestOriginRule(t *testing.T) {
	rules := compile(t, store.Policy{Origins: []string{"https://app.example.com", "http://localhost:3000", "https://[2001:db8::1]:8443"}})
	const referer = "https://app.example.com/checkout?step=2"
	tests := []struct {
		name            string
		origin, referer string
		want            string
	}{
		{"a listed origin", "https://app.example.com", "", ""},
		{"the second one, with its port", "http://localhost:3000", "", ""},
		{"upper case is the same origin", "HTTPS://App.Example.COM", "", ""},
		{"the default port is the same origin", "https://app.example.com:443", "", ""},
		{"an IPv6 address in another spelling", "https://[2001:0DB8:0::1]:8443", "", ""},
		{"neither header", "", "", "no Origin and no Referer header"},
		{"another host", "https://evil.example", "", "the Origin header names https://evil.example,"},
		{"another scheme", "http://app.example.com", "", "the Origin header names http://app.example.com,"},
		{"another port", "https://app.example.com:8443", "", "the Origin header names https://app.example.com:8443,"},
		{"a longer host", "https://app.example.com.evil.example", "", "which this key does not list"},
		{"a trailing dot", "https://app.example.com.", "", "which this key does not list"},
		{"a user name before another host", "https://app.example.com@evil.example", "", "the Origin header names no web origin"},
		{"a path", "https://app.example.com/", "", "the Origin header names no web origin"},
		{"two origins in one header", "https://app.example.com https://evil.example", "", "the Origin header names no web origin"},
		{"control characters are not repeated", "https://evil.example\x00\r\n", "", "the Origin header names no web origin"},
		{"RFC 6454 §7.1: null is the origin of nobody", "null", referer, "the Origin header names no web origin"},
		{"the Referer when there is no Origin", "", referer, ""},
		{"the Referer without a path", "", "https://app.example.com", ""},
		{"a Referer with a query behind the host", "", "https://app.example.com?x", ""},
		{"a Referer of another origin", "", "https://evil.example/https://app.example.com/", "the Referer header names https://evil.example,"},
		{"a Referer that hides the host behind a user name", "", "https://app.example.com@evil.example/", "the Referer header names no web origin"},
		{"a Referer that hides the host behind a backslash", "", `https://evil.example\@app.example.com/`, "the Referer header names no web origin"},
		{"two Referers", "", "https://app.example.com/x, https://evil.example/", "the Referer header names no web origin"},
		{"a Referer that is no URL", "", "app.example.com", "the Referer header names no web origin"},
		{"a listed Referer does not make up for the Origin", "https://evil.example", referer, "the Origin header names https://evil.example,"},
		{"64 KiB of origin", "https://" + strings.Repeat("a", 1<<16), "", "the Origin header names no web origin"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := rules.Admit(policy.Request{Origin: test.origin, Referer: test.referer}, noon)
			expectRefusal(t, err, oauth.AccessDenied, test.want)
			if test.origin != "" && rules.AllowsOrigin(test.origin) != (test.want == "") {
				t.Errorf("AllowsOrigin disagrees with Admit about %q", test.origin)
			}
		})
	}
}

func TestAListIsNeverToldToTheCaller(t *testing.T) {
	rules := compile(t, store.Policy{Origins: []string{"https://secret.example"}, Networks: []string{"198.51.100.0/24"}})
	for _, q := range []policy.Request{
		{},
		{Origin: "https://evil.example"},
		{Origin: "https://secret.example", Address: netip.MustParseAddr("203.0.113.9")},
	} {
		err := rules.Admit(q, noon)
		if err == nil || strings.Contains(err.Error(), "198.51.100") || q.Origin != "https://secret.example" && strings.Contains(err.Error(), "secret.example") {
			t.Errorf("for %+v the sentence is %v", q, err)
		}
	}
}

func TestTheLogDoesWithoutAnOriginThatWasSent(t *testing.T) {
	rules := compile(t, store.Policy{Origins: []string{"https://app.example.com"}})
	refusal, ok := errors.AsType[*web.Error](rules.Admit(policy.Request{Origin: "https://evil.example"}, noon))
	if !ok || !refusal.Quotes {
		t.Errorf("got %+v, want a refusal that says it quotes", refusal)
	}
}

func TestNetworkRule(t *testing.T) {
	rules := compile(t, store.Policy{Networks: []string{"192.0.2.0/24", "2001:db8::/32", "::ffff:198.51.100.0/120"}})
	tests := []struct {
		name    string
		address string
		want    string
	}{
		{"the first address of a network", "192.0.2.0", ""},
		{"the last address of a network", "192.0.2.255", ""},
		{"one beyond", "192.0.3.0", "the request comes from 192.0.3.0, which is in none of the networks"},
		{"an IPv4 address inside of IPv6", "::ffff:192.0.2.7", ""},
		{"a network that was written inside of IPv6", "198.51.100.7", ""},
		{"a foreign one inside of IPv6 is named as IPv4", "::ffff:203.0.113.1", "comes from 203.0.113.1,"},
		{"IPv6", "2001:db8:ffff::1", ""},
		{"an interface does not count", "2001:db8::1%eth0", ""},
		{"IPv6 beyond", "2001:db9::1", "comes from 2001:db9::1,"},
		{"an unknown address", "", "cannot tell the address"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := policy.Request{}
			if test.address != "" {
				q.Address = netip.MustParseAddr(test.address)
			}
			expectRefusal(t, rules.Admit(q, noon), oauth.AccessDenied, test.want)
		})
	}
}

func TestValidity(t *testing.T) {
	second := time.Second
	tests := []struct {
		name        string
		from, until time.Time
		want        string
	}{
		{"no bounds but another rule", time.Time{}, time.Time{}, ""},
		{"from now on", noon, time.Time{}, ""},
		{"until the next second", time.Time{}, noon.Add(second), ""},
		{"from the next second on", noon.Add(second), time.Time{}, "not valid before 2026-03-01T12:00:01Z"},
		{"until now, exclusively", time.Time{}, noon, "was valid until 2026-03-01T12:00:00Z"},
		{"within both", noon.Add(-second), noon.Add(second), ""},
		{"after both", noon.Add(-2 * second), noon.Add(-second), "was valid until"},
		{"before both", noon.Add(second), noon.Add(2 * second), "not valid before"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rules := compile(t, store.Policy{ValidFrom: test.from, ValidUntil: test.until, TokensPerDay: 1})
			expectRefusal(t, rules.Admit(policy.Request{}, noon), oauth.InvalidClient, test.want)
			if rules.Valid(noon) != (test.want == "") {
				t.Errorf("Valid is %v and Admit says %q", rules.Valid(noon), test.want)
			}
			if !rules.Until().Equal(test.until) {
				t.Errorf("Until is %v, want %v", rules.Until(), test.until)
			}
		})
	}
}

func TestRulesAreAskedInOrder(t *testing.T) {
	rules := compile(t, store.Policy{
		Origins: []string{"https://app.example.com"}, Networks: []string{"192.0.2.0/24"}, ValidUntil: noon.Add(time.Hour),
	})
	q := policy.Request{}
	expectRefusal(t, rules.Admit(q, noon.Add(time.Hour)), oauth.InvalidClient, "was valid until")
	expectRefusal(t, rules.Admit(q, noon), oauth.AccessDenied, "no Origin")
	q.Origin = "https://app.example.com"
	expectRefusal(t, rules.Admit(q, noon), oauth.AccessDenied, "cannot tell the address")
	q.Address = netip.MustParseAddr("192.0.2.1")
	expectRefusal(t, rules.Admit(q, noon), "", "")
}

func TestNoRulesAllowEverything(t *testing.T) {
	rules := compile(t, store.Policy{Origins: []string{}, Networks: []string{}})
	if rules != nil {
		t.Fatalf("a policy that asks for nothing compiles to %+v, want nil", rules)
	}
	rules.Continue(nil)
	_, requestErr := rules.TakeRequest(noon)
	budget, tokenErr := rules.TakeToken(noon)
	for _, err := range []error{rules.Admit(policy.Request{}, noon), rules.AdmitRate(noon), requestErr, tokenErr} {
		expectRefusal(t, err, "", "")
	}
	header := http.Header{}
	budget.Write(header)
	if len(header) > 0 {
		t.Errorf("without limits the header has %v", header)
	}
	if !rules.Valid(noon) || !rules.Until().IsZero() || rules.AllowsOrigin("https://a.example") || rules.Origins() != nil || rules.Claims() != nil {
		t.Error("no rules say something")
	}
}

func TestClosedRulesAllowNothing(t *testing.T) {
	rules := policy.Closed()
	expectRefusal(t, rules.Admit(policy.Request{}, noon), oauth.InvalidClient, "cannot be read by the server")
	_, err := rules.TakeRequest(noon)
	expectRefusal(t, err, oauth.InvalidClient, "cannot be read by the server")
	_, err = rules.TakeToken(noon)
	expectRefusal(t, err, oauth.InvalidClient, "cannot be read by the server")
	expectRefusal(t, rules.AdmitRate(noon), oauth.InvalidClient, "cannot be read by the server")
	if rules.Valid(noon) || rules.AllowsOrigin("https://a.example") {
		t.Error("closed rules allow something")
	}
}
