package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
)

func TestAPlanIsPrintedAsAPersonWould(t *testing.T) {
	for _, tt := range []struct {
		name string
		plan admin.Plan
		want string
	}{
		{name: "nothing to do", plan: admin.Plan{Applied: true}, want: "nothing to do: all is as a.yaml says\n"},
		{
			name: "a plan that was carried out",
			plan: admin.Plan{Applied: true, Changes: []admin.PlannedChange{
				{Action: admin.ActionCreate, Kind: admin.KindAPI, Name: "https://a.example"},
				{Action: admin.ActionUpdate, Kind: admin.KindKey, Name: "k1", Differences: []admin.Difference{
					{Field: "access_token_lifetime", From: "15m0s", To: "720h0m0s"},
					{Field: "origins", To: "https://a.example"},
					{Field: "scopes", From: "/a.read, /b.read", To: "/c.read"},
					{Field: "valid_until", From: "2027-01-31T18:00:00Z"},
				}},
			}},
			want: "+ API https://a.example\n~ key k1\n    access_token_lifetime: 15m -> 30d\n    origins: + https://a.example\n    scopes: + /c.read\n    scopes: - /a.read, /b.read\n" +
				"    valid_until: 2027-01-31T18:00:00Z -> none\n\n" +
				"done: 1 created, 1 changed\n" + changedFate + "\n",
		},
		{
			name: "a key that is disabled",
			plan: admin.Plan{Applied: true, Changes: []admin.PlannedChange{
				{Action: admin.ActionUpdate, Kind: admin.KindKey, Name: "k1", Differences: []admin.Difference{{Field: "disabled", From: "false", To: "true"}}},
			}},
			want: "~ key k1\n    disabled: false -> true\n\ndone: 1 changed\n" + changedFate + "\n" + endedFate + "\n",
		},
		{
			name: "a key that ends, and one that is enabled",
			plan: admin.Plan{Applied: true, Changes: []admin.PlannedChange{
				{Action: admin.ActionUpdate, Kind: admin.KindKey, Name: "k1", Differences: []admin.Difference{{Field: "valid_until", To: "2027-01-31T18:00:00Z"}}},
				{Action: admin.ActionUpdate, Kind: admin.KindKey, Name: "k2", Differences: []admin.Difference{{Field: "disabled", From: "true", To: "false"}}},
			}},
			want: "~ key k1\n    valid_until: none -> 2027-01-31T18:00:00Z\n~ key k2\n    disabled: true -> false\n\ndone: 2 changed\n" + changedFate + "\n" + endedFate + "\n",
		},
		{
			name: "an API of another mode",
			plan: admin.Plan{Applied: true, Changes: []admin.PlannedChange{
				{Action: admin.ActionUpdate, Kind: admin.KindAPI, Name: "https://a.example", Differences: []admin.Difference{{Field: "mode", From: "live", To: "test"}}},
			}},
			want: "~ API https://a.example\n    mode: live -> test\n\ndone: 1 changed\n" + changedFate + "\n" + endedFate + "\n",
		},
		{
			name: "a dry run",
			plan: admin.Plan{Changes: []admin.PlannedChange{
				{Action: admin.ActionDelete, Kind: admin.KindAPI, Name: "https://a.example"},
				{Action: admin.ActionDelete, Kind: admin.KindKey, Name: "k1"},
			}},
			want: "- API https://a.example\n- key k1\n\nnothing was done; without --dry-run: 2 deleted\n" + deletedFate + "\n",
		},
		{
			name: "a name that a terminal would obey",
			plan: admin.Plan{Changes: []admin.PlannedChange{{Action: admin.ActionCreate, Kind: admin.KindKey, Name: "k\x1b[2J"}}},
			want: "+ key k\\u001b[2J\n\nnothing was done; without --dry-run: 1 created\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			printPlan(&got, tt.plan)
			printOutcome(&got, tt.plan, "a.yaml")
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAQuestionNamesSomeOfMany(t *testing.T) {
	many := make([]string, 22)
	for i := range many {
		many[i] = "key k"
	}
	for _, tt := range []struct {
		name     string
		subjects []string
		want     string
	}{
		{name: "one", subjects: many[:1], want: "key k"},
		{name: "as many as fit", subjects: many[:20], want: strings.Repeat("key k, ", 19) + "key k"},
		{name: "more", subjects: many, want: strings.Repeat("key k, ", 19) + "key k and 2 more, which --dry-run lists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := some(tt.subjects); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
