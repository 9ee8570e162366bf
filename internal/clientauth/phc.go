package clientauth

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// Limits of imported hashes. The slowest that passes takes about a second of one
// processor.
const (
	maxPHC = 512
	// maxArgonMemory is in KiB, and maxArgonCost in KiB times passes.
	maxArgonMemory  = 128 << 10
	maxArgonCost    = 512 << 10
	maxArgonThreads = 16
	maxBcryptCost   = 14
	maxRounds       = 2_000_000
	minSalt         = 8
	maxSalt         = 64
	minKey          = 16
	maxKey          = 64
)

// slowHash is an imported hash.
type slowHash interface {
	// matches takes long.
	matches(secret string) bool
	// maxSecret is the longest secret that it takes in whole.
	maxSecret() int
}

// CheckImported says in a sentence of ours what is wrong with a hash that is to
// be imported, if anything is: an unknown scheme, a malformed string, or more
// work than one request may cause.
func CheckImported(phc string) error {
	_, err := parsePHC(phc)
	return err
}

func parsePHC(text string) (slowHash, error) {
	if len(text) > maxPHC {
		return nil, errors.New("the hash is longer than 512 bytes; a PHC string of one secret is shorter")
	}
	// The decoder of base64 skips line breaks.
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the hash holds a space, a line break or a character that is not ASCII; copy it again without")
	}
	fields := strings.Split(text, "$")
	if len(fields) < 3 || fields[0] != "" {
		return nil, errUnknownScheme()
	}
	switch fields[1] {
	case "argon2id":
		return parseArgon2id(fields[2:])
	case "2a", "2b", "2y":
		return parseBcrypt(text, fields[2:])
	case "pbkdf2-sha256", "pbkdf2-sha512":
		return parsePBKDF2(fields[1], fields[2:])
	}
	return nil, errUnknownScheme()
}

func errUnknownScheme() error {
	return errors.New("the hash is of a kind that cannot be imported; it must begin with $argon2id$, $2a$, $2b$, $2y$, $pbkdf2-sha256$ or $pbkdf2-sha512$")
}

// argon2id is the function of RFC 9106.
type argon2id struct {
	memory, passes uint32
	threads        uint8
	salt, key      []byte
}

func parseArgon2id(fields []string) (slowHash, error) {
	malformed := errors.New("the argon2id hash is malformed; it looks like $argon2id$v=19$m=65536,t=3,p=4$salt$hash, with salt and hash in base64 without padding")
	if len(fields) != 4 || fields[0] != "v=19" {
		return nil, malformed
	}
	numbers, ok := parameters(fields[1], "m", "t", "p")
	if !ok {
		return nil, malformed
	}
	memory, passes, threads := numbers[0], numbers[1], numbers[2]
	switch {
	case passes < 1 || threads < 1 || memory < 8*threads:
		return nil, errors.New("the argon2id hash is malformed; t and p are at least 1 and m is at least 8 times p")
	case memory > maxArgonMemory:
		return nil, errors.New("the argon2id hash needs more than 128 MiB of memory; issue a new secret, or hash this one again with m=131072 at most")
	case memory*passes > maxArgonCost:
		return nil, errors.New("the argon2id hash needs too much time; issue a new secret, or hash this one again with m times t of 524288 at most")
	case threads > maxArgonThreads:
		return nil, errors.New("the argon2id hash needs more than 16 threads; issue a new secret, or hash this one again with p=16 at most")
	}
	salt, key, err := saltAndKey(base64.RawStdEncoding, fields[2], fields[3])
	if err != nil {
		return nil, err
	}
	return &argon2id{uint32(memory), uint32(passes), uint8(threads), salt, key}, nil //nolint:gosec // in range by now
}

