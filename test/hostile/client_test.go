package hostile

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/test/blackbox"
)

func (f fixture) testClient(t *testing.T) {
	t.Run("uniform", f.testUniform)
	t.Run("basic", f.testBasic)
	t.Run("twice", f.testTwice)
}

// testUniform compares whole answers: nothing may tell whether an id exists.
func (f fixture) testUniform(t *testing.T) {
	unknown := blackbox.Key{ID: "AAAAAAAAAAAAAAAA", Secret: f.plain.Secret}
	wrong := blackbox.Key{ID: f.plain.ID, Secret: "wrong"}
	gone := blackbox.Key{ID: f.disabled.ID, Secret: "wrong"}
	ways := []struct {
		name string
		make func(k blackbox.Key) request
	}{
		{"in Authorization", func(k blackbox.Key) request { return request{body: grantForm, key: k} }},
		{"in the form", func(k blackbox.Key) request {
			return request{body: grantForm + "&client_id=" + k.ID + "&client_secret=" + k.Secret}
		}},
		{"in JSON", func(k blackbox.Key) request { return request{kind: jsonType, body: object(k.ID, k.Secret)} }},
		{"with a grant that does not exist", func(k blackbox.Key) request { return request{body: "grant_type=x", key: k} }},
	}
	for _, way := range ways {
		t.Run("RFC 6749 §5.2: an unknown id and a wrong secret get the same bytes, "+way.name, func(t *testing.T) {
			want := f.send(t, way.make(wrong))
			checkError(t, want, http.StatusUnauthorized, "invalid_client")
			for _, k := range []blackbox.Key{unknown, gone, {ID: f.plain.ID + "x", Secret: "wrong"}, {ID: strings.ToLower(f.plain.ID) + "é", Secret: f.plain.Secret}} {
				got := f.send(t, way.make(k))
				want.header.Del("Date")
				got.header.Del("Date")
				diff := cmp.Diff(want.header, got.header)
				if got.status != want.status || got.body != want.body || diff != "" {
					t.Errorf("id %q: got %d %s, want %d %s; headers (-want +got):\n%s", k.ID, got.status, got.body, want.status, want.body, diff)
				}
			}
		})
	}
}

func (f fixture) testBasic(t *testing.T) {
	header := func(value string) request {
		return request{body: grantForm, header: map[string]string{"Authorization": value}}
	}
	encode := func(plain string) string { return base64.StdEncoding.EncodeToString([]byte(plain)) }
	good := encode(f.plain.ID + ":" + f.plain.Secret)
	escaped := encode(url.QueryEscape(f.special.ID) + ":" + url.QueryEscape(f.special.Secret))
	f.Hide(good, escaped)
	f.try(t, []attempt{
		{"RFC 6749 §5.2: no credentials at all is 401", request{body: grantForm}, 401, "invalid_client"},
		{"RFC 6749 §5.2: an id without a secret is 401", request{body: grantForm + "&client_id=" + f.plain.ID}, 401, "invalid_client"},
		{"RFC 6749 §5.2: a secret without an id is 401", request{body: grantForm + "&client_secret=" + f.plain.Secret}, 401, "invalid_client"},
		{"RFC 6749 §5.2: a disabled key is 401", request{body: grantForm, key: f.disabled}, 401, "invalid_client"},
		{"RFC 7617 §2: the scheme is matched in any case", header("bAsIc " + good), 200, ""},
		{"an empty Authorization", header(" "), 401, "invalid_client"},
		{"Basic without credentials", header("Basic"), 401, "invalid_client"},
		{"Basic that is not base64", header("Basic !!!!"), 401, "invalid_client"},
		{"Basic without padding", header("Basic " + strings.TrimRight(encode(f.plain.ID+":"+f.plain.Secret+"xx"), "=")), 401, "invalid_client"},
		{"Basic without a colon", header("Basic " + encode("nobody")), 401, "invalid_client"},
		{"Basic with an empty id", header("Basic " + encode(":secret")), 401, "invalid_client"},
		{"Basic with NUL", header("Basic " + encode(f.plain.ID+"\x00:"+f.plain.Secret)), 401, "invalid_client"},
		{"Basic with invalid UTF-8", header("Basic " + encode("\xff\xfe:\xff")), 401, "invalid_client"},
		{"Basic with something after it", header("Basic " + good + ", Basic " + good), 401, "invalid_client"},
		{"Bearer", header("Bearer " + f.plain.Secret), 401, "invalid_client"},
		{"a scheme nobody knows", header("Negotiate abc"), 401, "invalid_client"},
		{"RFC 6749 §2.3.1: an imported secret, form-encoded in Basic", header("Basic " + escaped), 200, ""},
		{"an imported secret, raw in Basic", request{body: grantForm, key: f.special}, 200, ""},
		{"an imported secret with a broken escape, raw in Basic", request{body: grantForm, key: f.percent}, 200, ""},
		{"an imported secret, in the form", request{
			body: grantForm + "&client_id=" + f.special.ID + "&client_secret=" + url.QueryEscape(f.special.Secret),
		}, 200, ""},
	})
}

func (f fixture) testTwice(t *testing.T) {
	inForm := func(id, secret string) request {
		return request{body: grantForm + "&client_id=" + id + "&client_secret=" + secret, key: f.plain}
	}
	inJSON := func(id, secret string) request {
		return request{kind: jsonType, body: object(id, secret), key: f.plain}
	}
	f.try(t, []attempt{
		{"RFC 6749 §2.3: Basic and a secret in the form are two methods", inForm(f.plain.ID, f.plain.Secret), 400, "invalid_request"},
		{"client_id in the form beside Basic, the same", request{body: grantForm + "&client_id=" + f.plain.ID, key: f.plain}, 200, ""},
		{"client_id in the form beside Basic, another", request{body: grantForm + "&client_id=" + f.other.ID, key: f.plain}, 400, "invalid_request"},
		{"the same credentials in Basic and JSON", inJSON(f.plain.ID, f.plain.Secret), 200, ""},
		{"another secret in JSON than in Basic", inJSON(f.plain.ID, f.other.Secret), 400, "invalid_request"},
		{"another key in JSON than in Basic", inJSON(f.other.ID, f.other.Secret), 400, "invalid_request"},
		{"the right secret in JSON does not mend the one in Basic", request{
			kind: jsonType, body: object(f.plain.ID, f.plain.Secret), key: blackbox.Key{ID: f.plain.ID, Secret: "wrong"},
		}, 400, "invalid_request"},
	})
}
