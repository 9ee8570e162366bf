package web

import "testing"

// The bodies that the RFCs show.
func TestTheExamplesOfTheRFCs(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       Params
	}{
		{"RFC 6749 §B: space, percent, ampersand, plus, pound and euro in UTF-8", "value=+%25%26%2B%C2%A3%E2%82%AC", Params{{"value", " %&+£€"}}},
		{"RFC 6749 §B: names are encoded as values are", "+%25%26%2B%C2%A3%E2%82%AC=value", Params{{" %&+£€", "value"}}},
		{"RFC 6749 §B: hexadecimal digits in either case", "value=%c2%a3%E2%82%ac", Params{{"value", "£€"}}},
		{
			"RFC 6749 §2.3.1: credentials in the body", "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw",
			Params{{"grant_type", "refresh_token"}, {"refresh_token", "tGzv3JOkF0XG5Qx2TlKWIA"}, {"client_id", "s6BhdRkqt3"}, {"client_secret", "7Fjfp0ZBr1KtDRbnfVdmIw"}},
		},
		{"RFC 6749 §4.4.2: client_credentials", "grant_type=client_credentials", Params{{"grant_type", "client_credentials"}}},
		{"RFC 6749 §6: refresh_token", "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA", Params{{"grant_type", "refresh_token"}, {"refresh_token", "tGzv3JOkF0XG5Qx2TlKWIA"}}},
		{"RFC 7009 §2.1: revocation", "token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token", Params{{"token", "45ghiukldjahdnhzdauz"}, {"token_type_hint", "refresh_token"}}},
		{"RFC 7662 §2.1: introspection", "token=mF_9.B5f-4.1JqM&token_type_hint=access_token", Params{{"token", "mF_9.B5f-4.1JqM"}, {"token_type_hint", "access_token"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseForm(tt.body, nil)
			check(t, got, tt.want, err, "")
		})
	}
}
