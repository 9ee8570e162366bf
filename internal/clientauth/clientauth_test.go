package clientauth

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func basic(plain string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(plain))
}

func TestParseBasic(t *testing.T) {
	tests := []struct {
		name   string
		header string
		want   []pair
	}{
		{"RFC 6749 §2.3.1: the example", "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", []pair{{"s6BhdRkqt3", "gX1fBat3bV"}}},
		{"RFC 7617 §2: the scheme is matched in any case", strings.Replace(basic("a:b"), "Basic", "BASIC", 1), []pair{{"a", "b"}}},
		{"RFC 7617 §2: the secret may hold colons", basic("a:b:c"), []pair{{"a", "b:c"}}},
		{"RFC 6749 §2.3.1: form-encoded halves are decoded first", basic("a%2Fb:c%3Ad+e"), []pair{{"a/b", "c:d e"}, {"a%2Fb", "c%3Ad+e"}}},
		{"RFC 6749 §B: the example of what form-encoding does", basic("a:+%25%26%2B%C2%A3%E2%82%AC"), []pair{{"a", " %&+£€"}, {"a", "+%25%26%2B%C2%A3%E2%82%AC"}}},
		{"a secret with a raw percent sign", basic("a:100%"), []pair{{"a", "100%"}}},
		{"an id with a broken escape", basic("a%zz:b"), []pair{{"a%zz", "b"}}},
		{"an empty secret", basic("a:"), []pair{{"a", ""}}},
		{"two spaces after the scheme", "Basic  " + basic("a:b")[6:], []pair{{"a", "b"}}},
		{"an empty id", basic(":b"), nil},
		{"no colon", basic("ab"), nil},
		{"nothing", "Basic ", nil},
		{"no space", "Basic", nil},
		{"another scheme", "Bearer abc", nil},
		{"no base64", "Basic !!!", nil},
		{"one million dots", "Basic " + strings.Repeat(".", 1_000_000), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parseBasic(tt.header)
			if ok != (tt.want != nil) {
				t.Fatalf("got %v, %v", got, ok)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(pair{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHash(t *testing.T) {
	pepper, other, same := NewPepper([32]byte{1}), NewPepper([32]byte{2}), NewPepper([32]byte{1})
	if pepper.Hash("ab", "c") == pepper.Hash("a", "bc") {
		t.Error("id and secret run into each other")
	}
	if pepper.Hash("a", "b") == other.Hash("a", "b") {
		t.Error("the pepper makes no difference")
	}
	if pepper.Hash("a", "b") != same.Hash("a", "b") {
		t.Error("one secret has two hashes")
	}
}

func TestNewCredentialsKeepToOneAlphabet(t *testing.T) {
	id, secret := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]{15}$`), regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]{31}$`)
	seen := map[string]bool{}
	for range 1000 {
		a, b := NewID(), NewSecret()
		if !id.MatchString(a) || !secret.MatchString(b) || seen[a] || seen[b] {
			t.Fatalf("got %q and %q", a, b)
		}
		seen[a], seen[b] = true, true
	}
}

func FuzzBasic(f *testing.F) {
	for _, seed := range []string{"Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", "Basic", "Basic ====", basic("a:%"), basic("a+b:%41"), "basic " + basic(":")[6:]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		pairs, ok := parseBasic(header)
		if !ok {
			return
		}
		// The last reading is always the raw one, which gives the header back.
		raw := pairs[len(pairs)-1]
		again, ok := parseBasic(basic(raw.id + ":" + raw.secret))
		if !ok || again[len(again)-1] != raw || len(pairs) > 2 {
			t.Errorf("%q gives %q, and that %q", header, pairs, again)
		}
	})
}

func TestReadRefusesContradictions(t *testing.T) {
	tests := []struct {
		name    string
		dialect web.Dialect
		header  string
		id      string
		secret  string
		code    oauth.ErrorCode
	}{
		{"Basic alone", web.Form, basic("a:b"), "", "", ""},
		{"body alone", web.Form, "", "a", "b", ""},
		{"RFC 6749 §2.3: Basic and a secret in a form", web.Form, basic("a:b"), "a", "b", oauth.InvalidRequest},
		{"Basic and the same secret in JSON", web.JSON, basic("a:b"), "a", "b", ""},
		{"Basic encoded and the same secret in JSON", web.JSON, basic("a:b%2Fc"), "a", "b/c", ""},
		{"Basic raw and the same secret in JSON", web.JSON, basic("a:b%2Fc"), "a", "b%2Fc", ""},
		{"Basic and another secret in JSON", web.JSON, basic("a:b"), "a", "c", oauth.InvalidRequest},
		{"Basic and another id in JSON", web.JSON, basic("a:b"), "x", "b", oauth.InvalidRequest},
		{"Basic and the same id", web.Form, basic("a:b"), "a", "", ""},
		{"a secret without an id", web.Form, "", "", "b", oauth.InvalidClient},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &web.Request{Dialect: tt.dialect, Authorization: tt.header}
			for _, p := range []web.Param{{Name: "client_id", Value: tt.id}, {Name: "client_secret", Value: tt.secret}} {
				if p.Value != "" {
					r.Params = append(r.Params, p)
				}
			}
			_, err := read(r)
			var code oauth.ErrorCode
			if refusal, ok := err.(*web.Error); ok { //nolint:errorlint // read returns it bare
				code = refusal.Public.Code
			}
			if code != tt.code || (err != nil) != (tt.code != "") {
				t.Errorf("got %v, want %q", err, tt.code)
			}
		})
	}
}
