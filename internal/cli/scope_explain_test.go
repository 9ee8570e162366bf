package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

func TestTheScopeToExplainIsSentAsItIs(t *testing.T) {
	for _, tt := range []struct {
		name  string
		flags []string
		want  string
	}{
		{name: "none"},
		{name: "two flags", flags: []string{"/a.read", "/b.read"}, want: "/a.read /b.read"},
		{name: "two in one", flags: []string{"/a.read /b.read"}, want: "/a.read /b.read"},
		{name: "a space too many, which the endpoint refuses", flags: []string{" /a.read  /b.read"}, want: " /a.read  /b.read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := scopeExplainCmd{Scope: tt.flags}
			if got := c.tokenRequest().Scope; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAKeyIsAskedAboutWithTheRequestOfItsToken(t *testing.T) {
	c := scopeExplainCmd{Key: "k", Scope: []string{"/a.read"}, Method: "GET", Path: "/a", Audience: "https://a.example"}
	got, err := c.question(nil)
	want := admin.ExplainQuestion{
		ClientID: "k", GrantType: oauth.ClientCredentials, Scope: "/a.read", Method: "GET", Path: "/a", Audience: "https://a.example",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
