package admin

import (
	"fmt"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// verdict says whether the secret at i can go without anyone noticing, and why.
// It is yes only when for all of unusedFor the secret was not used although a
// newer one was there that will last, and was used. The oldest stand first.
func verdict(key store.Client, i int, now time.Time, unusedFor time.Duration) (safe bool, why string) {
	s := key.Secrets[i]
	switch {
	case !worksAt(s, now):
		return true, "it expired " + ago(now, s.ExpiresAt) + " and is refused already"
	case !othersWork(key.Secrets, i, now):
		return false, "it is the only secret of the key that works"
	case key.Disabled:
		// Whoever is refused for that leaves no trace.
		return false, "the key is disabled, so that it does not show who still uses it"
	case !s.LastUsedAt.IsZero() && now.Sub(s.LastUsedAt) < unusedFor:
		return false, "it was used " + ago(now, s.LastUsedAt) + fromWhere(s)
	case now.Sub(s.CreatedAt) < unusedFor:
		// Whoever was given a secret a moment ago may not have begun to use it.
		return false, "it was created " + ago(now, s.CreatedAt) + " and may still be on its way to where it is used"
	}
	newer := working(key.Secrets[i+1:], now)
	if len(newer) == 0 {
		return false, "it is the newest secret of the key that works"
	}
	used, lack := successor(s, newer, now, unusedFor)
	if lack != "" {
		return false, lack
	}
	return true, unused(s, now) + ", and the newer secret " + quoted(used.Name) + " was used " + ago(now, used.LastUsedAt)
}

// successor returns the newer secret that was used last, or what the newer ones
// lack to take the place of s.
func successor(s store.Secret, newer []store.Secret, now time.Time, unusedFor time.Duration) (used store.Secret, lack string) {
	// One that ends soon is none: then s would be all that works.
	lasting := slices.DeleteFunc(newer, func(n store.Secret) bool {
		return !worksAt(n, now.Add(unusedFor)) && (s.ExpiresAt.IsZero() || n.ExpiresAt.Before(s.ExpiresAt))
	})
	if len(lasting) == 0 {
		return store.Secret{}, "every newer secret of the key ends within " + span(unusedFor) + "; give the key another one first"
	}
	const waiting = "; its users may not have moved to one yet"
	used = slices.MaxFunc(lasting, func(a, b store.Secret) int { return a.LastUsedAt.Compare(b.LastUsedAt) })
	if used.LastUsedAt.IsZero() || now.Sub(used.LastUsedAt) >= unusedFor {
		return store.Secret{}, "no newer secret of the key was used in the last " + span(unusedFor) + waiting
	}
	// Who needs s only now and then has had no occasion to move to one that was
	// made a moment ago.
	there := func(n store.Secret) bool { return now.Sub(n.CreatedAt) >= unusedFor }
	if !slices.ContainsFunc(lasting, there) {
		return store.Secret{}, "no newer secret of the key has been there for " + span(unusedFor) + waiting
	}
	return used, ""
}

// notice is how far ahead an end must lie for the users of a secret to move to
// another one in time.
const notice = time.Hour

// checkRetirement refuses to end the secret at i unless that is safe or forced.
// A zero end is now.
func checkRetirement(key store.Client, i int, now, end time.Time, in Retirement) error {
	s := key.Secrets[i]
	// Retiring must not bring back what has ended, nor put off what will.
	if !end.IsZero() && !s.ExpiresAt.IsZero() && !end.Before(s.ExpiresAt) {
		return conflict("", fmt.Sprintf("the secret %s ends at %s already", quoted(s.Name), s.ExpiresAt.Format(time.RFC3339)),
			"name an earlier time, or none to remove it now")
	}
	if in.Force {
		return nil
	}
	safe, why := verdict(key, i, now, SecretRange{in.UnusedFor}.duration())
	// An end that far ahead is a plan, whoever uses the secret today.
	if end.Sub(now) >= notice {
		safe = true
	}
	// The other ones may end before this one does.
	if safe && !end.IsZero() && !othersWork(key.Secrets, i, end) {
		safe, why = false, "when it ends, no other secret of the key works"
	}
	if safe {
		return nil
	}
	return conflict("force", fmt.Sprintf("the secret %s is not safe to retire: %s", quoted(s.Name), why),
		"move its users to a newer secret first; force retires it all the same")
}

// othersWork says whether a secret other than the one at i is accepted at the
// instant.
func othersWork(secrets []store.Secret, i int, at time.Time) bool {
	for j, other := range secrets {
		if j != i && worksAt(other, at) {
			return true
		}
	}
	return false
}

func working(secrets []store.Secret, at time.Time) []store.Secret {
	var those []store.Secret
	for _, s := range secrets {
		if worksAt(s, at) {
			those = append(those, s)
		}
	}
	return those
}

func fromWhere(s store.Secret) string {
	if s.LastUsedFrom == "" {
		return ""
	}
	return " from " + s.LastUsedFrom
}

func unused(s store.Secret, now time.Time) string {
	if s.LastUsedAt.IsZero() {
		return "it was never used"
	}
	return "it was last used " + ago(now, s.LastUsedAt)
}

// unit is one in which people count time.
type unit struct {
	name string
	size time.Duration
}

// units returns them, the longest first.
func units() []unit {
	return []unit{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}}
}

// ago says how long before now something was, as people do.
func ago(now, then time.Time) string {
	for _, u := range units() {
		n := int64(now.Sub(then) / u.size)
		if n > 0 {
			return u.count(n) + " ago"
		}
	}
	return "just now"
}

// span says exactly how long a time of whole seconds is.
func span(d time.Duration) string {
	for _, u := range units() {
		if d >= u.size && d%u.size == 0 {
			return u.count(int64(d / u.size))
		}
	}
	return d.String()
}

func (u unit) count(n int64) string {
	if n == 1 {
		return "1 " + u.name
	}
	return fmt.Sprintf("%d %ss", n, u.name)
}
