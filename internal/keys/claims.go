package keys

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// readClaims decodes a payload for display, keeping numbers as they were written.
func readClaims(payload []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	claims := map[string]any{}
	err := decoder.Decode(&claims)
	if err != nil {
		return nil, fmt.Errorf("read the claims: %w", err)
	}
	return claims, nil
}
