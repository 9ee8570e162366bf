package clients

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/test/blackbox"
)

// expected is what a token must say.
type expected struct {
	client, audience, scope, algorithm, typ string
	// mode is live when it is empty.
	mode string
	// static are the claims that the key adds; there must be no others.
	static map[string]any
}

// issued is a token that some client obtained.
type issued struct {
	by    string
	token blackbox.Token
	want  expected
}

// jwksURI reads where the signing keys are, as a verifier does that knows the issuer.
func jwksURI(t *testing.T, s *blackbox.Server) string {
	t.Helper()
	resp, err := s.Client(t).Get(s.URL + "/.well-known/oauth-authorization-server")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var metadata struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	err = json.Unmarshal(body, &metadata)
	if err != nil || resp.StatusCode != http.StatusOK || metadata.Issuer != s.URL {
		t.Fatalf("got %s %s, want the metadata of %s", resp.Status, body, s.URL)
	}
	return metadata.JWKSURI
}

// verify has every token checked by golang-jwt with keyfunc and by PyJWT.
func (f fixture) verify(t *testing.T, tokens []issued) {
	t.Helper()
	for _, i := range tokens {
		f.Hide(i.token.AccessToken, i.token.RefreshToken)
		f.verifyGo(t, i)
	}
	f.verifyPython(t, tokens)
}

func (f fixture) verifyGo(t *testing.T, i issued) {
	t.Helper()
	keys, err := keyfunc.NewDefaultCtx(t.Context(), []string{f.jwks})
	if err != nil {
		t.Fatalf("read %s: %v", f.jwks, err)
	}
	claims := jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(i.token.AccessToken, claims, keys.Keyfunc,
		jwt.WithValidMethods([]string{i.want.algorithm}),
		jwt.WithIssuer(f.URL), jwt.WithAudience(i.want.audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(time.Second))
	if err != nil {
		t.Errorf("%s: golang-jwt refuses the token: %v", i.by, err)
		return
	}
	checkToken(t, i, token.Header, claims)
}

func (f fixture) verifyPython(t *testing.T, tokens []issued) {
	t.Helper()
	type wanted struct {
		Token     string `json:"token"`
		Algorithm string `json:"algorithm"`
		Audience  string `json:"audience"`
		Issuer    string `json:"issuer"`
	}
	var list []wanted
	for _, i := range tokens {
		list = append(list, wanted{i.token.AccessToken, i.want.algorithm, i.want.audience, f.URL})
	}
	var verified []struct {
		Header, Claims map[string]any
	}
	python(t, "verify.py", map[string]any{"jwks_uri": f.jwks, "tokens": list}, &verified)
	if len(verified) != len(tokens) {
		t.Fatalf("PyJWT verified %d tokens, want %d", len(verified), len(tokens))
	}
	for n, v := range verified {
		checkToken(t, tokens[n], v.Header, v.Claims)
	}
}

func checkToken(t *testing.T, i issued, header, claims map[string]any) {
	t.Helper()
	got := map[string]any{"alg": header["alg"], "typ": header["typ"]}
	for name, value := range claims {
		if !slices.Contains([]string{"iss", "iat", "exp", "jti"}, name) {
			got[name] = value
		}
	}
	want := map[string]any{
		"alg": i.want.algorithm, "typ": i.want.typ, "aud": i.want.audience, "scope": i.want.scope,
		"sub": i.want.client, "client_id": i.want.client, "mode": "live",
	}
	if i.want.mode != "" {
		want["mode"] = i.want.mode
	}
	maps.Copy(want, i.want.static)
	diff := cmp.Diff(want, got)
	if diff != "" {
		t.Errorf("%s: token differs (-want +got):\n%s", i.by, diff)
	}
	lifetime := number(claims["exp"]) - number(claims["iat"])
	if lifetime != i.token.ExpiresIn {
		t.Errorf("%s: got a token that lives %d s, want expires_in, %d s", i.by, lifetime, i.token.ExpiresIn)
	}
	if i.token.Scope != i.want.scope || i.token.TokenType != "Bearer" {
		t.Errorf("%s: got scope %q and type %q, want %q and Bearer", i.by, i.token.Scope, i.token.TokenType, i.want.scope)
	}
}

func number(v any) int64 {
	f, _ := v.(float64)
	return int64(f)
}

// python runs a program of testdata in the virtual environment that
// test/setup.sh makes.
func python(t *testing.T, program string, input, output any) {
	t.Helper()
	stdin, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	interpreter := filepath.Join(blackbox.Root(t), "build", "venv", "bin", "python")
	r := blackbox.Exec(t, string(stdin), interpreter, filepath.Join("testdata", program))
	if r.Code != 0 {
		t.Fatalf("%s: got exit code %d (was test/setup.sh run?)\n%s", program, r.Code, r.Stderr)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(r.Stdout)))
	err = d.Decode(output)
	if err != nil {
		t.Fatalf("%s wrote %q: %v", program, r.Stdout, err)
	}
}
