package assertion

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The most that may be registered for one key: every assertion without a kid is
// tried with all of them.
const (
	maxKeys = 8
	maxJWKS = 16 << 10
	maxKid  = 128
)

const jwksHint = `write a JWK set, {"keys":[…]}, or one JWK, with public keys only`

// parseSet reads a JWK set, or one JWK. It refuses what no client should have sent:
// private keys, keys that are too weak, and those that cannot be told apart.
//
// RFC 7517 §5: unknown members are left alone.
func parseSet(text string) ([]key, error) {
	raw, err := split(text)
	if err != nil {
		return nil, err
	}
	var keys []key
	for i, one := range raw {
		k, err := parseKey(i, one)
		if err != nil {
			return nil, err
		}
		same := slices.ContainsFunc(keys, func(other key) bool { return other.thumbprint == k.thumbprint })
		if same {
			return nil, at(i, "it is there twice", "list each key once")
		}
		taken := slices.ContainsFunc(keys, func(other key) bool { return k.id != "" && other.id == k.id })
		if taken {
			return nil, at(i, "another key has its kid", "give each key a kid of its own")
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// split takes the set apart.
func split(text string) ([]jsontext.Value, error) {
	if len(text) > maxJWKS {
		return nil, &Fault{"jwks", fmt.Sprintf("it is longer than %d KiB", maxJWKS>>10), "leave out what is not a public key, such as x5c"}
	}
	if !utf8.ValidString(text) {
		return nil, &Fault{"jwks", "it is not UTF-8", jwksHint}
	}
	var members map[string]jsontext.Value
	err := jsonv2.Unmarshal([]byte(text), &members)
	if err != nil || members == nil {
		return nil, &Fault{"jwks", "it is not a JSON object, or has a member twice", jwksHint}
	}
	_, single := members["kty"]
	if single {
		return []jsontext.Value{jsontext.Value(text)}, nil
	}
	var list []jsontext.Value
	err = jsonv2.Unmarshal(members["keys"], &list)
	if err != nil || len(list) == 0 {
		return nil, &Fault{"jwks", "it has no list of keys", jwksHint}
	}
	if len(list) > maxKeys {
		return nil, &Fault{"jwks", fmt.Sprintf("it has %d keys, and may have %d", len(list), maxKeys), "leave out those that are not used any more"}
	}
	return list, nil
}

// privateMembers are those of RFC 7518 §6 that no public key has.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

func parseKey(i int, text jsontext.Value) (key, error) {
	var members map[string]jsontext.Value
	err := jsonv2.Unmarshal(text, &members)
	if err != nil || members == nil {
		return key{}, at(i, "it is not a JSON object", jwksHint)
	}
	for _, name := range privateMembers {
		_, there := members[name]
		if there {
			// RFC 7523 §3: the server verifies a signature, for which it needs no secret.
			return key{}, at(i, fmt.Sprintf("it has the member %q, which only a private or a shared key has", name),
				"register the public key, and make a new pair if the private one has left its place")
		}
	}
	var jwk jose.JSONWebKey
	err = jwk.UnmarshalJSON(text)
	if err != nil || !jwk.Valid() || !jwk.IsPublic() {
		return key{}, at(i, "it is not a public key that can be read", "use a JWK of kty EC, OKP or RSA, as RFC 7517 and RFC 8037 describe it")
	}
	return newKey(i, &jwk)
}

func newKey(i int, jwk *jose.JSONWebKey) (key, error) {
	algorithms, reason, hint := algorithmsOf(jwk.Key)
	if reason != "" {
		return key{}, at(i, reason, hint)
	}
	// RFC 7517 §4.2: use says what a key is for.
	if jwk.Use != "" && jwk.Use != "sig" {
		return key{}, at(i, `its use is not "sig"`, "use a key that is meant for signatures")
	}
	// RFC 7517 §4.4: alg says what a key is used with.
	if jwk.Algorithm != "" {
		if !slices.Contains(algorithms, jwk.Algorithm) {
			return key{}, at(i, "its alg does not go with it, or is not taken", "leave alg out, or set it to "+strings.Join(algorithms, " or "))
		}
		algorithms = []string{jwk.Algorithm}
	}
	if len(jwk.KeyID) > maxKid || strings.ContainsFunc(jwk.KeyID, func(r rune) bool { return r < ' ' || r > '~' }) {
		return key{}, at(i, fmt.Sprintf("its kid is not at most %d characters of printable ASCII", maxKid), "give it a shorter one")
	}
	thumbprint, err := thumbprintOf(jwk.Key)
	if err != nil {
		return key{}, at(i, "it is not a public key that can be read", jwksHint)
	}
	return key{id: jwk.KeyID, algorithms: algorithms, only: jwk.Algorithm, public: jwk.Key, thumbprint: thumbprint}, nil
}

// write makes a JWK set of the keys, with nothing in it that was not looked at.
func write(keys []key) (string, error) {
	set := jose.JSONWebKeySet{}
	for _, k := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.public, KeyID: k.id, Algorithm: k.only, Use: "sig"})
	}
	text, err := json.Marshal(set)
	return string(text), err
}
