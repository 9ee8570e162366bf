package console

import (
	"slices"
	"testing"

	"github.com/grantd/grantd/internal/admin"
)

func TestARefusalFindsTheFieldOfItsParameter(t *testing.T) {
	const definition = "/accounts/{accountID}/wallets/{walletID}.x/{walletID}"
	tests := []struct{ definition, detail, want string }{
		{definition, "the value x of walletID is no uuid", "value." + definition + ".walletID"},
		{definition, "the value x of accountID is no uuid", "value." + definition + ".accountID"},
		{definition, "it is longer than a grant may be", "value." + definition + ".accountID"},
		{"/accounts.read", "it is of a test API", "scopes"},
		{"", "scope /unknown is of no API", "more"},
	}
	for _, test := range tests {
		if got := valueField(test.definition, test.detail); got != test.want {
			t.Errorf("%s, %q: got %s, want %s", test.definition, test.detail, got, test.want)
		}
	}
	if got := parametersOf("/a/{x}/{y=1|2}/{z}b/{w}"); !slices.Equal(got, []string{"x", "w"}) {
		t.Errorf("got parameters %v", got)
	}
}

func TestLifetimesAreReadAsTheyAreWritten(t *testing.T) {
	for _, s := range []admin.Seconds{0, 1, 59, 60, 90, 3600, 5400, 86_400, 7_776_000} {
		got, err := parseLasting(lasting(s))
		if err != nil || got != s {
			t.Errorf("%d as %q: got %d, %v", s, lasting(s), got, err)
		}
	}
	for _, wrong := range []string{"-1", "-1h", "1.5s", "1y", "d", "99999d", "1h-1m", "1 h"} {
		got, err := parseLasting(wrong)
		if err == nil {
			t.Errorf("%q: got %d", wrong, got)
		}
	}
}
