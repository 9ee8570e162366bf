package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
)

func TestWhatIsWrongWithAPolicy(t *testing.T) {
	origin := func(text string) store.Policy { return store.Policy{Origins: []string{"https://fine.example", text}} }
	network := func(text string) store.Policy { return store.Policy{Networks: []string{text}} }
	claims := func(text string) store.Policy { return store.Policy{Claims: text} }
	tests := []struct {
		name                string
		policy              store.Policy
		field, reason, hint string
	}{
		{"an origin with a path", origin("https://a.example/app"), "origins[1]", "is more than an origin", "write https://a.example"},
		{"an origin with a trailing slash", origin("https://a.example/"), "origins[1]", "is more than an origin", "write https://a.example"},
		{"an origin without a scheme", origin("a.example"), "origins[1]", "has no scheme", "https://app.example.com"},
		{"null", origin("null"), "origins[1]", "anybody could send it", "https://app.example.com"},
		{"a wildcard", origin("https://*.example"), "origins[1]", "one by one", ""},
		{"a look-alike letter", origin("https://\u0430.example"), "origins[1]", `\u0430`, "xn--"},
		{"a user name", origin("https://me@a.example"), "origins[1]", "is not a web origin", ""},
		{"an empty origin", origin(""), "origins[1]", "has no scheme", ""},
		{"a control character", origin("https://a\x00.example"), "origins[1]", `\x00`, ""},
		{"a very long origin", origin("https://" + strings.Repeat("a", 1<<20)), "origins[1]", "...", ""},
		{"too many origins", store.Policy{Origins: make([]string, 101)}, "origins", "there are 101", "several keys"},
		{"no CIDR", network("home"), "networks[0]", "is not a network", "CIDR"},
		{"an address", network("192.0.2.1"), "networks[0]", "is an address", "write 192.0.2.1/32"},
		{"an IPv6 address", network("2001:db8::1"), "networks[0]", "is an address", "write 2001:db8::1/128"},
		{"a network with an interface", network("fe80::%eth0/10"), "networks[0]", "is not a network", "CIDR"},
		{"host bits", network("192.0.2.1/24"), "networks[0]", "bits set behind its first 24", "write 192.0.2.0/24"},
		{"a prefix that is too long", network("192.0.2.0/33"), "networks[0]", "is not a network", ""},
		{"a window that never opens", store.Policy{ValidFrom: noon, ValidUntil: noon}, "valid_until", "is not after valid_from", "later time"},
		{"a window that ends before it begins", store.Policy{ValidFrom: noon, ValidUntil: noon.Add(-1)}, "valid_until", "is not after", ""},
		{"a burst alone", store.Policy{Burst: 5}, "burst", "no requests_per_second", "set requests_per_second"},
		{"a negative rate", store.Policy{RequestsPerSecond: -1}, "requests_per_second", "-1 is not between 0 and 1000000", "0 for no limit"},
		{"a burst that is too large", store.Policy{RequestsPerSecond: 1, Burst: 1_000_001}, "burst", "1000001 is not between", ""},
		{"negative tokens per hour", store.Policy{TokensPerHour: -1}, "tokens_per_hour", "-1 is not between", ""},
		{"too many tokens per day", store.Policy{TokensPerDay: 1_000_000_001}, "tokens_per_day", "is not between", ""},
		{"claims that are a list", claims(`["a"]`), "claims", "it must be an object", `{"tenant":"acme"}`},
		{"claims that are a string", claims(`"a"`), "claims", "it must be an object", ""},
		{"claims that are null", claims(`null`), "claims", "it is null", ""},
		{"claims that are cut off", claims(`{"a":1`), "claims", "stops being JSON", ""},
		{"two objects", claims(`{"a":1}{"b":2}`), "claims", "stops being JSON", ""},
		{"a claim that is there twice", claims(`{"a":1,"a":2}`), "claims.a", "twice", ""},
		{"a claim that is there twice in another spelling", claims(`{"a":1,"\u0061":2}`), "claims.a", "twice", ""},
		{"a member that is there twice further down", claims(`{"a":{"b":[{"c":1,"c":2}]}}`), "claims.a.b.0.c", "twice", ""},
		{"claims that are not UTF-8", claims("{\"a\":\"\xff\"}"), "claims", "not valid UTF-8", ""},
		{"half of a surrogate pair", claims(`{"a":"\ud800"}`), "claims", "stops being JSON", ""},
		{"a reserved claim", claims(`{"tenant":"x","sub":"root"}`), "claims.sub", "the name sub is reserved", "reserved are acr"},
		{"a reserved claim in another spelling", claims(`{"\u0073cope":"x"}`), "claims.scope", "is reserved", ""},
		{"a claim without a name", claims(`{"":1}`), "claims", "without a name", ""},
		{"too many bytes", claims(`{"a":"` + strings.Repeat("x", 1017) + `"}`), "claims", "1025 bytes", "client_id"},
		{"five levels", claims(`{"a":{"b":{"c":{"d":{}}}}}`), "claims.a", "deeper than 4", "flatter"},
		{"five levels of lists", claims(`{"a":[[[[]]]]}`), "claims.a", "deeper than 4", ""},
		{"a bottomless value", claims(`{"a":` + strings.Repeat("[", 1<<19)), "claims", "", ""},
		{"a number that nobody can hold", claims(`{"a":{"b":1e999}}`), "claims.a", "too large", "as a string"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := policy.Check(test.policy)
			fault, ok := errors.AsType[*policy.Fault](err)
			if !ok {
				t.Fatalf("got %v, want a *Fault", err)
			}
			if !strings.HasPrefix(fault.Field, test.field) || !strings.Contains(fault.Reason, test.reason) || !strings.Contains(fault.Hint, test.hint) {
				t.Errorf("got %+v, want field %s, reason %q, hint %q", fault, test.field, test.reason, test.hint)
			}
			if len(fault.Field)+len(fault.Reason) > 600 {
				t.Errorf("the reason has %d bytes", len(fault.Reason))
			}
			rules, err := policy.Compile(test.policy)
			if err == nil || rules != nil {
				t.Errorf("what Check refuses compiles to %+v", rules)
			}
		})
	}
}

