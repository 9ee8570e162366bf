package sqlstore

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/store"
)

// What this release does not understand it does not guess: a limit must not get
// lost.
func TestColumnThatIsNotUnderstoodIsNotRead(t *testing.T) {
	for _, test := range []struct{ name, statement, hint string }{
		{"a policy with a member of a later release", `UPDATE clients SET policy = '{"burst":1,"methods":["GET"]}'`, "policy"},
		{"a policy with a member in other letters", `UPDATE clients SET policy = '{"Burst":1}'`, "policy"},
		{"a policy with a member twice", `UPDATE clients SET policy = '{"burst":1,"burst":100}'`, "policy"},
		{"a policy with a limit that is a text", `UPDATE clients SET policy = '{"burst":"1"}'`, "policy"},
		{"a policy with a limit that is no integer", `UPDATE clients SET policy = '{"burst":1.5}'`, "policy"},
		{"half a policy", `UPDATE clients SET policy = '{"burst":1'`, "policy"},
		{"two policies", `UPDATE clients SET policy = '{"burst":1}{}'`, "policy"},
		{"a policy that is null", `UPDATE clients SET policy = 'null'`, "policy"},
		{"a policy that is a list", `UPDATE clients SET policy = '[]'`, "policy"},
		{"parameters with an unknown member", `UPDATE apis SET parameters = '[{"name":"a","type":"uuid","default":"x"}]'`, "parameters"},
		{"parameters that are an object", `UPDATE apis SET parameters = '{"a":"uuid"}'`, "parameters"},
		{"routes with an unknown member", `UPDATE apis SET routes = '[{"method":"GET","path":"/","any":["/a"]}]'`, "routes"},
		{"routes with one scope in place of a list", `UPDATE apis SET routes = '[{"method":"GET","path":"/","scopes":"/a"}]'`, "routes"},
		{"a route that is null", `UPDATE apis SET routes = '[null]'`, "routes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "grantd.db")
			s, ctx := openNew(t, path), t.Context()
			_, err := s.Write(
				ctx, store.Origin{Actor: "system"},
				store.CreateAPI{API: store.API{ID: "record", Mode: store.Live}},
				store.CreateClient{Client: store.Client{ID: "record", Mode: store.Live}},
			)
			if err != nil {
				t.Fatal(err)
			}
			exec(t, connect(t, path), test.statement)

			reads := map[string]func() error{
				"API":     func() error { _, err := s.API(ctx, "record"); return err },
				"APIs":    func() error { _, err := s.APIs(ctx); return err },
				"Client":  func() error { _, err := s.Client(ctx, "record"); return err },
				"Clients": func() error { _, err := s.Clients(ctx, "", 10); return err },
			}
			for name, read := range reads {
				err := read()
				concerned := strings.HasPrefix(name, "Client") == (test.hint == "policy")
				if !concerned {
					if err != nil {
						t.Errorf("%s: got %v, want none: it is about the other record", name, err)
					}
					continue
				}
				if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "column "+test.hint) ||
					!strings.Contains(err.Error(), `"record"`) {
					t.Errorf("%s: got %v, want %v that names the record and the column", name, err, store.ErrUnavailable)
				}
			}
		})
	}
}

// Most keys have no policy: they must not be larger for what others have.
func TestPlainRecordsHaveEmptyColumns(t *testing.T) {
	api, err := apiColumnsOf(store.API{Mode: store.Live, Parameters: []store.Parameter{}, Routes: []store.Route{}})
	if err != nil || api != (apiColumns{}) {
		t.Errorf("got %+v (%v), want no text", api, err)
	}
	client, err := clientColumnsOf(store.Client{Mode: store.Live, Policy: store.Policy{Origins: []string{}}})
	if err != nil || client != (clientColumns{}) {
		t.Errorf("got %+v (%v), want no text", client, err)
	}
}

// The names in the columns are on disk: they must be the same in every release.
func TestTextOfColumnsNeverChanges(t *testing.T) {
	at := fromMillis(1_777_863_721_987)
	for _, test := range []struct {
		name, want string
		make       func() (string, error)
	}{
		{"parameters", `[{"name":"accountID","type":"enum:a|b"}]`, func() (string, error) {
			return parametersColumn([]store.Parameter{{Name: "accountID", Type: "enum:a|b"}})
		}},
		{"routes", `[{"method":"GET","path":"/a/{b}","scopes":["/b","/a"]},{"method":"PUT","path":"/"}]`, func() (string, error) {
			return routesColumn([]store.Route{
				{Method: "GET", Path: "/a/{b}", Scopes: []string{"/b", "/a"}}, {Method: "PUT", Path: "/"},
			})
		}},
		{
			"policy", `{"origins":["https://a"],"networks":["10.0.0.0/8"],"valid_from":1777863721987,` +
				`"valid_until":1777863721988,"requests_per_second":1,"burst":2,"tokens_per_hour":3,"tokens_per_day":4,` +
				`"claims":"{\"a\":\"<é>\u0001` + "\u2028\x7f" + `\"}"}`,
			func() (string, error) {
				return policyColumn(store.Policy{
					Origins: []string{"https://a"}, Networks: []string{"10.0.0.0/8"},
					ValidFrom: at, ValidUntil: fromMillis(1_777_863_721_988),
					RequestsPerSecond: 1, Burst: 2, TokensPerHour: 3, TokensPerDay: 4, Claims: `{"a":"<é>` + "\x01\u2028\x7f" + `"}`,
				})
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.make()
			if err != nil || got != test.want {
				t.Errorf("got %s (%v), want %s", got, err, test.want)
			}
		})
	}
}
