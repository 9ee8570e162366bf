package token

import (
	"slices"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/store"
)

func TestInspectionHasAllClaimsOfAJWTAndNothingOfItsSignature(t *testing.T) {
	k := newKit(t)
	k.change(t, plainKey, func(c *store.Client) { c.Policy.Claims = `{"tenant": {"name": "a<b", "n": 1.0}, "a": true}` })
	text := k.grant(t, plainKey, "/jwt").AccessToken
	got := k.reader.Inspect(text)
	var names, header []string
	values := map[string]string{}
	for _, m := range got.Members {
		names = append(names, m.Name)
		values[m.Name] = m.Value
	}
	for _, m := range got.Header {
		header = append(header, m.Name+"="+m.Value)
	}
	want := []string{"a", "aud", "client_id", "exp", "iat", "iss", "jti", "mode", "scope", "sub", "tenant"}
	if !slices.Equal(names, want) {
		t.Errorf("got the claims %v, want %v", names, want)
	}
	if values["tenant"] != `{"name":"a<b","n":1.0}` || values["client_id"] != `"`+plainKey+`"` || values["a"] != "true" {
		t.Errorf("got the values %v", values)
	}
	if !slices.Contains(header, `alg="ES256"`) || !slices.Contains(header, `kid="`+got.KeyID+`"`) || !slices.IsSorted(header) {
		t.Errorf("got the header %v", header)
	}
	parts := strings.Split(text, ".")
	for _, m := range slices.Concat(got.Header, got.Members) {
		if strings.Contains(m.Value, parts[2][:8]) {
			t.Errorf("%s has a part of the signature", m.Name)
		}
	}
	broken := k.reader.Inspect(parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])))
	sealed := k.reader.Inspect(k.grant(t, ownerKey, "/opaque").AccessToken)
	if broken.Members != nil || broken.Header != nil || sealed.Members != nil || sealed.Header != nil {
		t.Errorf("a JWT that is not ours has %v, a sealed token %v", broken.Members, sealed.Members)
	}
}
