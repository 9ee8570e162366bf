package mirror

import (
	"crypto/subtle"
	"time"

	"github.com/grantd/grantd/internal/store"
)

const hashSize = 32

// secrets are those of a key that has more than one, or one that expires or was
// imported.
type secrets struct {
	own []ownSecret
	// imported are PHC strings, and expiries when each expires.
	imported []string
	expiries []expiry
}

// ownSecret is a secret we know by its hash under the pepper.
type ownSecret struct {
	hash    [hashSize]byte
	expires expiry
}

// expiry is from when on a secret is refused, in milliseconds since 1970; zero
// means never.
type expiry int64

func newExpiry(at time.Time) expiry {
	if at.IsZero() {
		return 0
	}
	return expiry(at.UnixMilli())
}

func (e expiry) passed(now time.Time) bool { return e != 0 && now.UnixMilli() >= int64(e) }

func (c *Client) addSecret(secret *store.Secret) {
	switch {
	case secret.Imported:
		more := c.more()
		more.imported = append(more.imported, string(secret.Hash))
		more.expiries = append(more.expiries, newExpiry(secret.ExpiresAt))
	case len(secret.Hash) != hashSize:
		// No secret has such a hash.
	case secret.ExpiresAt.IsZero() && !c.stamp.has(hasFirst):
		c.first = [hashSize]byte(secret.Hash)
		c.stamp.set(hasFirst)
	default:
		more := c.more()
		more.own = append(more.own, ownSecret{[hashSize]byte(secret.Hash), newExpiry(secret.ExpiresAt)})
	}
}

// Matches reports in constant time whether the hash is that of one of the key's
// secrets that has not expired. On a nil Client it does the same work and reports
// false.
func (c *Client) Matches(hash *[hashSize]byte, now time.Time) bool {
	return c.compare(hash, now, false)
}

// MatchesExpired is [Client.Matches] for the secrets that have expired.
func (c *Client) MatchesExpired(hash *[hashSize]byte, now time.Time) bool {
	return c.compare(hash, now, true)
}

func (c *Client) compare(hash *[hashSize]byte, now time.Time, expired bool) bool {
	var nobody Client
	record := c
	if record == nil {
		record = &nobody
	}
	found := subtle.ConstantTimeCompare(record.first[:], hash[:]) == 1
	found = found && record.stamp.has(hasFirst) && !expired
	if record.further != nil {
		for i := range record.further.own {
			secret := &record.further.own[i]
			equal := subtle.ConstantTimeCompare(secret.hash[:], hash[:]) == 1
			found = found || equal && secret.expires.passed(now) == expired
		}
	}
	return found && c != nil
}

// Imported returns the hashes of the key's imported secrets that have not
// expired, as PHC strings; nil for nearly every key. The caller must not change
// the list.
func (c *Client) Imported(now time.Time) []string { return c.importedThat(now, false) }

// ImportedExpired is [Client.Imported] for the secrets that have expired.
func (c *Client) ImportedExpired(now time.Time) []string { return c.importedThat(now, true) }

func (c *Client) importedThat(now time.Time, expired bool) []string {
	if c == nil || c.further == nil {
		return nil
	}
	all, count := c.further.imported, 0
	for _, e := range c.further.expiries {
		if e.passed(now) == expired {
			count++
		}
	}
	switch count {
	case 0:
		return nil
	case len(all):
		return all
	}
	some := make([]string, 0, count)
	for i, phc := range all {
		if c.further.expiries[i].passed(now) == expired {
			some = append(some, phc)
		}
	}
	return some
}
