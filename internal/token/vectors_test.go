package token

import (
	"crypto/x509"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// Some of the vectors of Wycheproof have valid signatures of keys that the ring has
// here, and none of them is an access token. Package keys looks at the signatures.
func TestNoVectorIsTakenForAnAccessToken(t *testing.T) {
	text, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/c2sp/wycheproof").Output()
	if err != nil {
		t.Fatalf("go mod download: %v\n%s", err, text)
	}
	var module struct{ Dir string }
	var file struct {
		Groups []struct {
			Key   jose.JSONWebKey `json:"private"`
			Tests []struct {
				ID     int    `json:"tcId"`
				JWS    string `json:"jws"`
				Result string `json:"result"`
			} `json:"tests"`
		} `json:"testGroups"`
	}
	err = json.Unmarshal(text, &module)
	if err != nil {
		t.Fatal(err)
	}
	text, err = os.ReadFile(filepath.Join(module.Dir, "testvectors_v1", "json_web_signature_test.json"))
	if err != nil {
		t.Fatal(err)
	}
	err = json.Unmarshal(text, &file)
	if err != nil {
		t.Fatal(err)
	}
	k := newKit(t)
	signed := 0
	for _, group := range file.Groups {
		if keys.Known(group.Key.Algorithm) {
			k.loadForeign(t, group.Key)
		}
		for _, v := range group.Tests {
			_, err := k.ring.Verify(v.JWS, k.now())
			if err == nil {
				signed++
			}
			got := k.reader.Inspect(v.JWS)
			if got.Kind != "" || got.Active {
				t.Errorf("%d, which is %s, is taken for %+v\n%s", v.ID, v.Result, got, v.JWS)
			}
		}
	}
	if signed == 0 {
		t.Error("the ring verified nothing, so nothing was tried")
	}
}

// loadForeign lets the ring hold this key and no other.
func (k *kit) loadForeign(t *testing.T, key jose.JSONWebKey) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key.Key)
	if err != nil {
		t.Fatal(err)
	}
	err = k.ring.Load([]store.SigningKey{{
		ID: key.KeyID, Algorithm: key.Algorithm, Sealed: k.ring.Sealer.Seal(keys.SigningKey, key.KeyID, der),
		CreatedAt: k.now(), ActivatesAt: k.now().Add(-time.Minute),
	}})
	if err != nil {
		t.Fatal(err)
	}
}
