package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/grantd/grantd/test/blackbox"
)

const (
	specialSecret = `s3c:r%et +&=/~"'`

	mainAPI   = "https://api.interop.test"
	shortAPI  = "https://short.interop.test"
	opaqueAPI = "https://opaque.interop.test"
)

// slot is where one client at a time runs: nobody else uses its server, so that
// whatever the proxy sees is of this run.
type slot struct {
	*server
	// guard is the resource server that tokens are shown to.
	guard *resource
	// pair is of the clients that sign.
	pair pair
	// special is the file with the secret of special characters.
	special string
	// subject owns the tokens that are asked about.
	subject blackbox.Key
}

func newSlot(ca *authority, dir string) (*slot, error) {
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return nil, err
	}
	s := &slot{special: filepath.Join(dir, "special")}
	err = os.WriteFile(s.special, []byte(specialSecret), 0o600)
	if err != nil {
		return nil, err
	}
	s.pair, err = newPair(dir)
	if err != nil {
		return nil, err
	}
	s.server, err = newServer(ca, dir)
	if err != nil {
		return nil, err
	}
	err = s.serve(s.issuer)
	if err == nil {
		err = s.furnish()
	}
	if err != nil {
		_ = s.close()
	}
	return s, err
}

// furnish makes the APIs and the keys that all runs have in common.
func (s *slot) furnish() error {
	apis := [][]string{
		{mainAPI, "--scope", readScope, "--scope", writeScope, "--scope", "/ping.read"},
		{shortAPI, "--scope", shortScope, "--access-token-lifetime", "2s"},
		{opaqueAPI, "--scope", opaqueScope, "--token-format", "opaque"},
	}
	for _, api := range apis {
		err := s.createAPI(api[0], api[1:]...)
		if err != nil {
			return err
		}
	}
	reader, err := s.createKey("--resource-server", mainAPI)
	if err != nil {
		return err
	}
	s.guard, err = newResource(s.server, mainAPI, reader)
	if err != nil {
		return err
	}
	s.subject, err = s.createKey("--scope", opaqueScope)
	return err
}

func (s *slot) close() error {
	if s.guard != nil {
		s.guard.close()
	}
	return s.server.close()
}

// newKey makes a key for one run, so that no run depends on what was done with
// the key of another.
func (s *slot) newKey(kind keyKind, flags ...string) (blackbox.Key, error) {
	both := append(flags, "--scope", readScope, "--scope", writeScope)
	switch kind {
	case refreshingKey:
		return s.newKey(plainKey, refreshGrants...)
	case shortKey:
		return s.createKey(append(flags, "--scope", shortScope)...)
	case readerKey:
		return s.createKey("--resource-server", opaqueAPI)
	case specialKey:
		return s.importSpecial(both)
	case signingKey:
		return s.createKey(append(both, "--auth", "private_key_jwt", "--jwks", s.pair.public)...)
	case plainKey, wrongKey:
		return s.createKey(both...)
	}
	return blackbox.Key{}, fmt.Errorf("there is no key of the kind %q", kind)
}

// refreshGrants are the flags of a key that may refresh, too.
var refreshGrants = []string{"--grant-type", "client_credentials", "--grant-type", "refresh_token"}

func (s *slot) importSpecial(flags []string) (blackbox.Key, error) {
	id := "special-" + strings.ToLower(rand.Text()[:12])
	key, err := s.createKey(append(flags, "--client-id", id, "--client-secret-file", s.special)...)
	key.Secret = specialSecret
	s.process.HideKey(key)
	return key, err
}
