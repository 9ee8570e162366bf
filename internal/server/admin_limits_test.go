package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/admin"
)

// limitedAdministrator makes a key for the Admin API that has every limit there is.
func (i *instance) limitedAdministrator(t *testing.T, until time.Time) adminCaller {
	t.Helper()
	key, err := i.admin.CreateAdminKey(t.Context(), admin.NewKey{
		Name: "limited", Scopes: []string{admin.ScopeKeysRead, admin.ScopeKeysWrite, admin.ScopeAPIsWrite, "/accounts.read"},
		Networks: []string{"127.0.0.0/8", "2001:db8::/32"}, Origins: []string{"https://dashboard.example"}, ValidUntil: &until,
		AccessTokenLifetime: 600, RequestsPerSecond: 50, Burst: 20, TokensPerHour: 1000, TokensPerDay: 5000,
	})
	if err != nil {
		t.Fatal(err)
	}
	c := adminCaller{instance: i, id: key.ClientID, secret: key.ClientSecret}
	got := i.do(t, request{
		contentType: formType, body: "grant_type=client_credentials&resource=" + i.Issuer + "/admin", user: c.id, password: c.secret,
		more: http.Header{"Origin": {"https://dashboard.example"}},
	})
	c.token, _ = got.fields["access_token"].(string)
	if c.token == "" {
		t.Fatalf("no token: %d %s", got.status, got.body)
	}
	return c
}

