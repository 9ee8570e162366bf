package clientauth

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// The credentials that the RFCs show.
func TestTheExamplesOfTheRFCs(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   web.Request
		want credentials
	}{
		{
			"RFC 6749 §2.3.1: credentials in the body",
			web.Request{Params: web.Params{{Name: "client_id", Value: "s6BhdRkqt3"}, {Name: "client_secret", Value: "7Fjfp0ZBr1KtDRbnfVdmIw"}}},
			credentials{oauth.ClientSecretPost, []pair{{"s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"}}},
		},
		{
			"RFC 6749 §2.3.1: credentials in Basic",
			web.Request{Authorization: "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"},
			credentials{oauth.ClientSecretBasic, []pair{{"s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"}}},
		},
		{
			"RFC 7617 §2: Aladdin and a space",
			web.Request{Authorization: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
			credentials{oauth.ClientSecretBasic, []pair{{"Aladdin", "open sesame"}}},
		},
		{
			"a pound sign in the UTF-8 of RFC 7617 §2.1",
			web.Request{Authorization: "Basic dGVzdDoxMjPCow=="},
			credentials{oauth.ClientSecretBasic, []pair{{"test", "123£"}}},
		},
		{
			"RFC 6749 §B: what is form-encoded twice is decoded once",
			web.Request{Authorization: basic("%2525:%2525")},
			credentials{oauth.ClientSecretBasic, []pair{{"%25", "%25"}, {"%2525", "%2525"}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(&tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(credentials{}, pair{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
