package manifest

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
)

const whole = `# A comment.
apis:
  - audience: https://api.example.com
    mode: test
    scopes:
      - /ping.read
      - /accounts/{accountID}/wallets.read
    parameters:
      accountID: uuid
    routes:
      - method: GET
        path: /accounts/{accountID}/wallets
        scopes: [ "/accounts/{accountID}/wallets.read" ]
    access_token_lifetime: 15m
    refresh_token_lifetime: 1d12h
keys:
  - client_id: backend
    name: "42"
    mode: test
    scopes:
      - /accounts/{accountID=a1|a2}/wallets.read
    origins: [ https://app.example.com ]
    requests_per_second: 50
    claims:
      tenant: acme
      level: 3
      share: 0.5
      flags: [ true, null, "7" ]
      nested: { a: { b: "" } }
    disabled: false
    valid_from: 2027-01-31
    valid_until: 2027-01-31T18:00:00+02:00
`

func TestParse(t *testing.T) {
	f, err := Parse("payments.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	until := from.Add(16 * time.Hour)
	want := admin.Manifest{
		APIs: &[]admin.ManifestAPI{{
			Audience:             "https://api.example.com",
			Mode:                 "test",
			Scopes:               []string{"/ping.read", "/accounts/{accountID}/wallets.read"},
			Parameters:           map[string]string{"accountID": "uuid"},
			Routes:               []admin.Route{{Method: "GET", Path: "/accounts/{accountID}/wallets", Scopes: []string{"/accounts/{accountID}/wallets.read"}}},
			AccessTokenLifetime:  900,
			RefreshTokenLifetime: 36 * 3600,
		}},
		Keys: &[]admin.ManifestKey{{
			ClientID:          "backend",
			Name:              "42",
			Mode:              "test",
			Scopes:            []string{"/accounts/{accountID=a1|a2}/wallets.read"},
			Origins:           []string{"https://app.example.com"},
			Disabled:          new(false),
			RequestsPerSecond: 50,
			Claims:            jsontext.Value(`{"tenant":"acme","level":3,"share":0.5,"flags":[true,null,"7"],"nested":{"a":{"b":""}}}`),
			ValidFrom:         &from,
			ValidUntil:        &until,
		}},
	}
	if diff := cmp.Diff(want, f.Manifest); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := Parse("export.yaml", Format(f.Manifest))
	if err != nil {
		t.Fatalf("what Format wrote cannot be read: %v\n%s", err, Format(f.Manifest))
	}
	if diff := cmp.Diff(f.Manifest, again.Manifest); diff != "" {
		t.Errorf("Format and Parse (-before +after):\n%s", diff)
	}
}

func TestSectionsThatAreNotThereAreLeftAlone(t *testing.T) {
	for _, tt := range []struct {
		name, yaml string
		apis, keys bool
	}{
		{name: "only APIs", yaml: "apis: []\n", apis: true},
		{name: "only keys", yaml: "keys: []\n", keys: true},
		{name: "both", yaml: "keys: []\napis: []\n", apis: true, keys: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse("a.yaml", []byte(tt.yaml))
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Manifest.APIs != nil; got != tt.apis {
				t.Errorf("apis: got %t, want %t", got, tt.apis)
			}
			if got := f.Manifest.Keys != nil; got != tt.keys {
				t.Errorf("keys: got %t, want %t", got, tt.keys)
			}
			again, err := Parse("b.yaml", Format(f.Manifest))
			if err != nil || (again.Manifest.APIs != nil) != tt.apis || (again.Manifest.Keys != nil) != tt.keys {
				t.Errorf("after Format: got %+v (%v)", again, err)
			}
		})
	}
}