// with returns a JSON object with some members set, or taken out with null.
func with(t *testing.T, object, changes string) string {
	t.Helper()
	var all map[string]any
	err := json.Unmarshal([]byte(object), &all)
	if err == nil {
		err = json.Unmarshal([]byte(changes), &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range all {
		if value == nil {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAKeyOfTheAdminAPIHasTheLimitsOfItsMaker(t *testing.T) {
	i := start(t, nil)
	until := i.now().Add(30 * 24 * time.Hour).UTC().Truncate(time.Second)
	c := i.limitedAdministrator(t, until)
	same := `{"name":"a","scopes":["/admin/keys.read","/admin/keys.write"],"networks":["127.0.0.0/8"],"origins":["https://dashboard.example"],
		"valid_until":"` + until.Format(time.RFC3339) + `","access_token_lifetime":600,"requests_per_second":50,"burst":20,
		"tokens_per_hour":1000,"tokens_per_day":5000}`
	made := c.call(t, "POST", "/admin/v1/keys", same)
	if made.status != http.StatusCreated {
		t.Fatalf("with the same limits: got %d %s", made.status, made.body)
	}
	child, etag := "/admin/v1/keys/"+made.fields["client_id"].(string), made.header.Get("ETag")
	for name, tt := range map[string]struct{ field, changes, patch string }{
		"no network":             {"networks", `{"networks":null}`, `{"networks":[]}`},
		"another network":        {"networks", `{"networks":["127.0.0.0/8","10.0.0.0/8"]}`, ""},
		"a wider network":        {"networks", `{"networks":["126.0.0.0/7"]}`, ""},
		"every network":          {"networks", `{"networks":["::/0"]}`, ""},
		"no origin":              {"origins", `{"origins":null}`, `{"origins":[]}`},
		"another origin":         {"origins", `{"origins":["https://dashboard.example","https://evil.example"]}`, ""},
		"no end":                 {"valid_until", `{"valid_until":null}`, `{"valid_until":"0001-01-01T00:00:00Z"}`},
		"a later end":            {"valid_until", `{"valid_until":"` + until.Add(time.Second).Format(time.RFC3339) + `"}`, ""},
		"longer tokens":          {"access_token_lifetime", `{"access_token_lifetime":601}`, ""},
		"tokens as the API says": {"access_token_lifetime", `{"access_token_lifetime":null}`, `{"access_token_lifetime":0}`},
		"no rate":                {"requests_per_second", `{"requests_per_second":null,"burst":null}`, `{"requests_per_second":0,"burst":0}`},
		"a higher rate":          {"requests_per_second", `{"requests_per_second":51}`, ""},
		"a higher burst":         {"burst", `{"burst":21}`, ""},
		"a burst by the rate":    {"burst", `{"burst":null}`, `{"burst":0}`},
		"more tokens an hour":    {"tokens_per_hour", `{"tokens_per_hour":1001}`, ""},
		"no limit of a day":      {"tokens_per_day", `{"tokens_per_day":null}`, `{"tokens_per_day":0}`},
	} {
		t.Run(name, func(t *testing.T) {
			patch := tt.patch
			if patch == "" {
				patch = tt.changes
			}
			imported := with(t, with(t, same, tt.changes), `{"client_id":"imported-`+strings.ReplaceAll(name, " ", "-")+`","client_secret":"0123456789abcdef0123"}`)
			for what, got := range map[string]answer{
				"create": c.call(t, "POST", "/admin/v1/keys", with(t, same, tt.changes)),
				"change": c.call(t, "PATCH", child, patch, "If-Match", etag),
			} {
				if got.status != http.StatusForbidden || !strings.Contains(got.body, `"pointer":"#/`+tt.field+`"`) {
					t.Errorf("%s: got %d %s", what, got.status, got.body)
				}
			}
			got := c.call(t, "POST", "/admin/v1/import-keys", imported, "Content-Type", "application/x-ndjson")
			if !strings.Contains(got.body, `"refused"`) || !strings.Contains(got.body, `"pointer":"#/`+tt.field+`"`) {
				t.Errorf("import: got %d %s", got.status, got.body)
			}
		})
	}
	if got := c.call(t, "PATCH", child, `{"networks":["127.0.0.1/32"],"tokens_per_day":1}`, "If-Match", etag); got.status != http.StatusOK {
		t.Errorf("narrower: got %d %s", got.status, got.body)
	}
	if got := c.call(t, "POST", "/admin/v1/keys", `{"name":"of a customer","scopes":["/accounts.read"]}`); got.status != http.StatusCreated {
		t.Errorf("a key without a scope of the Admin API: got %d %s", got.status, got.body)
	}
}

func TestAKeyWithLimitsCannotUseOneWithout(t *testing.T) {
	i := start(t, nil)
	c := i.limitedAdministrator(t, i.now().Add(30*24*time.Hour))
	peer := i.administrator(t, "", admin.ScopeKeysRead)
	plain, err := i.admin.CreateKey(t.Context(), admin.NewKey{Name: "plain", Scopes: []string{"/accounts.read"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = i.admin.SetKeyDisabled(t.Context(), peer.id, true)
	if err != nil {
		t.Fatal(err)
	}
	etag := c.call(t, "GET", "/admin/v1/keys/"+peer.id, "").header.Get("ETag")
	plainETag := c.call(t, "GET", "/admin/v1/keys/"+plain.ClientID, "").header.Get("ETag")
	for name, tt := range map[string][4]string{
		"a secret for it":                        {"POST", "/" + peer.id + "/secrets", `{"name":"b"}`, ""},
		"a secret that is known":                 {"POST", "/" + peer.id + "/secrets", `{"name":"b","client_secret":"0123456789abcdef0123"}`, ""},
		"enabling it":                            {"POST", "/" + peer.id + "/enable", ``, ""},
		"a change of it":                         {"PATCH", "/" + peer.id, `{"name":"b"}`, etag},
		"a scope of the Admin API for a key":     {"PATCH", "/" + plain.ClientID, `{"scopes":["/admin/keys.read"]}`, plainETag},
		"a resource server of the Admin API":     {"POST", "", `{"name":"a","scopes":[],"resource_server_of":["` + i.Issuer + `/admin"]}`, ""},
		"the same by its id":                     {"POST", "", `{"name":"a","scopes":[],"resource_server_of":["` + i.adminAPIID(t, c) + `"]}`, ""},
		"a resource server of it afterwards":     {"PUT", "/../apis/" + i.adminAPIID(t, c) + "/resource-servers/" + plain.ClientID, "", ""},
		"another definition of the Admin API":    {"PATCH", "/../apis/" + i.adminAPIID(t, c), `{"scopes":["/admin/keys.read"]}`, `"x"`},
		"an API that is called like the Admin's": {"POST", "/../apis", `{"audience":"` + i.Issuer + `/admin","scopes":["/admin/x"]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := strings.Replace("/admin/v1/keys"+tt[1], "keys/../", "", 1)
			got := c.call(t, tt[0], path, tt[2], "If-Match", tt[3])
			if got.status != http.StatusForbidden {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
	// What only takes away it may.
	if got := c.call(t, "POST", "/admin/v1/keys/"+peer.id+"/disable", ""); got.status != http.StatusOK {
		t.Errorf("disable it: got %d %s", got.status, got.body)
	}
	if got := c.call(t, "DELETE", "/admin/v1/keys/"+peer.id, ""); got.status != http.StatusNoContent {
		t.Errorf("delete it: got %d %s", got.status, got.body)
	}
	again := c.call(t, "POST", "/admin/v1/import-keys", `{"name":"a","client_id":"`+peer.id+`","client_secret":"0123456789abcdef0123","scopes":["/admin/keys.read"]}`,
		"Content-Type", "application/x-ndjson")
	if !strings.Contains(again.body, `"refused"`) {
		t.Errorf("made again under its id: %s", again.body)
	}
}

func TestAKeyWithAnOwnerHandsOnItsOwnClaimsOnly(t *testing.T) {
	i := start(t, nil)
	key, err := i.admin.CreateAdminKey(t.Context(), admin.NewKey{
		Name: "acme", Owner: "acme", Scopes: []string{admin.ScopeKeysRead, admin.ScopeKeysWrite, "/accounts.read"},
		Claims: jsontext.Value(`{"tenant":{"id":"acme","tier":1}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := adminCaller{instance: i, id: key.ClientID, secret: key.ClientSecret}
	c.token = c.fetch(t, "resource="+i.Issuer+"/admin")
	made := c.call(t, "POST", "/admin/v1/keys", `{"name":"a","scopes":["/accounts.read"],"claims":{"tenant": {"tier":1, "id":"acme"}}}`)
	if made.status != http.StatusCreated {
		t.Fatalf("its own: got %d %s", made.status, made.body)
	}
	path, etag := "/admin/v1/keys/"+made.fields["client_id"].(string), made.header.Get("ETag")
	for name, claims := range map[string]string{
		"another value": `{"tenant":{"id":"other","tier":1}}`, "one more": `{"tenant":{"id":"acme","tier":1},"staff":true}`, "a null": `{"staff":null}`,
	} {
		for what, got := range map[string]answer{
			"create": c.call(t, "POST", "/admin/v1/keys", `{"name":"a","scopes":["/accounts.read"],"claims":`+claims+`}`),
			"change": c.call(t, "PATCH", path, `{"claims":`+claims+`}`, "If-Match", etag),
		} {
			if got.status != http.StatusForbidden || !strings.Contains(got.body, `"pointer":"#/claims/`) {
				t.Errorf("%s, %s: got %d %s", name, what, got.status, got.body)
			}
		}
	}
	if got := c.call(t, "PATCH", path, `{"claims":{}}`, "If-Match", etag); got.status != http.StatusOK {
		t.Errorf("none: got %d %s", got.status, got.body)
	}
	for name, body := range map[string]string{"away": `{"owner":""}`, "to another": `{"owner":"other"}`} {
		if got := c.call(t, "PATCH", path, body, "If-Match", etag); got.status != http.StatusForbidden {
			t.Errorf("given %s: got %d %s", name, got.status, got.body)
		}
	}
}