func (h *argon2id) matches(secret string) bool {
	key := argon2.IDKey([]byte(secret), h.salt, h.passes, h.memory, h.threads, uint32(len(h.key))) //nolint:gosec // 64 at most
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

func (*argon2id) maxSecret() int { return maxSecret }

// bcryptHash is a whole string of bcrypt.
type bcryptHash string

const (
	bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	bcryptTail     = 53
)

func parseBcrypt(text string, fields []string) (slowHash, error) {
	malformed := errors.New("the bcrypt hash is malformed; it looks like $2b$12$ and 53 characters of ./A-Za-z0-9")
	if len(fields) != 2 || len(fields[0]) != 2 || len(fields[1]) != bcryptTail || strings.Trim(fields[1], bcryptAlphabet) != "" {
		return nil, malformed
	}
	// The last character holds four bits and two zeros; no secret has another hash.
	last := strings.IndexByte(bcryptAlphabet, fields[1][bcryptTail-1])
	cost, err := strconv.ParseUint(fields[0], 10, 8)
	if err != nil || cost < uint64(bcrypt.MinCost) || last%4 != 0 {
		return nil, malformed
	}
	if cost > maxBcryptCost {
		return nil, errors.New("the bcrypt hash has a cost above 14; issue a new secret, or hash this one again with a cost of 14 at most")
	}
	return bcryptHash(text), nil
}

func (h bcryptHash) matches(secret string) bool {
	return bcrypt.CompareHashAndPassword([]byte(h), []byte(secret)) == nil
}

// maxSecret: bcrypt itself ignores what follows the 72nd byte.
func (bcryptHash) maxSecret() int { return 72 }

// pbkdf2Hash is PBKDF2 of RFC 8018 with HMAC.
type pbkdf2Hash struct {
	sha512    bool
	rounds    int
	salt, key []byte
}

// dotted is base64 as passlib writes it: with a dot for the plus sign.
var dotted = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding)

func parsePBKDF2(scheme string, fields []string) (slowHash, error) {
	malformed := errors.New("the PBKDF2 hash is malformed; it looks like $" + scheme + "$i=600000,l=32$salt$hash or $" + scheme + "$600000$salt$hash, with salt and hash in base64 without padding")
	if len(fields) != 3 {
		return nil, malformed
	}
	numbers, ok := parameters(fields[0], "i", "l")
	encoding := base64.RawStdEncoding
	if !ok {
		numbers, ok = parameters("i="+fields[0], "i")
		encoding = dotted
	}
	if !ok || numbers[0] < 1 {
		return nil, malformed
	}
	if numbers[0] > maxRounds {
		return nil, errors.New("the PBKDF2 hash has more than 2000000 rounds; issue a new secret, or hash this one again with fewer")
	}
	salt, key, err := saltAndKey(encoding, fields[1], fields[2])
	if err != nil {
		return nil, err
	}
	h := &pbkdf2Hash{sha512: scheme == "pbkdf2-sha512", rounds: int(numbers[0]), salt: salt, key: key} //nolint:gosec // in range by now
	if len(numbers) == 2 && numbers[1] != uint64(len(key)) {
		return nil, malformed
	}
	if !h.sha512 && len(key) > sha256.Size {
		// A longer one costs us twice the work, and whoever guesses no more.
		return nil, errors.New("the hash is longer than 32 bytes, which is what SHA-256 gives; issue a new secret, or hash this one again")
	}
	return h, nil
}

func (h *pbkdf2Hash) matches(secret string) bool {
	var key []byte
	var err error
	if h.sha512 {
		key, err = pbkdf2.Key(sha512.New, secret, h.salt, h.rounds, len(h.key))
	} else {
		key, err = pbkdf2.Key(sha256.New, secret, h.salt, h.rounds, len(h.key))
	}
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}

func (*pbkdf2Hash) maxSecret() int { return maxSecret }

// parameters reads name=number for each name, in this order and separated by
// commas.
func parameters(text string, names ...string) ([]uint64, bool) {
	parts := strings.Split(text, ",")
	if len(parts) != len(names) {
		return nil, false
	}
	numbers := make([]uint64, 0, len(names))
	for i, name := range names {
		digits, found := strings.CutPrefix(parts[i], name+"=")
		number, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || !found || strconv.FormatUint(number, 10) != digits {
			return nil, false
		}
		numbers = append(numbers, number)
	}
	return numbers, true
}

func saltAndKey(encoding *base64.Encoding, saltText, keyText string) (salt, key []byte, err error) {
	salt, err = encoding.Strict().DecodeString(saltText)
	if err != nil {
		return nil, nil, errors.New("the salt of the hash is not base64 without padding; copy the hash again")
	}
	key, err = encoding.Strict().DecodeString(keyText)
	if err != nil {
		return nil, nil, errors.New("the last part of the hash is not base64 without padding; copy the hash again")
	}
	if len(salt) < minSalt || len(salt) > maxSalt {
		return nil, nil, errors.New("the salt of the hash is not 8 to 64 bytes long; issue a new secret, or hash this one again")
	}
	if len(key) < minKey || len(key) > maxKey {
		return nil, nil, errors.New("the last part of the hash is not 16 to 64 bytes long; issue a new secret, or hash this one again")
	}
	return salt, key, nil
}
