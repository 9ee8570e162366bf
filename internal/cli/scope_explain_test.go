package cli

import "testing"

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
