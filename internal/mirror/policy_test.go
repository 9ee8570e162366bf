package mirror_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/store"
)

// withPolicy is a key with a policy.
func withPolicy(id string, p store.Policy) store.Client {
	c := client(id)
	c.Policy = p
	return c
}

func TestAKeyHasItsModeAndPolicy(t *testing.T) {
	db := open(t)
	test := withPolicy("test", store.Policy{Claims: `{"tenant":"acme"}`})
	test.Mode = store.Test
	write(t, db, store.CreateClient{Client: client("plain")}, store.CreateClient{Client: test})
	m, log := newLoggedMirror(t, db)
	if c := m.Client("plain"); c.Policy != nil || c.Mode() != store.Live {
		t.Errorf("a plain key has policy %+v and mode %s", c.Policy, c.Mode())
	}
	if c := m.Client("test"); string(c.Policy.Claims()) != `,"tenant":"acme"` || c.Mode() != store.Test {
		t.Errorf("the test key has claims %s and mode %s", c.Policy.Claims(), c.Mode())
	}
	test.Mode, test.Policy = store.Live, store.Policy{}
	write(t, db, store.UpdateClient{Client: test})
	catchUp(t, m)
	if c := m.Client("test"); c.Policy != nil || c.Mode() != store.Live {
		t.Errorf("after its change the key has policy %+v and mode %s", c.Policy, c.Mode())
	}
	expectLog(t, log, 0)
}

func TestLimitsGoOnWhenAKeyChanges(t *testing.T) {
	limited := store.Policy{TokensPerHour: 3}
	tests := []struct {
		name   string
		change func(t *testing.T, db store.Writer, source *forked)
	}{
		{"another name", func(t *testing.T, db store.Writer, _ *forked) {
			c := withPolicy("one", limited)
			c.Name = "renamed"
			write(t, db, store.UpdateClient{Client: c})
		}},
		{"disabled and enabled", func(t *testing.T, db store.Writer, _ *forked) {
			write(t, db, store.SetClientDisabled{ID: "one", Disabled: true}, store.SetClientDisabled{ID: "one"})
		}},
		{"everything is loaded again", func(_ *testing.T, _ store.Writer, source *forked) { source.times = 1 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			db := open(t)
			write(t, db, store.CreateClient{Client: withPolicy("one", limited)})
			source := &forked{Source: db}
			m, _ := newMirror(t, source)
			before := m.Client("one")
			now := time.Now().Truncate(time.Hour)
			takeTokens(t, before.Policy, now, 2)
			test.change(t, db, source)
			catchUp(t, m)
			after := m.Client("one")
			if after == before {
				t.Fatal("the key did not change")
			}
			takeTokens(t, after.Policy, now, 1)
			_, err := after.Policy.TakeToken(now)
			if err == nil {
				t.Error("after the change it got a fourth token of three")
			}
		})
	}
}

