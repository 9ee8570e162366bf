package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
)

func TestChangesOfAKey(t *testing.T) {
	for _, tt := range []struct {
		name string
		cmd  keyUpdateCmd
		want admin.KeyChange
		// refused is the error, which hint comes with.
		refused, hint string
	}{
		{name: "zero takes a limit away", cmd: keyUpdateCmd{Policy: policyFlags{TokensPerDay: new(0)}}, want: admin.KeyChange{TokensPerDay: new(0)}},
		{name: "no rate is no burst", cmd: keyUpdateCmd{Policy: policyFlags{Rate: new(0)}}, want: admin.KeyChange{RequestsPerSecond: new(0), Burst: new(0)}},
		{name: "a rate leaves the burst", cmd: keyUpdateCmd{Policy: policyFlags{Rate: new(5)}}, want: admin.KeyChange{RequestsPerSecond: new(5)}},
		{
			name: "one list is set and another cleared", cmd: keyUpdateCmd{Clear: []string{"network"}, Policy: policyFlags{Origin: []string{"https://a.example"}}},
			want: admin.KeyChange{Origins: &[]string{"https://a.example"}, Networks: &[]string{}},
		},
		{
			name: "an origin set and cleared", cmd: keyUpdateCmd{Clear: []string{"origin"}, Policy: policyFlags{Origin: []string{"https://a.example"}}},
			refused: "--clear origin and a new value for it contradict each other", hint: "one of the two",
		},
		{
			name: "a burst set and the rate cleared", cmd: keyUpdateCmd{Clear: []string{"rate"}, Policy: policyFlags{Burst: new(5)}},
			refused: "--clear rate and a new value for it contradict each other", hint: "one of the two",
		},
		{name: "a scope of a variable that is not set", cmd: keyUpdateCmd{Scope: []string{" "}}, refused: "--scope is empty; is a variable not set", hint: "--clear scope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.cmd.change(&app{})
			if tt.refused != "" {
				if err == nil || err.Error() != tt.refused || !strings.Contains(fault.HintOf(err), tt.hint) {
					t.Errorf("got %v, want %s", err, tt.refused)
				}
				return
			}
			diff := cmp.Diff(tt.want, got)
			if err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
