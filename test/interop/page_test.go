package main

import (
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	dir := t.TempDir()
	features := map[string]string{"basic": "works", "post": "works: only on Sundays", "renew": "fails: nobody knows why", "refresh": "fails: nobody knows why"}
	row := fakeRow(t, "sound", features, clientFeatureNames())
	row["version"] = "1.2"
	writeRow(t, dir, "client.json", row)
	writeRowAs(t, dir, "verifier", "verifier.json", soundRow(t, "verifier.json"))
	c, err := readCatalogue(dir)
	if err != nil || len(c.faults) > 0 {
		t.Fatal(err, c.faults)
	}
	page := writePage(c)
	for _, want := range []string{
		"| language | name | package | basic | basic_special | post |",
		"| shell | sound | fake 1.2 | ✓ | – <sup>1</sup> | ⚠ <sup>2</sup> | – <sup>1</sup> |",
		"1. **sound**, basic_special, private_key_jwt, json, default_scope, scope_echo, bad_secret, bad_scope, revoke, introspect, discovery_8414, discovery_oidc: – nobody asks.\n",
		"2. **sound**, post: ⚠ only on Sundays.\n3. **sound**, renew, refresh: ✗ nobody knows why.\n",
		"| language | name | package | typ | ES256 |",
		"| shell | sound | fake | any | ✓ | – <sup>1</sup> |",
		"\n1 clients, 1 verifiers, 24 cells: 2 ✓, 1 ⚠, 2 ✗, 19 –\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got %s\nwant %q in it", page, want)
		}
	}
}