func takeTokens(t *testing.T, rules *policy.Rules, now time.Time, count int) {
	t.Helper()
	for range count {
		_, err := rules.TakeToken(now)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPolicyThatCannotBeReadClosesItsKeyOnly(t *testing.T) {
	for _, broken := range []store.Policy{
		{Claims: `{"iss":"https://evil.example"}`},
		{Claims: `{`},
		{Networks: []string{"everywhere"}},
		{Origins: []string{"https://*.example"}},
		{RequestsPerSecond: 2_000_000},
	} {
		t.Run(fmt.Sprintf("%+v", broken), func(t *testing.T) {
			db := open(t)
			write(t, db, store.CreateClient{Client: withPolicy("early", broken)}, store.CreateClient{Client: client("plain")})
			m, log := newLoggedMirror(t, db)
			expectLog(t, log, 1, "client_id=early", "gets no tokens")
			expectClosed(t, m.Client("early"))
			write(t, db, store.CreateClient{Client: withPolicy("late", broken)}, store.CreateClient{Client: client("other")})
			catchUp(t, m)
			expectLog(t, log, 1, "client_id=late", "gets no tokens")
			expectClosed(t, m.Client("late"))
			for _, id := range []string{"plain", "other"} {
				if m.Client(id) == nil || m.Client(id).Policy != nil {
					t.Errorf("key %s has the policy %+v, want none", id, m.Client(id).Policy)
				}
			}
			write(t, db, store.UpdateClient{Client: withPolicy("late", store.Policy{Networks: []string{"192.0.2.0/24"}})})
			catchUp(t, m)
			if !m.Client("late").Policy.Valid(time.Now()) {
				t.Error("a key whose policy was mended stays closed")
			}
			expectLog(t, log, 0)
		})
	}
}

func expectClosed(t *testing.T, c *mirror.Client) {
	t.Helper()
	_, err := c.Policy.TakeToken(time.Now())
	if c.Policy.Valid(time.Now()) || err == nil || c.Policy.Admit(policy.Request{}, time.Now()) == nil {
		t.Errorf("key %s may be used", c.ID)
	}
}

func TestOriginsThatSomeKeyLists(t *testing.T) {
	const first, second, third = "https://a.example", "https://b.example:8443", "http://localhost"
	db := open(t)
	source := &forked{Source: db}
	m, _ := newMirror(t, source)
	lists := func(origins ...string) store.Policy { return store.Policy{Origins: origins} }
	steps := []struct {
		name   string
		change func()
		want   []string
	}{
		{"nobody lists any", func() {}, nil},
		{"one key lists two", func() {
			write(t, db, store.CreateClient{Client: withPolicy("one", lists(first, second))})
		}, []string{first, second}},
		{"another lists one of them, too", func() {
			write(t, db, store.CreateClient{Client: withPolicy("two", lists(second))})
		}, []string{first, second}},
		{"a plain key lists none", func() { write(t, db, store.CreateClient{Client: client("plain")}) }, []string{first, second}},
		{"the first lists another one instead", func() {
			write(t, db, store.UpdateClient{Client: withPolicy("one", lists(third))})
		}, []string{second, third}},
		{"a change of something else leaves them", func() {
			write(t, db, store.SetClientDisabled{ID: "two", Disabled: true})
		}, []string{second, third}},
		{"everything is loaded again", func() { source.times = 1 }, []string{second, third}},
		{"the second is deleted", func() { write(t, db, store.DeleteClient{ID: "two"}) }, []string{third}},
		{"one that never was there is deleted in the same moment", func() {
			write(t, db, store.CreateClient{Client: withPolicy("brief", lists(first))}, store.DeleteClient{ID: "brief"})
		}, []string{third}},
		{"the last one loses its policy", func() { write(t, db, store.UpdateClient{Client: client("one")}) }, nil},
	}
	for _, step := range steps {
		step.change()
		catchUp(t, m)
		for _, origin := range []string{first, second, third} {
			if got := m.AllowsOrigin(origin); got != slices.Contains(step.want, origin) {
				t.Errorf("%s: %s is listed: %v", step.name, origin, got)
			}
		}
	}
}

func TestAnOriginIsComparedAsAnOrigin(t *testing.T) {
	db := open(t)
	write(t, db, store.CreateClient{Client: withPolicy("one", store.Policy{Origins: []string{"https://a.example"}})})
	m, _ := newMirror(t, db)
	for origin, want := range map[string]bool{
		"HTTPS://A.example:443":     true,
		"https://a.example.":        false,
		"https://a.example/":        false,
		"null":                      false,
		"":                          false,
		"https://x.example@a.test":  false,
		"https://a.example,https:/": false,
	} {
		if got := m.AllowsOrigin(origin); got != want {
			t.Errorf("AllowsOrigin(%q) is %v", origin, got)
		}
	}
}

func TestOriginsAreReadWhileKeysComeAndGo(t *testing.T) {
	const steady, never = "https://steady.example", "https://never.example"
	db := open(t)
	write(t, db, store.CreateClient{Client: withPolicy("steady", store.Policy{Origins: []string{steady}})})
	source := &forked{Source: db}
	m, _ := newMirror(t, source)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if !m.AllowsOrigin(steady) || m.AllowsOrigin(never) {
					t.Error("an origin was not listed while others came and went, or one that never was")
					return
				}
				runtime.Gosched()
			}
		})
	}
	for round := range 20 {
		var changes []store.Mutation
		for n := range 20 {
			id := fmt.Sprintf("c%d-%d", round, n)
			changes = append(changes, store.CreateClient{Client: withPolicy(id, store.Policy{Origins: []string{steady, "https://" + id + ".example"}})})
			if round%2 == 0 {
				changes = append(changes, store.DeleteClient{ID: id})
			}
		}
		write(t, db, changes...)
		source.times = round % 3 / 2
		catchUp(t, m)
	}
	close(done)
	readers.Wait()
	if m.AllowsOrigin("https://c0-0.example") || !m.AllowsOrigin("https://c1-0.example") {
		t.Error("in the end the wrong origins are listed")
	}
}
