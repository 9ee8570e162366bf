package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
)

func TestAManifestIsExportedAndApplied(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", append(admin.Scopes(), "/accounts.read")...)
	exported := c.call(t, "GET", "/admin/v1/export", "")
	if exported.status != http.StatusOK || strings.Contains(exported.body, c.secret) {
		t.Fatalf("export: %d %s", exported.status, exported.body)
	}
	again := c.call(t, "POST", "/admin/v1/apply", with(t, exported.body, `{"prune":true}`))
	if again.status != http.StatusOK || !strings.Contains(again.body, `"changes":[]`) {
		t.Errorf("as it is: %d %s", again.status, again.body)
	}
	const one = `{"keys":[{"client_id":"applied","name":"applied","scopes":["/accounts.read"]}]`
	for _, tt := range [][2]string{{one + `,"dry_run":true}`, `"applied":false`}, {one + `}`, `"applied":true`}} {
		got := c.call(t, "POST", "/admin/v1/apply", tt[0])
		if got.status != http.StatusOK || !strings.Contains(got.body, tt[1]) || !strings.Contains(got.body, `"name":"applied"`) {
			t.Errorf("%s: %d %s", tt[0], got.status, got.body)
		}
	}
	if got := c.call(t, "GET", "/admin/v1/keys/applied", ""); got.status != http.StatusOK {
		t.Errorf("the key: %d %s", got.status, got.body)
	}
}

func TestAManifestGetsAroundNothing(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeManifestRead, admin.ScopeManifestWrite, admin.ScopeKeysRead, "/accounts.read")
	strong := i.administrator(t, "", admin.Scopes()...)
	exported := c.call(t, "GET", "/admin/v1/export", "").body
	var manifest struct {
		APIs []map[string]any `json:"apis"`
		Keys []map[string]any `json:"keys"`
	}
	err := json.Unmarshal([]byte(exported), &manifest)
	if err != nil {
		t.Fatal(err)
	}
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var others, without []map[string]any
	for _, key := range manifest.Keys {
		if key["client_id"] != c.id {
			others = append(others, key)
		}
	}
	for _, api := range manifest.APIs {
		if api["audience"] != i.Issuer+"/admin" {
			without = append(without, api)
		}
	}
	own := `{"audience":"` + i.Issuer + `/admin","scopes":["/admin/keys.read"]}`
	for name, tt := range map[string]struct{ body, pointer string }{
		"a scope that it does not hold":     {`{"keys":[{"client_id":"x","name":"x","scopes":["/ping.read"]}]}`, "#/keys/0/scopes/0"},
		"one of the Admin API":              {`{"keys":[{"client_id":"x","name":"x","scopes":["/admin/keys.write"]}]}`, "#/keys/0/scopes/0"},
		"a change of a stronger key":        {`{"keys":[{"client_id":"` + strong.id + `","name":"weak","scopes":["/accounts.read"]}]}`, "#/keys/0"},
		"a change of itself":                {`{"keys":[{"client_id":"` + c.id + `","name":"x","scopes":["/accounts.read"]}]}`, "#/keys/0"},
		"another definition of the API":     {`{"apis":[` + own + `]}`, ""},
		"a resource server of it":           {`{"apis":[` + with(t, own, `{"scopes":`+text(admin.Scopes())+`,"access_token_lifetime":900,"resource_servers":["`+strong.id+`"]}`) + `]}`, ""},
		"the Admin API pruned":              {`{"prune":true,"apis":` + text(without) + `}`, ""},
		"itself pruned":                     {`{"prune":true,"keys":` + text(others) + `}`, "#/prune"},
		"everything pruned":                 {`{"prune":true,"keys":[],"apis":[]}`, ""},
		"the same, to see what it would do": {`{"prune":true,"dry_run":true,"keys":[],"apis":[]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.call(t, "POST", "/admin/v1/apply", tt.body)
			// Where a key would lose its meaning, that is said first.
			if got.status != http.StatusForbidden && got.status != http.StatusConflict || tt.pointer != "" && !strings.Contains(got.body, `"pointer":"`+tt.pointer+`"`) {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
	if now := c.call(t, "GET", "/admin/v1/export", "").body; now != exported {
		t.Errorf("something was changed:\n%s\n%s", exported, now)
	}
}