func TestLocate(t *testing.T) {
	f, err := Parse("payments.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"apis[0].scopes[1]":            "payments.yaml:7",
		"apis[0].scopes[9]":            "payments.yaml:5",
		"apis[0].scopes":               "payments.yaml:5",
		"apis[0].alg":                  "payments.yaml:3",
		"apis[0].parameters.accountID": "payments.yaml:9",
		"apis[0].parameters.other":     "payments.yaml:8",
		"apis[0].routes[0].scopes[0]":  "payments.yaml:13",
		"keys[0].claims.nested.a.b":    "payments.yaml:29",
		"keys[0].valid_until":          "payments.yaml:32",
		"keys[7].name":                 "payments.yaml:16",
		"nonsense":                     "payments.yaml",
		"":                             "payments.yaml",
	} {
		if got := f.Locate(field); got != want {
			t.Errorf("%s: got %s, want %s", field, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name, yaml, want, hint string
	}{
		{name: "an empty file", want: "a.yaml:1: there is neither apis nor keys in it", hint: "begin with apis: or keys:"},
		{name: "an empty section", yaml: "{}\n", want: "a.yaml:1: there is neither apis nor keys in it", hint: "begin with apis: or keys:"},
		{name: "a list", yaml: "- apis\n", want: "a.yaml:1: the file must hold apis and keys, not a list of items"},
		{name: "an unknown section", yaml: "api: []\n", want: "a.yaml:1: unknown key api; did you mean apis?", hint: "known keys here: apis, keys"},
		{name: "an unknown key of an API", yaml: "apis:\n  - audience: a\n    scope: []\n", want: "a.yaml:3: unknown key scope; did you mean scopes?", hint: "audience, mode, scopes"},
		{name: "a secret of a key", yaml: "keys:\n  - client_id: a\n    client_secret: b\n", want: "a.yaml:3: unknown key client_secret"},
		{name: "a key twice", yaml: "keys:\n  - name: a\n    name: b\n", want: "a.yaml:3: key keys[0].name is in line 2 already"},
		{name: "a section without a value", yaml: "apis:\n", want: "a.yaml:1: apis must be a list of items, not nothing", hint: "remove the line"},
		{name: "a section for a list", yaml: "apis:\n  audience: x\n", want: "a.yaml:2: apis must be a list of items, not a section", hint: "[] for none"},
		{name: "a string for an API", yaml: "apis:\n  - https://a.example\n", want: "a.yaml:2: apis[0] must be a section, not a string"},
		{name: "a string for a list", yaml: "apis:\n  - scopes: /a.read\n", want: "a.yaml:2: apis[0].scopes must be a list of items, not a string"},
		{name: "a number for a string", yaml: "keys:\n  - name: 42\n", want: "a.yaml:2: keys[0].name must be a string, not a number", hint: "in quotes"},
		{name: "a number in a list of strings", yaml: "apis:\n  - scopes:\n      - /a.read\n      - 42\n", want: "a.yaml:4: apis[0].scopes[1] must be a string, not a number"},
		{name: "a string for a number", yaml: "keys:\n  - burst: \"5\"\n", want: "a.yaml:2: keys[0].burst must be a whole number, not a string"},
		{name: "a hexadecimal number", yaml: "keys:\n  - burst: 0x10\n", want: `a.yaml:2: keys[0].burst must be a whole number, not "0x10"`, hint: "decimal"},
		{name: "a fraction", yaml: "keys:\n  - burst: 0.5\n", want: `a.yaml:2: keys[0].burst must be a whole number, not "0.5"`, hint: "decimal"},
		{name: "a number with a zero before it", yaml: "keys:\n  - burst: 010\n", want: `a.yaml:2: keys[0].burst must be a whole number, not "010"`, hint: "decimal"},
		{name: "a number of more digits than there are numbers", yaml: "keys:\n  - burst: 99999999999999999999\n", want: `a.yaml:2: keys[0].burst must be a whole number, not "99999999999999999999"`, hint: "decimal"},
		{name: "a tag that makes yes a no", yaml: "keys:\n  - disabled: !!bool yes\n", want: `a.yaml:2: tags such as "!!bool" are not known here`, hint: "the value alone"},
		{name: "a tag in a list", yaml: "apis:\n  - scopes: [!!str a]\n", want: `a.yaml:2: tags such as "!!str" are not known here`},
		{name: "a tag that makes a claim of anything", yaml: "keys:\n  - claims: {a: !!bool evil}\n", want: `a.yaml:2: tags such as "!!bool" are not known here`, hint: "the value alone"},
		{name: "a tag of a section", yaml: "keys: !!seq []\n", want: `a.yaml:1: tags such as "!!seq" are not known here`},
		{name: "a number for a lifetime", yaml: "apis:\n  - access_token_lifetime: 900\n", want: "a.yaml:2: apis[0].access_token_lifetime must be a duration, not a number", hint: "90s, 15m, 1h or 30d"},
		{name: "a lifetime of nothing", yaml: "apis:\n  - access_token_lifetime: 0s\n", want: `a.yaml:2: apis[0].access_token_lifetime must be a duration, not "0s"`, hint: "positive"},
		{name: "a word for a time", yaml: "keys:\n  - valid_from: soon\n", want: `a.yaml:2: keys[0].valid_from must be a time, not "soon"`, hint: "2027-01-31T18:00:00Z"},
		{name: "a string for claims", yaml: "keys:\n  - claims: tenant\n", want: "a.yaml:2: keys[0].claims must be a section, not a string"},
		{name: "a claim that is no number of JSON", yaml: "keys:\n  - claims: {a: .inf}\n", want: `a.yaml:2: keys[0].claims.a cannot be ".inf"`, hint: "as JSON writes it"},
		{name: "a claim without a value", yaml: "keys:\n  - claims:\n      a:\n", want: "a.yaml:3: keys[0].claims.a cannot be nothing"},
		{name: "a claim that is a date", yaml: "keys:\n  - claims:\n      a: 2027-01-31\n", want: `a.yaml:3: keys[0].claims.a cannot be "2027-01-31"`, hint: "in quotes"},
		{name: "a claim twice", yaml: "keys:\n  - claims: {a: 1, a: 2}\n", want: "a.yaml:2: key keys[0].claims.a is in line 2 already"},
		{name: "claims without a bottom", yaml: "keys:\n  - claims: " + strings.Repeat("{a: ", 9000) + "1" + strings.Repeat("}", 9000) + "\n", want: "a.yaml:2: this is nested too deeply", hint: "a few levels"},
		{name: "an anchor", yaml: "apis: &a []\n", want: "a.yaml:1: anchors, aliases and keys that are not plain words are not known here"},
		{name: "an alias in a list", yaml: "apis:\n  - scopes: [*a]\n", want: "a.yaml:2: not YAML: unknown anchor 'a' referenced"},
		{name: "an anchor in a list", yaml: "apis:\n  - scopes: [&a b]\n", want: "a.yaml:2: anchors and aliases are not known here"},
		{name: "a merge key", yaml: "apis:\n  - <<: {audience: a}\n", want: "a.yaml:2: unknown key <<"},
		{name: "two documents", yaml: "apis: []\n---\nkeys: []\n", want: "a.yaml:2: a second document begins here"},
		{name: "a control character", yaml: "apis:\n  - audience: \x07\n", want: "a.yaml:2: a control character, U+0007", hint: "remove it"},
		{name: "a byte that is not UTF-8", yaml: "apis: []\nkeys: \xff\n", want: "a.yaml:2: a byte that is not UTF-8", hint: "save the file as UTF-8"},
		{name: "two mistakes", yaml: "apis:\n  - a: 1\n  - b: 2\n", want: "a.yaml:2: unknown key a\na.yaml:3: unknown key b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("a.yaml", []byte(tt.yaml))
			if err == nil || err.Error() != tt.want {
				t.Fatalf("%q:\n got %v\nwant %s", tt.yaml, err, tt.want)
			}
			if !strings.Contains(fault.HintOf(err), tt.hint) {
				t.Errorf("%q: got hint %q, want one with %q", tt.yaml, fault.HintOf(err), tt.hint)
			}
		})
	}
}

func TestManyProblemsAreCounted(t *testing.T) {
	_, err := Parse("a.yaml", []byte("apis:\n"+strings.Repeat("  - x: 1\n", 30)))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 21 || lines[20] != "a.yaml: 10 more problems like these" {
		t.Errorf("got %d lines, the last %q, want 20 problems and how many more", len(lines), lines[len(lines)-1])
	}
}
