package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
)

func TestConsent(t *testing.T) {
	// /dev/null is a device, as a terminal is, and never answers.
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, tt := range []struct {
		name string
		app  *app
		yes  bool
		want string
	}{
		{name: "a script that says so goes on", app: &app{stdin: strings.NewReader("")}, yes: true},
		{name: "a script cannot be asked", app: &app{stdin: strings.NewReader("yes\n")}, want: "this ends it; nothing was done, because nobody confirmed it"},
		{name: "no answer is no", app: &app{stdin: null, stderr: &strings.Builder{}}, want: "this ends it; nothing was done, because nobody confirmed it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := consentFlags{Yes: tt.yes}.confirm(tt.app, "this ends it")
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want || (err != nil && !strings.Contains(fault.HintOf(err), "--yes")) {
				t.Errorf("got %q with hint %q, want %q", got, fault.HintOf(err), tt.want)
			}
		})
	}
}
