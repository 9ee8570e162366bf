package admin

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/grantd/grantd/internal/clientauth"
	"github.com/grantd/grantd/internal/store"
)

const (
	// firstSecretName is the name of the secret that a key is made with.
	firstSecretName = "default"

	maxSecrets         = 10
	maxSecretNameRunes = 100
	minSecretBytes     = 16
	maxSecretBytes     = 512
	maxSecretLifetime  = Seconds(3650 * 24 * 3600)

	defaultUnusedFor = 7 * 24 * time.Hour
)

// check looks at the request by itself and returns when the secret will end.
func (in NewSecret) check(now time.Time) (time.Time, error) {
	err := checkName(in.Name, maxSecretNameRunes, "use 1 to 100 characters that say where the secret is used")
	if err != nil {
		return time.Time{}, err
	}
	err = checkSecret(in.ClientSecret, in.ClientSecretHash)
	if err != nil {
		return time.Time{}, err
	}
	return parseEnd(now, "expires_at", in.ExpiresAt, "expires_in", in.ExpiresIn)
}

// checkSecret looks at a secret that another server made, or at its hash; both
// may be missing.
func checkSecret(text, phc string) error {
	switch {
	case text != "" && phc != "":
		return invalid("client_secret_hash", "there is a client_secret beside its hash", "send one of them")
	case phc != "":
		return checkHash(phc)
	case text == "":
		return nil
	case len(text) < minSecretBytes:
		return invalid("client_secret", fmt.Sprintf("the client_secret is shorter than %d bytes and could be guessed", minSecretBytes),
			"leave it out to get a new one")
	case len(text) > maxSecretBytes:
		return invalid("client_secret", fmt.Sprintf("the client_secret is longer than %d bytes", maxSecretBytes), "check that it is the secret alone")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return invalid("client_secret", "the client_secret holds a control character or is not UTF-8",
			"check that it is the secret alone, without a line break")
	}
	return nil
}

func checkHash(phc string) error {
	err := clientauth.CheckImported(phc)
	if err != nil {
		return invalid("client_secret_hash", err.Error(),
			"send the PHC string of an argon2id, bcrypt or PBKDF2 hash, or leave it out to get a new secret")
	}
	return nil
}

// parseEnd reads when something ends: at an instant, or after a time from now. It is
// zero when neither is given.
func parseEnd(now time.Time, atField string, at *time.Time, inField string, in Seconds) (time.Time, error) {
	switch {
	case at == nil && in == 0:
		return time.Time{}, nil
	case at != nil && in != 0:
		return time.Time{}, invalid(inField, fmt.Sprintf("there are both %s and %s", atField, inField), "send one of them")
	case at == nil:
		err := checkLifetime(inField, in, 1, maxSecretLifetime)
		return now.Add(in.Duration()), err
	}
	end := at.UTC().Truncate(time.Millisecond)
	if !end.After(now) {
		return time.Time{}, invalid(atField, fmt.Sprintf("%s is not in the future", atField),
			"it is "+now.Format(time.RFC3339)+" now; send a later time, or leave it out")
	}
	if end.After(now.Add(maxSecretLifetime.Duration())) {
		return time.Time{}, invalid(atField, fmt.Sprintf("%s is more than 10 years from now", atField), "send an earlier time")
	}
	return end, nil
}

// checkRoom refuses a secret that the key has no place for. It says nothing
// about two secrets of the same text, of which there is only the hash.
func checkRoom(have []store.Secret, name string) error {
	taken := func(s store.Secret) bool { return s.Name == name || s.ID == name }
	if slices.ContainsFunc(have, taken) {
		return conflict("name", fmt.Sprintf("the key has a secret %s already", quoted(name)), "choose another name, or retire that one first")
	}
	if len(have) >= maxSecrets {
		return conflict("", fmt.Sprintf("the key has %d secrets already, which is the most there can be", len(have)),
			"retire one that is not used any more")
	}
	return nil
}

// findSecret returns the place of the secret with this id or name, or -1.
func findSecret(secrets []store.Secret, nameOrID string) int {
	return slices.IndexFunc(secrets, func(s store.Secret) bool { return s.ID == nameOrID || s.Name == nameOrID })
}

// parseSecretRange reads the query of a list of secrets.
func parseSecretRange(query url.Values) (SecretRange, error) {
	for name, values := range query {
		if name != "unused_for" {
			return SecretRange{}, badQuery(name, fmt.Sprintf("there is no parameter %s", quoted(name)), "a list of secrets takes unused_for")
		}
		if len(values) > 1 {
			return SecretRange{}, badQuery(name, fmt.Sprintf("the parameter %s is there twice", name), "send it once")
		}
	}
	if !query.Has("unused_for") {
		return SecretRange{}, nil
	}
	unused, err := strconv.ParseInt(query.Get("unused_for"), 10, 64)
	if err != nil || unused < 1 || Seconds(unused) > maxSecretLifetime {
		return SecretRange{}, badQuery("unused_for", "unused_for is not a number of seconds",
			fmt.Sprintf("use a number from 1 to %d", maxSecretLifetime))
	}
	return SecretRange{UnusedFor: Seconds(unused)}, nil
}

func checkUnusedFor(unused Seconds) error {
	if unused == 0 {
		return nil
	}
	return checkLifetime("unused_for", unused, 1, maxSecretLifetime)
}

// duration returns for how long a secret must not have been used.
func (r SecretRange) duration() time.Duration {
	if r.UnusedFor == 0 {
		return defaultUnusedFor
	}
	return r.UnusedFor.Duration()
}
