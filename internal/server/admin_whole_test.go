package server_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/adminapi"
)

// likewise is the route of the Admin API that does what a call of the command line does,
// or why there is none. A new call needs a row here.
var likewise = map[string]string{
	"CreateAdminKey":       "POST /admin/v1/keys",
	"CreateKey":            "POST /admin/v1/keys",
	"ListKeys":             "GET /admin/v1/keys",
	"ListUnusedKeys":       "GET /admin/v1/keys",
	"ShowKey":              "GET /admin/v1/keys/{id}",
	"UpdateKey":            "PATCH /admin/v1/keys/{id}",
	"DeleteKey":            "DELETE /admin/v1/keys/{id}",
	"SetKeyDisabled":       "POST /admin/v1/keys/{id}/disable",
	"RevokeKeyTokens":      "POST /admin/v1/keys/{id}/revoke-tokens",
	"AddSecret":            "POST /admin/v1/keys/{id}/secrets",
	"ListSecrets":          "GET /admin/v1/keys/{id}/secrets",
	"RetireSecret":         "POST /admin/v1/keys/{id}/secrets/{secret}/retire",
	"KeyUsage":             "GET /admin/v1/keys/{id}/usage",
	"CreateAPI":            "POST /admin/v1/apis",
	"ListAPIs":             "GET /admin/v1/apis",
	"ShowAPI":              "GET /admin/v1/apis/{id}",
	"UpdateAPI":            "PATCH /admin/v1/apis/{id}",
	"DeleteAPI":            "DELETE /admin/v1/apis/{id}",
	"AddResourceServer":    "PUT /admin/v1/apis/{id}/resource-servers/{client_id}",
	"RemoveResourceServer": "DELETE /admin/v1/apis/{id}/resource-servers/{client_id}",
	"RevokeAPITokens":      "POST /admin/v1/apis/{id}/revoke-tokens",
	"RevokeAllTokens":      "POST /admin/v1/revoke-tokens",
	"RevokeToken":          "POST /admin/v1/tokens/revoke",
	"InspectToken":         "POST /admin/v1/tokens/inspect",
	"Explain":              "POST /admin/v1/explain",
	"ListSigningKeys":      "GET /admin/v1/signing-keys",
	"RotateSigningKey":     "POST /admin/v1/signing-keys/rotate",
	"RevokeSigningKey":     "POST /admin/v1/signing-keys/{kid}/revoke",
	"ListAudit":            "GET /admin/v1/audit",
	"VerifyAudit":          "GET /admin/v1/audit/verify",
	"Apply":                "POST /admin/v1/apply",
	"Export":               "GET /admin/v1/export",
	"ListOperators":        "none: people are made by who can open the socket, or by an admin in the console, and by no token",
	"InviteOperator":       "none: as ListOperators",
	"SetOperatorRole":      "none: as ListOperators",
	"RemoveOperator":       "none: as ListOperators",
	"ResetOperator":        "none: as ListOperators",
}

func TestTheAdminAPICanDoWhatTheCommandLineCan(t *testing.T) {
	routes := map[string]bool{}
	for _, r := range (&adminapi.API{}).Routes() {
		routes[r.Method+" "+r.Path] = true
	}
	left := map[string]string{}
	for call, route := range likewise {
		left[call] = route
	}
	calls := reflect.TypeFor[*admin.Client]()
	for method := range calls.Methods() {
		route, known := left[method.Name]
		delete(left, method.Name)
		if !known {
			t.Errorf("%s has no row: give the Admin API a route for it", method.Name)
		}
		if known && !routes[route] && !strings.HasPrefix(route, "none: ") {
			t.Errorf("%s would be %s, and there is no such route", method.Name, route)
		}
	}
	for call := range left {
		t.Errorf("there is no call %s", call)
	}
}

func TestNodesAreListed(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeNodesRead)
	got := c.call(t, "GET", "/admin/v1/nodes", "")
	items, _ := got.fields["items"].([]any)
	if got.status != http.StatusOK || len(items) != 1 {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	node, _ := items[0].(map[string]any)
	if node["this"] != true || node["stale"] != false || node["id"] == "" {
		t.Errorf("got %s", got.body)
	}
}
