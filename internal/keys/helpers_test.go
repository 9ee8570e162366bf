package keys_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"
)

func base64url(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	err := json.Unmarshal(text, into)
	if err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
}
