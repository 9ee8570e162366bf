package clientauth

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// What stands in the body picks the reading of Basic; id and secret never come
// from two readings.
func TestTheBodyPicksOneReadingOfBasic(t *testing.T) {
	const header = "imported%2D1:sec%2Fret"
	decoded, raw := pair{"imported-1", "sec/ret"}, pair{"imported%2D1", "sec%2Fret"}
	tests := []struct {
		name       string
		dialect    web.Dialect
		id, secret string
		want       []pair
		code       oauth.ErrorCode
	}{
		{"no id: both readings", web.Form, "", "", []pair{decoded, raw}, ""},
		{"the decoded id", web.Form, "imported-1", "", []pair{decoded}, ""},
		{"the raw id", web.Form, "imported%2D1", "", []pair{raw}, ""},
		{"an id of neither", web.Form, "imported_1", "", nil, oauth.InvalidRequest},
		{"the decoded secret in JSON", web.JSON, "", "sec/ret", []pair{decoded}, ""},
		{"the raw secret in JSON", web.JSON, "", "sec%2Fret", []pair{raw}, ""},
		{"both decoded in JSON", web.JSON, "imported-1", "sec/ret", []pair{decoded}, ""},
		{"both raw in JSON", web.JSON, "imported%2D1", "sec%2Fret", []pair{raw}, ""},
		{"the raw id with the decoded secret in JSON", web.JSON, "imported%2D1", "sec/ret", nil, oauth.InvalidRequest},
		{"the decoded id with the raw secret in JSON", web.JSON, "imported-1", "sec%2Fret", nil, oauth.InvalidRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &web.Request{Dialect: tt.dialect, Authorization: basic(header)}
			for _, p := range []web.Param{{Name: "client_id", Value: tt.id}, {Name: "client_secret", Value: tt.secret}} {
				if p.Value != "" {
					r.Params = append(r.Params, p)
				}
			}
			got, err := read(r)
			var code oauth.ErrorCode
			if refusal, ok := err.(*web.Error); ok { //nolint:errorlint // read returns it bare
				code = refusal.Public.Code
			}
			if code != tt.code || (err != nil) != (tt.code != "") {
				t.Errorf("got %v, want %q", err, tt.code)
			}
			if diff := cmp.Diff(tt.want, got.pairs, cmp.AllowUnexported(pair{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err == nil && got.method != oauth.ClientSecretBasic {
				t.Errorf("the method is %s", got.method)
			}
		})
	}
}
