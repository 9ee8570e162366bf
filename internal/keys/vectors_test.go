package keys_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/keys"
)

// vectors are one of the files of Wycheproof.
type vectors struct {
	Count  int           `json:"numberOfTests"`
	Groups []vectorGroup `json:"testGroups"`
}

// vectorGroup is a key, or a set of keys, and what was signed with it or was not.
type vectorGroup struct {
	Comment string          `json:"comment"`
	Public  json.RawMessage `json:"public"`
	Private json.RawMessage `json:"private"`
	Tests   []vector        `json:"tests"`
}

type vector struct {
	ID      int    `json:"tcId"`
	Comment string `json:"comment"`
	JWS     string `json:"jws"`
	Result  string `json:"result"`
}

// readVectors reads a file of the module, of the version in go.mod.
func readVectors(t *testing.T, name string) vectors {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/c2sp/wycheproof").Output()
	if err != nil {
		t.Fatalf("go mod download: %v\n%s", err, text)
	}
	var module struct{ Dir string }
	decode(t, text, &module)
	text, err = os.ReadFile(filepath.Join(module.Dir, "testvectors_v1", name))
	if err != nil {
		t.Fatal(err)
	}
	var file vectors
	decode(t, text, &file)
	found := 0
	for _, group := range file.Groups {
		found += len(group.Tests)
		for i := range group.Tests {
			group.Tests[i].Comment = group.Comment + ": " + group.Tests[i].Comment
		}
	}
	if found != file.Count || found == 0 {
		t.Fatalf("%s: read %d vectors of %d", name, found, file.Count)
	}
	return file
}

// key is what a verifier knows of the group; a symmetric key has no public half.
func (g vectorGroup) key() json.RawMessage {
	if g.Public == nil {
		return g.Private
	}
	return g.Public
}

// jwk is that of a group with one key.
func (g vectorGroup) jwk(t *testing.T) jose.JSONWebKey {
	t.Helper()
	var key jose.JSONWebKey
	decode(t, g.key(), &key)
	return key
}

// policies are why the server refuses a vector that is valid by itself.
var policies = []struct {
	name   string
	covers func(v vector) bool
	// server says that inspect knows nothing of it.
	server bool
}{
	{name: "no characters but those of base64url", covers: func(v vector) bool { return strings.Contains(v.JWS, "?") }},
	{name: "no algorithm that no signing key of ours has, above all no symmetric one", covers: func(v vector) bool {
		return !keys.Known(v.algorithm())
	}},
	{name: "no empty payload: claims are an object", covers: func(v vector) bool { return v.part(1) == "" }, server: true},
}

// policy is the name of the one that covers a vector; "" without any.
func (v vector) policy(server bool) string {
	for _, p := range policies {
		if p.covers(v) && (server || !p.server) {
			return p.name
		}
	}
	return ""
}

// part is the text behind one of the parts of the compact form; "" if it is none.
func (v vector) part(n int) string {
	text, _ := base64.RawURLEncoding.DecodeString(strings.Split(v.JWS+"..", ".")[n])
	return string(text)
}

func (v vector) algorithm() string {
	var header struct {
		Algorithm string `json:"alg"`
	}
	_ = json.Unmarshal([]byte(v.part(0)), &header)
	return header.Algorithm
}

// lenient are invalid vectors that are verified all the same, and why.
var lenient = map[string]string{
	"ps256: SaltLenChanged":                             "go-jose takes a salt of any length (RFC 7518 §3.5 has one as long as the hash); only who has the private key can make one",
	"jws_rsa_roca_key: rejectsKeyWithRocaVulnerability": "inspect trusts the key set of the issuer, the server keys that it made itself",
}

// tallied counts what became of the vectors: a valid one is verified under its
// algorithm or refused under a policy, an invalid one may be verified leniently.
type tallied map[string]int