func TestEveryReservedNameIsRefused(t *testing.T) {
	for _, name := range policy.Reserved() {
		err := policy.Check(store.Policy{Claims: fmt.Sprintf(`{"fine":1,%q:"x"}`, name)})
		if err == nil || !strings.Contains(err.Error(), "the name "+name+" is reserved") {
			t.Errorf("for the claim %s the error is %v", name, err)
		}
	}
	for _, name := range []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "client_id", "cnf", "mode", "active"} {
		err := policy.Check(store.Policy{Claims: fmt.Sprintf(`{%q:"x"}`, name)})
		if err == nil {
			t.Errorf("a static claim may be called %s", name)
		}
	}
}

// encoding/json reads all of them as one name, and the last member counts.
func TestAReservedNameInOtherLettersIsRefused(t *testing.T) {
	for _, name := range []string{"Sub", "SCOPE", "Client_ID", "\u017fub", "i\u017fs", "\\u0073ub", "S\\u0063ope"} {
		err := policy.Check(store.Policy{Claims: `{"` + name + `":"x"}`})
		if err == nil || !strings.Contains(err.Error(), "is reserved") {
			t.Errorf("for the claim %s the error is %v", name, err)
		}
	}
}

func TestWhatMeansTheSameIsStoredTheSame(t *testing.T) {
	got, err := policy.Normalize(store.Policy{
		Origins:    []string{"HTTPS://App.Example:443", "https://app.example", "http://a.example:8080"},
		Networks:   []string{"192.0.2.0/24", "2001:0DB8::/32", "::ffff:192.0.2.0/120"},
		ValidFrom:  noon.Add(1234567).In(time.FixedZone("CET", 3600)),
		ValidUntil: noon.Add(time.Hour),
		Claims:     " { \"tenant\" : \"acme\" ,\n\"tier\": [1, 2] } ",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := store.Policy{
		Origins:    []string{"https://app.example", "http://a.example:8080"},
		Networks:   []string{"192.0.2.0/24", "2001:db8::/32"},
		ValidFrom:  noon.Add(time.Millisecond),
		ValidUntil: noon.Add(time.Hour),
		Claims:     `{"tenant":"acme","tier":[1,2]}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	again, err := policy.Normalize(got)
	if diff := cmp.Diff(got, again); err != nil || diff != "" {
		t.Errorf("normalized again: %v %s", err, diff)
	}
}

func TestNormalizeLeavesItsArgumentAlone(t *testing.T) {
	origins := []string{"HTTPS://A.example"}
	_, err := policy.Normalize(store.Policy{Origins: origins})
	if err != nil || origins[0] != "HTTPS://A.example" {
		t.Errorf("the argument is now %q, error %v", origins, err)
	}
}

func TestClaimsAreReadyToAppend(t *testing.T) {
	tests := []struct {
		name string
		text string
		want string
	}{
		{"one claim", `{ "tenant": "acme" }`, `,"tenant":"acme"`},
		{"order and spelling stay", `{"z":1.0,"a":"\u00e4","m":{"x":[null,true]}}`, `,"z":1.0,"a":"\u00e4","m":{"x":[null,true]}`},
		{"four levels", `{"a":{"b":{"c":{}}}}`, `,"a":{"b":{"c":{}}}`},
		{"roles are no business of ours", `{"roles":["admin"]}`, `,"roles":["admin"]`},
		{"an empty object is none", `{}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rules := compile(t, store.Policy{Claims: test.text, TokensPerDay: 1})
			if got := string(rules.Claims()); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	full := `{"a":"` + strings.Repeat("x", 1016) + `"}`
	if got := compile(t, store.Policy{Claims: full}).Claims(); len(got) != 1023 {
		t.Errorf("1024 bytes of claims become %d, want 1023", len(got))
	}
}

func FuzzPolicyClaims(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":[1,"x",null]}}`, `{"iss":1}`, `{"a":1e999}`, `{"a":`, `{"\u0061":1,"a":2}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		normal, err := policy.Normalize(store.Policy{Claims: text})
		if err != nil {
			return
		}
		again, err := policy.Normalize(normal)
		if err != nil || again.Claims != normal.Claims {
			t.Errorf("%q becomes %q, and that becomes %q, %v", text, normal.Claims, again.Claims, err)
		}
	})
}
