package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func keySecretTests() []test {
	return []test{
		{"EndingSecrets returns those of enabled keys that end in the time asked for, the soonest first", secretsEnding},
		{"LastingSecrets returns those of enabled live keys that never end and are old, the oldest first", secretsLasting},
	}
}

// withSecrets makes a live key with secrets that have these ages and ends, zero for
// none.
func (e *env) withSecrets(id string, change func(*store.Client), ages, ends []time.Duration) {
	e.Helper()
	c := store.Client{ID: id, Name: "name of " + id, Mode: store.Live, CreatedAt: now, UpdatedAt: now}
	for i := range ages {
		s := store.Secret{ID: string(rune('a' + i)), Name: "secret " + string(rune('a'+i)), Hash: []byte{byte(i)}, CreatedAt: now.Add(-ages[i])}
		if ends[i] != 0 {
			s.ExpiresAt = now.Add(ends[i])
		}
		c.Secrets = append(c.Secrets, s)
	}
	if change != nil {
		change(&c)
	}
	e.write(store.CreateClient{Client: c})
}

// keySecret is the first secret of such a key.
func keySecret(id string, age, end time.Duration) store.KeySecret {
	k := store.KeySecret{ClientID: id, ClientName: "name of " + id, Name: "secret a", CreatedAt: now.Add(-age)}
	if end != 0 {
		k.ExpiresAt = now.Add(end)
	}
	return k
}

const hour = time.Hour

func secretsEnding(e *env) {
	e.withSecrets("c", nil, []time.Duration{hour, hour, hour}, []time.Duration{3 * hour, 0, 10 * hour})
	e.withSecrets("d", nil, []time.Duration{2 * hour, hour}, []time.Duration{2 * hour, -hour})
	e.withSecrets("test", func(c *store.Client) { c.Mode = store.Test }, []time.Duration{hour}, []time.Duration{hour})
	e.withSecrets("off", func(c *store.Client) { c.Disabled = true }, []time.Duration{hour}, []time.Duration{hour})
	got, err := e.store.EndingSecrets(e.ctx, now.Add(hour), now.Add(10*hour), 10)
	fails(e, "ending secrets", err, nil)
	want := []store.KeySecret{keySecret("test", hour, hour), keySecret("d", 2*hour, 2*hour), keySecret("c", hour, 3*hour)}
	same(e, "ending secrets", got, want)
	got, err = e.store.EndingSecrets(e.ctx, now.Add(hour), now.Add(10*hour), 2)
	fails(e, "two ending secrets", err, nil)
	same(e, "two ending secrets", got, want[:2])
	got, err = e.store.EndingSecrets(e.ctx, now, now.Add(10*hour), -1)
	fails(e, "no ending secrets", err, nil)
	same(e, "how many of none", len(got), 0)
}

func secretsLasting(e *env) {
	e.withSecrets("c", nil, []time.Duration{3 * hour, 4 * hour, hour}, []time.Duration{0, 2 * hour, 0})
	e.withSecrets("d", nil, []time.Duration{5 * hour, 2 * hour}, []time.Duration{0, 0})
	e.withSecrets("test", func(c *store.Client) { c.Mode = store.Test }, []time.Duration{9 * hour}, []time.Duration{0})
	e.withSecrets("off", func(c *store.Client) { c.Disabled = true }, []time.Duration{9 * hour}, []time.Duration{0})
	got, err := e.store.LastingSecrets(e.ctx, now.Add(-2*hour), 10)
	fails(e, "lasting secrets", err, nil)
	want := []store.KeySecret{keySecret("d", 5*hour, 0), keySecret("c", 3*hour, 0)}
	same(e, "lasting secrets", got, want)
	got, err = e.store.LastingSecrets(e.ctx, now.Add(-2*hour), 1)
	fails(e, "one lasting secret", err, nil)
	same(e, "one lasting secret", got, want[:1])
}
