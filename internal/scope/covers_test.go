package scope_test

import (
	"testing"

	"github.com/grantd/grantd/internal/scope"
)

func TestCovers(t *testing.T) {
	const template = "/accounts/{accountID}/wallets.read"
	const set = "/accounts/{accountID=a1|a2}/wallets.read"
	for _, tt := range []struct {
		name, held, wanted string
		want               bool
	}{
		{"the same scope", "/ping.read", "/ping.read", true},
		{"another scope", "/ping.read", "/ping.write", false},
		{"a longer one", "/ping", "/ping/x", false},
		{"a shorter one", "/ping/x", "/ping", false},
		{"the same template", template, template, true},
		{"a value of a template", template, "/accounts/a1/wallets.read", true},
		{"a set of values of a template", template, set, true},
		{"a template of one of its values", "/accounts/a1/wallets.read", template, false},
		{"a template of a set", set, template, false},
		{"a set of the same set", set, set, true},
		{"a set in another order", set, "/accounts/{accountID=a2|a1}/wallets.read", true},
		{"a part of a set", set, "/accounts/{accountID=a2}/wallets.read", true},
		{"more than a set", set, "/accounts/{accountID=a2|a3}/wallets.read", false},
		{"a value of a set", set, "/accounts/a1/wallets.read", true},
		{"a value beside a set", set, "/accounts/a3/wallets.read", false},
		{"a parameter of another name", template, "/accounts/{id}/wallets.read", false},
		{"a template is no plain scope", "/accounts/x/wallets.read", set, false},
		{"the verb counts", template, "/accounts/a1/wallets.write", false},
		{"an empty value", template, "/accounts//wallets.read", false},
		{"two segments for one parameter", template, "/accounts/a1/b/wallets.read", false},
		{"path cleaning", template, "/accounts/../wallets.read", false},
		{"nothing", "", "", false},
		{"what cannot be read", "/a b", "/a b", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := scope.Covers(tt.held, tt.wanted)
			if got != tt.want {
				t.Errorf("Covers(%q, %q) = %v, want %v", tt.held, tt.wanted, got, tt.want)
			}
		})
	}
}
