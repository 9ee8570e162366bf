package manifest

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExampleHoldsTheWholeCatalogue counts what examples/payments-api.yaml has.
func TestExampleHoldsTheWholeCatalogue(t *testing.T) {
	const name = "../../examples/payments-api.yaml"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	apis, keys := *f.Manifest.APIs, *f.Manifest.Keys
	if len(apis) != 2 || len(keys) != 2 {
		t.Fatalf("got %d APIs and %d keys, want 2 and 2", len(apis), len(keys))
	}
	live, trial := apis[0], apis[1]
	if live.Mode != "live" || trial.Mode != "test" {
		t.Errorf("got modes %s and %s, want live and test", live.Mode, trial.Mode)
	}
	diff := cmp.Diff(live.Scopes, trial.Scopes)
	if diff != "" {
		t.Errorf("the two catalogues differ (-live +test):\n%s", diff)
	}
	templates := 0
	for _, scope := range live.Scopes {
		if strings.HasPrefix(scope, "/accounts/{accountID}/") {
			templates++
		}
	}
	const plain, ofOneAccount = 9, 38
	if len(live.Scopes) != plain+ofOneAccount || templates != ofOneAccount {
		t.Errorf("got %d scopes, %d of one account, want %d and %d", len(live.Scopes), templates, plain+ofOneAccount, ofOneAccount)
	}
	once := slices.Compact(slices.Sorted(slices.Values(live.Scopes)))
	if len(once) != len(live.Scopes) {
		t.Errorf("got %d different scopes of %d", len(once), len(live.Scopes))
	}
	if live.Parameters["accountID"] != "uuid" || len(live.Routes) != 12 {
		t.Errorf("got accountID as %q and %d routes, want uuid and 12", live.Parameters["accountID"], len(live.Routes))
	}
	again, err := Parse("export.yaml", Format(f.Manifest))
	if err != nil {
		t.Fatal(err)
	}
	diff = cmp.Diff(f.Manifest, again.Manifest)
	if diff != "" {
		t.Errorf("Format and Parse (-before +after):\n%s", diff)
	}
}
