package assertion

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/store"
)

// Keys are the public keys of one client, ready to verify with. They never change.
type Keys struct {
	list []key
	// algorithms are those that the record allows.
	algorithms []string
	// endpoint says that the URL of the token endpoint is an audience, too.
	endpoint bool
}

// key is one public key.
type key struct {
	// id is its kid; empty when it has none.
	id string
	// algorithms are those it may be used with, and only is its alg, if it has one.
	algorithms []string
	only       string
	public     crypto.PublicKey
	thumbprint string
}

// Key is one public key, for people.
type Key struct {
	// ID is its kid; empty when it has none.
	ID string
	// Thumbprint names it by what it is (RFC 7638).
	Thumbprint string
	// Algorithms are those it may be used with.
	Algorithms []string
}

// Normalize checks the record and returns what is to be stored of it; nothing for a
// record without keys. The error is a *[Fault].
func Normalize(a store.Assertions) (store.Assertions, error) {
	if a.JWKS == "" {
		if len(a.Algorithms) > 0 || a.Audience != "" {
			return store.Assertions{}, &Fault{"jwks", "there is no key that an assertion could be signed with", jwksHint}
		}
		return store.Assertions{}, nil
	}
	keys, err := parseSet(a.JWKS)
	if err != nil {
		return store.Assertions{}, err
	}
	able := algorithmsOfAll(keys)
	for i, name := range a.Algorithms {
		if !slices.Contains(able, name) {
			return store.Assertions{}, &Fault{
				fmt.Sprintf("assertion_algorithms[%d]", i), "none of the keys signs with it",
				"the keys can sign with " + strings.Join(able, ", "),
			}
		}
	}
	narrowed := inOrder(a.Algorithms)
	for i, k := range keys {
		usable := slices.ContainsFunc(k.algorithms, func(name string) bool { return slices.Contains(narrowed, name) })
		if len(narrowed) > 0 && !usable {
			return store.Assertions{}, at(i, "assertion_algorithms leaves it no algorithm to sign with", "allow one of "+strings.Join(k.algorithms, ", ")+", or leave the key out")
		}
	}
	if len(narrowed) == 0 || slices.Equal(narrowed, able) {
		narrowed = nil
	}
	if a.Audience == "" {
		a.Audience = store.IssuerAudience
	}
	if a.Audience != store.IssuerAudience && a.Audience != store.IssuerOrEndpointAudience {
		return store.Assertions{}, &Fault{
			"assertion_audience", "it is none of " + string(store.IssuerAudience) + " and " + string(store.IssuerOrEndpointAudience),
			"leave it out for issuer, the safer one",
		}
	}
	text, err := write(keys)
	if err != nil {
		return store.Assertions{}, &Fault{"jwks", "it cannot be written again", jwksHint}
	}
	return store.Assertions{JWKS: text, Algorithms: narrowed, Audience: a.Audience}, nil
}

// Compile makes the keys of a record; nil for one without any.
func Compile(a store.Assertions) (*Keys, error) {
	if a.JWKS == "" {
		return nil, nil //nolint:nilnil // no keys are what nearly every client has
	}
	a, err := Normalize(a)
	if err != nil {
		return nil, err
	}
	list, err := parseSet(a.JWKS)
	if err != nil {
		return nil, err
	}
	algorithms := a.Algorithms
	if len(algorithms) == 0 {
		algorithms = algorithmsOfAll(list)
	}
	return &Keys{list: list, algorithms: algorithms, endpoint: a.Audience == store.IssuerOrEndpointAudience}, nil
}

// None are the keys of a client whose record cannot be read: nothing is signed with
// them.
func None() *Keys { return &Keys{} }

// Unreadable reports whether these are the keys of [None].
func (k *Keys) Unreadable() bool { return k != nil && len(k.list) == 0 }

// Describe lists the keys of a record; none when it cannot be read.
func Describe(a store.Assertions) []Key {
	list, err := parseSet(a.JWKS)
	if a.JWKS == "" || err != nil {
		return nil
	}
	shown := make([]Key, len(list))
	for i, k := range list {
		shown[i] = Key{ID: k.id, Thumbprint: k.thumbprint, Algorithms: k.algorithms}
	}
	return shown
}

// Decoys makes keys of each kind that nobody can sign with. An assertion for which
// there is no key is verified with one of them, so that it takes as long.
func Decoys() (*Keys, error) {
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a decoy: %w", err)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a decoy: %w", err)
	}
	// Whether it is the product of two primes makes no difference to the work.
	modulus := make([]byte, leastRSA/8)
	_, _ = rand.Read(modulus) // crypto/rand's Read never fails
	modulus[0] |= 0x80
	modulus[len(modulus)-1] |= 1
	product := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}
	return &Keys{algorithms: Algorithms(), list: []key{
		{algorithms: []string{es256}, public: pair.Public()},
		{algorithms: []string{rs256, ps256}, public: product},
		{algorithms: []string{edDSA}, public: edwards},
	}}, nil
}

// candidates are the keys that may have made the signature. A kid finds the key
// that has it; it says nothing about keys that were registered without one.
//
// RFC 8725 §3.1: each key is used with the algorithms that it is registered for.
func (k *Keys) candidates(kid, algorithm string) []key {
	if k == nil || !slices.Contains(k.algorithms, algorithm) {
		return nil
	}
	var found []key
	for _, one := range k.list {
		named := kid == "" || one.id == "" || one.id == kid
		if named && slices.Contains(one.algorithms, algorithm) {
			found = append(found, one)
		}
	}
	return found
}

func algorithmsOfAll(keys []key) []string {
	var all []string
	for _, k := range keys {
		all = append(all, k.algorithms...)
	}
	return inOrder(all)
}

func thumbprintOf(public crypto.PublicKey) (string, error) {
	jwk := jose.JSONWebKey{Key: public}
	sum, err := jwk.Thumbprint(crypto.SHA256)
	return base64.RawURLEncoding.EncodeToString(sum), err
}
