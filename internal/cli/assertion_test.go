package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writePair writes a key pair in PEM, and returns both paths.
func writePair(t *testing.T) (public, private string) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(pair.Public())
	if err != nil {
		t.Fatal(err)
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(pair)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("public.pem", "PUBLIC KEY", publicDER), write("private.pem", "PRIVATE KEY", privateDER)
}

func TestKeysThatSign(t *testing.T) {
	p, env := running(t)
	defer p.terminate(t)
	public, private := writePair(t)
	other, _ := writePair(t)
	runSteps(t, env, strings.NewReplacer("PUBLIC", public, "PRIVATE", private, "OTHER", other), []step{
		{args: "key create --name signs --scope o --client-id s1 --auth private_key_jwt --jwks PUBLIC", stdout: "without a kid, ES256, thumbprint "},
		{args: "key create --name signs --scope o --auth private_key_jwt --jwks PRIVATE", code: 1, stderr: "it is a private key, which no server needs"},
		{args: "key create --name signs --scope o --auth private_key_jwt", code: 1, stderr: "there is no public key for private_key_jwt"},
		{args: "key create --name signs --scope o --auth private_key_jwt --jwks /nowhere", code: 1, stderr: "there is no file /nowhere"},
		{args: "key create --name signs --scope o --auth none --jwks PUBLIC", code: 2, stderr: "--auth"},
		{args: "key create --name signs --scope o --auth private_key_jwt --jwks PUBLIC --assertion-alg RS256", code: 1, stderr: "none of the keys signs with it"},
		{args: "key create --name signs --scope o --auth client_secret_basic --auth private_key_jwt --jwks PUBLIC", code: 1, stderr: "private_key_jwt stands beside another method"},
		{args: "key show s1", stdout: "  assertion audience     issuer\n"},
		{args: "key update s1 --assertion-audience issuer_or_token_endpoint", stdout: "issuer_or_token_endpoint, which is weaker than issuer alone"},
		{args: "key update s1 --jwks OTHER", stdout: "changed key s1"},
		{args: "key update s1 --jwks -", stdin: `{"keys":[]}`, code: 1, stderr: "standard input: jwks: it has no list of keys"},
		{args: "key update s1 --clear jwks --jwks OTHER", code: 2, stderr: "--clear jwks and a new value for it contradict each other"},
		{args: "key update s1 --clear jwks", code: 1, stderr: "there is no public key for private_key_jwt"},
		{args: "key secret add s1 --name x", code: 1, stderr: "the key authenticates with private_key_jwt, which takes no secret"},
		{args: "export", stdout: "    jwks:\n      keys:\n        - use: sig\n"},
		{args: "key update s1 --auth client_secret_basic --clear jwks", stdout: "authenticates by       client_secret_basic\n"},
		{args: "key secret add s1 --name x", stdout: "added secret x to key s1"},
	})
}
