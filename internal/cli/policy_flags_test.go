package cli

import (
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
)

func TestClaimsOfFlags(t *testing.T) {
	for _, tt := range []struct {
		name  string
		flags []string
		want  string
	}{
		{name: "none"},
		{name: "a text", flags: []string{"tenant=acme"}, want: `{"tenant":"acme"}`},
		{name: "a text that looks like JSON stays text", flags: []string{"level=3", "vip=true"}, want: `{"level":"3","vip":"true"}`},
		{name: "JSON", flags: []string{"level:=3", `tags:=["a","b"]`}, want: `{"level":3,"tags":["a","b"]}`},
		{name: "a text with signs in it", flags: []string{`q=a="b":c`}, want: `{"q":"a=\"b\":c"}`},
		{name: "an empty text", flags: []string{"tenant="}, want: `{"tenant":""}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var f policyFlags
			for _, text := range tt.flags {
				var c claim
				err := c.UnmarshalText([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				f.Claim = append(f.Claim, c)
			}
			got, err := f.claims()
			if string(got) != tt.want || err != nil {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
	for _, text := range []string{"", "tenant", "=acme", ":=3", "level:=", "level:=x", "level:=1 2", "t=\xff"} {
		var c claim
		err := c.UnmarshalText([]byte(text))
		if err == nil {
			t.Errorf("%q: got %s %s, want it refused", text, c.name, c.value)
		}
	}
}

func TestAClaimIsGivenOnce(t *testing.T) {
	f := policyFlags{Claim: []claim{{"a", []byte("1")}, {"b", []byte("2")}, {"a", []byte("3")}}}
	got, err := f.claims()
	const want = `claim "a" is there twice`
	if err == nil || err.Error() != want || !strings.Contains(fault.HintOf(err), "give it once") {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
}
