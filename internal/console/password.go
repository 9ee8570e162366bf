package console

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// People choose passwords, so they go through argon2id, with the parameters that OWASP
// gives for it. slowAtOnce bounds the memory that strangers can have us use.
const (
	hashTime    = 2
	hashMemory  = 19 << 10 // KiB
	hashThreads = 1
	hashLength  = 32
	saltLength  = 16
	slowAtOnce  = 2

	leastPassword = 12
	mostPassword  = 200
)

// decoySalt is hashed with when there is no such operator, so that it takes as long.
var decoySalt = [saltLength]byte{}

func hashPassword(password string) []byte {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // crypto/rand's Read never fails
	sum := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashThreads, hashLength)
	return fmt.Appendf(nil, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

// checkPassword compares in constant time. Without a stored hash it takes as long, and
// says no.
func (c *Console) checkPassword(stored []byte, password string) bool {
	c.slow <- struct{}{}
	defer func() { <-c.slow }()
	salt, want, there := splitHash(string(stored))
	if len(password) > mostPassword {
		password, there = "", false
	}
	got := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashThreads, hashLength)
	return subtle.ConstantTimeCompare(got, want) == 1 && there
}

// splitHash reads what hashPassword wrote. Other parameters are those of no release.
func splitHash(stored string) (salt, sum []byte, ok bool) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", hashMemory, hashTime, hashThreads) {
		return decoySalt[:], make([]byte, hashLength), false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || len(sum) != hashLength {
		return decoySalt[:], make([]byte, hashLength), false
	}
	return salt, sum, true
}

// passwordFlaw says what is wrong with a new password; "" when nothing is.
func passwordFlaw(password, name string) string {
	switch {
	case utf8.RuneCountInString(password) < leastPassword:
		return fmt.Sprintf("Use at least %d characters; a few words that have nothing to do with each other are good.", leastPassword)
	case len(password) > mostPassword:
		return fmt.Sprintf("Use at most %d bytes.", mostPassword)
	case name != "" && strings.Contains(strings.ToLower(password), strings.ToLower(name)):
		return "Leave your name out of it."
	case strings.Count(password, password[:1]) == len(password):
		return "Use more than one character."
	}
	return ""
}
