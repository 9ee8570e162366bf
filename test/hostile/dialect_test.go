package hostile

import (
	"fmt"
	"strings"
	"testing"
)

func (f fixture) testForm(t *testing.T) {
	post := func(body string) request { return request{body: body, key: f.plain} }
	f.try(t, []attempt{
		{"RFC 6749 §3.2: a parameter without a value is left out", post(grantForm + "&scope=&refresh_token"), 200, ""},
		{"RFC 6749 §3.2: an unknown parameter is ignored", post(grantForm + "&client_type=web&x%5B%5D=1"), 200, ""},
		{"RFC 6749 §3.2: a repeated grant_type is refused", post(grantForm + "&" + grantForm), 400, "invalid_request"},
		{"RFC 6749 §3.2: a repeated scope is refused, even with the same value", post(grantForm + "&scope=/a.read&scope=/a.read"), 400, "invalid_request"},
		{"RFC 6749 §3.2: a repeated parameter is refused when one is empty", post(grantForm + "&scope=&scope=/a.read"), 400, "invalid_request"},
		{"RFC 6749 §3.2: a repeated parameter is refused when one name is encoded", post(grantForm + "&scope=/a.read&sc%6Fpe=/a.write"), 400, "invalid_request"},
		{"RFC 6749 §3.2: a repeated unknown parameter is refused", post(grantForm + "&x=1&x=2"), 400, "invalid_request"},
		{"RFC 6749 §5.2: no grant_type", post("scope=/a.read"), 400, "invalid_request"},
		{"RFC 6749 §5.2: an empty grant_type", post("grant_type="), 400, "invalid_request"},
		{"RFC 6749 §5.2: an empty body", post(""), 400, "invalid_request"},
		{"a name in another case is another name", post("GRANT_TYPE=client_credentials"), 400, "invalid_request"},
		{"a raw space and a colon in a value are taken as they are", post(grantForm + "&scope=/a.read urn:x:read"), 200, ""},
		{"a percent sign before something else is refused", post(grantForm + "&scope=%zz"), 400, "invalid_request"},
		{"a percent sign at the end is refused", post(grantForm + "&scope=%"), 400, "invalid_request"},
		{"half an escape at the end is refused", post(grantForm + "&scope=%4"), 400, "invalid_request"},
		{"a broken escape in a name is refused", post(grantForm + "&%zz=1"), 400, "invalid_request"},
		{"NUL in a value is refused", post(grantForm + "&scope=/a.read%00"), 400, "invalid_request"},
		{"a raw NUL is refused", post(grantForm + "&scope=/a.read\x00"), 400, "invalid_request"},
		{"invalid UTF-8 is refused", post(grantForm + "&scope=%ff%fe"), 400, "invalid_request"},
		{"overlong UTF-8 is refused", post(grantForm + "&scope=%c0%af"), 400, "invalid_request"},
		{"a raw invalid byte is refused", post(grantForm + "&scope=\xff"), 400, "invalid_request"},
		{"a semicolon does not separate", post("x=1;" + grantForm), 400, "invalid_request"},
		{"only separators", post("&&&&==&="), 400, "invalid_request"},
		{"a trailing newline belongs to the value", post(grantForm + "\n"), 400, "unsupported_grant_type"},
		{"binary rubbish", post("\x00\x01\x02\xff\xfe"), 400, "invalid_request"},
	})
}

func (f fixture) testJSON(t *testing.T) {
	post := func(body string) request { return request{kind: jsonType, body: body, key: f.plain} }
	const grant = `"grant_type":"client_credentials"`
	curl := post("{" + grant + "}")
	curl.kind = formType
	spaced := curl
	spaced.body = " \r\n\t" + curl.body
	f.try(t, []attempt{
		{"one object", post("{" + grant + "}"), 200, ""},
		{"an object under the form content type", curl, 200, ""},
		{"an object after white space under the form content type", spaced, 200, ""},
		{"null and empty members are left out", post("{" + grant + `,"scope":null,"refresh_token":""}`), 200, ""},
		{"an unknown member is ignored", post("{" + grant + `,"client_type":"web"}`), 200, ""},
		{"an escaped name is that name", post(`{"grant\u005ftype":"client_credentials"}`), 200, ""},
		{"a null grant_type is none", post(`{"grant_type":null}`), 400, "invalid_request"},
		{"a name in another case is another name", post(`{"Grant_Type":"client_credentials"}`), 400, "invalid_request"},
		{"a member twice", post("{" + grant + "," + grant + "}"), 400, "invalid_request"},
		{"a member twice, once escaped", post("{" + grant + `,"grant\u005ftype":"client_credentials"}`), 400, "invalid_request"},
		{"a member twice, once null", post("{" + grant + `,"scope":null,"scope":"/a.read"}`), 400, "invalid_request"},
		{"an unknown member twice", post("{" + grant + `,"x":"1","x":"1"}`), 400, "invalid_request"},
		{"an array as scope", post("{" + grant + `,"scope":["/a.read"]}`), 400, "invalid_request"},
		{"a number as grant_type", post(`{"grant_type":1}`), 400, "invalid_request"},
		{"true as grant_type", post(`{"grant_type":true}`), 400, "invalid_request"},
		{"an object as grant_type", post(`{"grant_type":{"a":"b"}}`), 400, "invalid_request"},
		{"an array", post("[{" + grant + "}]"), 400, "invalid_request"},
		{"a string", post(`"grant_type"`), 400, "invalid_request"},
		{"null", post("null"), 400, "invalid_request"},
		{"nothing", post(""), 400, "invalid_request"},
		{"white space", post("  \n "), 400, "invalid_request"},
		{"an empty object", post("{}"), 400, "invalid_request"},
		{"two objects", post("{" + grant + "}{}"), 400, "invalid_request"},
		{"rubbish after the object", post("{" + grant + "}x"), 400, "invalid_request"},
		{"a trailing comma", post("{" + grant + ",}"), 400, "invalid_request"},
		{"a comment", post("{/* */" + grant + "}"), 400, "invalid_request"},
		{"single quotes", post(`{'grant_type':'client_credentials'}`), 400, "invalid_request"},
		{"an object that does not end", post("{" + grant), 400, "invalid_request"},
		{"a string that does not end", post(`{"grant_type":"client_cred`), 400, "invalid_request"},
		{"a byte order mark", post("\xef\xbb\xbf{" + grant + "}"), 400, "invalid_request"},
		{"invalid UTF-8", post("{" + grant + ",\"scope\":\"\xff\"}"), 400, "invalid_request"},
		{"half a surrogate pair", post("{" + grant + `,"scope":"\ud800"}`), 400, "invalid_request"},
		{"NUL, escaped", post("{" + grant + `,"scope":"/a.read\u0000"}`), 400, "invalid_request"},
		{"NUL, raw", post("{" + grant + ",\"scope\":\"\x00\"}"), 400, "invalid_request"},
		{"objects nested 10 000 deep", post(strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)), 400, "invalid_request"},
		{"arrays nested 30 000 deep", post(`{"scope":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "}"), 400, "invalid_request"},
		{"a form under the JSON content type", post(grantForm), 400, "invalid_request"},
		{"UTF-16", post("{\x00}\x00"), 400, "invalid_request"},
	})
}

// object is a JSON body with credentials.
func object(id, secret string) string {
	return fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q}`, id, secret)
}