// judge compares what a verifier says with what the vector and the policies do.
func (counts tallied) judge(t *testing.T, v vector, server bool, err error) {
	t.Helper()
	policy := v.policy(server)
	_, tolerated := lenient[v.Comment]
	switch {
	case v.Result == "valid" && policy == "":
		counts[v.algorithm()]++
		if err != nil {
			t.Errorf("%d %s is valid and was refused: %v\n%s", v.ID, v.Comment, err, v.JWS)
		}
	case v.Result == "valid":
		counts[policy]++
		if err == nil {
			t.Errorf("%d %s was verified, against the policy %q\n%s", v.ID, v.Comment, policy, v.JWS)
		}
	case v.Result != "invalid":
		t.Errorf("%d %s is %s, which nobody knows", v.ID, v.Comment, v.Result)
	case tolerated:
		counts[v.Comment]++
		if err != nil {
			t.Errorf("%d %s is refused now (%v): take it out of the list", v.ID, v.Comment, err)
		}
	case err == nil:
		t.Errorf("%d %s is invalid and was verified\n%s", v.ID, v.Comment, v.JWS)
	}
}

func TestVectorsOfSignatures(t *testing.T) {
	file := readVectors(t, "json_web_signature_test.json")
	t.Run("RFC 7515 §5.2: the server verifies a signature when the vectors say so", func(t *testing.T) {
		counts := tallied{}
		for _, group := range file.Groups {
			key := group.jwk(t)
			ring := keys.RingOf(key.KeyID, key.Algorithm, key.Key)
			for _, v := range group.Tests {
				got, err := ring.Verify(v.JWS, noon)
				counts.judge(t, v, true, err)
				if err != nil && !errors.Is(err, keys.ErrToken) {
					t.Errorf("%d %s: the error is %v", v.ID, v.Comment, err)
				}
				want := keys.Verified{KeyID: key.KeyID, Algorithm: key.Algorithm, Payload: []byte(v.part(1))}
				if diff := cmp.Diff(want, got); err == nil && diff != "" {
					t.Errorf("%d %s (-want +got):\n%s", v.ID, v.Comment, diff)
				}
				// Once more: it may be remembered.
				_, again := ring.Verify(v.JWS, noon)
				if (again == nil) != (err == nil) {
					t.Errorf("%d %s: first %v, then %v", v.ID, v.Comment, err, again)
				}
			}
		}
		// There are none of EdDSA.
		counts.want(t, keys.ES256, keys.RS256, keys.PS256, "ps256: SaltLenChanged")
		for _, p := range policies {
			counts.want(t, p.name)
		}
	})
	t.Run("RFC 7515 §5.2: inspect verifies a signature when the vectors say so", func(t *testing.T) {
		counts := tallied{}
		for _, group := range file.Groups {
			set := `{"keys":[` + string(group.key()) + `]}`
			for _, v := range group.Tests {
				counts.judge(t, v, false, inspect(v.JWS, set))
				// Their payloads are no claims, so none is shown as a token.
				_, err := keys.Parse(v.JWS)
				if err == nil {
					t.Errorf("%d %s was read as a JWT", v.ID, v.Comment)
				}
			}
		}
		counts.want(t, keys.ES256, keys.RS256, keys.PS256, "ps256: SaltLenChanged")
	})
}

// want wants each of these to have been met.
func (counts tallied) want(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if counts[name] == 0 {
			t.Errorf("no vector is one of %q", name)
		}
	}
}

// inspect verifies what need not have claims.
func inspect(token, set string) error {
	seen, err := keys.ParseAny(token)
	if err != nil {
		return err
	}
	return seen.Verify([]byte(set))
}

func TestVectorsOfKeySets(t *testing.T) {
	t.Run("RFC 7517 §4.2: inspect uses only keys for signatures", testVectorsOfKeySets)
}

func testVectorsOfKeySets(t *testing.T) {
	counts := tallied{}
	for _, group := range readVectors(t, "json_web_key_test.json").Groups {
		for _, v := range group.Tests {
			counts.judge(t, v, false, inspect(v.JWS, string(group.key())))
		}
	}
	counts.want(t, keys.RS256, "jws_rsa_roca_key: rejectsKeyWithRocaVulnerability")
}
