package mirror_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

// revocation makes one that ends in an hour.
func revocation(number int) store.Revocation {
	var id store.TokenID
	binary.BigEndian.PutUint64(id[8:], uint64(number)*0x9e3779b97f4a7c15)
	return store.Revocation{ID: id, ExpiresAt: time.Now().Add(time.Hour)}
}

func api(id string) store.API {
	return store.API{
		Mode: store.Live,
		ID:   id, Audience: "https://" + id + ".example", Scopes: []string{"/" + id + ".read"}, TokenFormat: store.JWT, Algorithm: "ES256", Type: "at+jwt",
		AccessTokenLifetime: time.Hour, RefreshTokenLifetime: time.Hour,
	}
}

func catchUp(t *testing.T, m *mirror.Mirror) {
	t.Helper()
	err := m.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheMirrorFollowsRevocations(t *testing.T) {
	db := open(t)
	write(t, db, store.CreateAPI{API: api("a")}, store.CreateClient{Client: client("one")}, store.RevokeToken{Revocation: revocation(1)})
	m, _ := newMirror(t, db)
	if !m.Revoked(revocation(1).ID) || m.Revoked(revocation(2).ID) || m.Revocations() != 1 || !m.NotBefore().IsZero() {
		t.Fatalf("after Load: first %v, second %v, %d in all, none before %v", m.Revoked(revocation(1).ID), m.Revoked(revocation(2).ID), m.Revocations(), m.NotBefore())
	}
	before := time.Now().Add(time.Minute).UTC().Truncate(time.Millisecond)
	write(t, db,
		store.RevokeToken{Revocation: revocation(2)},
		store.RevokeFamily{Revocation: revocation(3)},
		store.RevokeClientTokens{ID: "one", Before: before.Add(time.Millisecond)},
		store.RevokeAPITokens{ID: "a", Before: before.Add(2 * time.Millisecond)},
		store.RevokeAllTokens{Before: before},
	)
	catchUp(t, m)
	if !m.Revoked(revocation(2).ID) || !m.Revoked(revocation(3).ID) || m.Revocations() != 3 {
		t.Errorf("token revoked: %v, family revoked: %v, %d in all", m.Revoked(revocation(2).ID), m.Revoked(revocation(3).ID), m.Revocations())
	}
	if got := m.NotBefore(); !got.Equal(before) {
		t.Errorf("all tokens are revoked before %v, want %v", got, before)
	}
	if got := m.Client("one").NotBefore(); !got.Equal(before.Add(time.Millisecond)) {
		t.Errorf("the key's tokens are revoked before %v, want %v", got, before.Add(time.Millisecond))
	}
	if got := m.API("https://a.example").NotBefore; !got.Equal(before.Add(2 * time.Millisecond)) {
		t.Errorf("the API's tokens are revoked before %v, want %v", got, before.Add(2*time.Millisecond))
	}
}

func TestAKeysTokensBeginWithTheKey(t *testing.T) {
	db := open(t)
	created := time.Date(2031, 5, 6, 12, 0, 0, 7_000_000, time.UTC)
	young, revoked := client("young"), client("revoked")
	young.CreatedAt, revoked.CreatedAt = created, created
	young.NotBefore, revoked.NotBefore = created.Add(-time.Hour), created.Add(time.Hour)
	write(t, db, store.CreateClient{Client: young}, store.CreateClient{Client: revoked})
	m, _ := newMirror(t, db)
	if got := m.Client("young").NotBefore(); !got.Equal(created) {
		t.Errorf("got %v, want %v, to the millisecond", got, created)
	}
	if got := m.Client("revoked").NotBefore(); !got.Equal(created.Add(time.Hour)) {
		t.Errorf("got %v, want %v", got, created.Add(time.Hour))
	}
}

func TestLoadReadsEveryPageOfRevocations(t *testing.T) {
	const count = 4001
	db := open(t)
	mutations := make([]store.Mutation, 0, count)
	for n := range count {
		mutations = append(mutations, store.RevokeToken{Revocation: revocation(n)})
	}
	write(t, db, mutations...)
	m, _ := newMirror(t, db)
	if m.Revocations() != count || !m.Revoked(revocation(0).ID) || !m.Revoked(revocation(count-1).ID) {
		t.Errorf("%d revocations after Load, want %d", m.Revocations(), count)
	}
}

// A restored backup knows nothing of what was revoked since; a node that does
// keeps it until it has expired.
func TestWhatWasRevokedStaysRevokedWhenTheStoreGoesBack(t *testing.T) {
	db, backup := open(t), open(t)
	for _, s := range []store.Writer{db, backup} {
		write(t, s, store.CreateAPI{API: api("a")}, store.CreateClient{Client: client("one")})
	}
	m, _ := newMirror(t, db)
	before := time.Now().Add(time.Minute).UTC().Truncate(time.Millisecond)
	write(t, db,
		store.RevokeToken{Revocation: revocation(1)},
		store.RevokeClientTokens{ID: "one", Before: before},
		store.RevokeAPITokens{ID: "a", Before: before},
		store.RevokeAllTokens{Before: before},
	)
	catchUp(t, m)
	m.Revoke(revocation(2))
	write(t, backup, store.RevokeAllTokens{Before: before.Add(-time.Hour)})
	m.Source = backup
	for _, again := range []func(context.Context) error{m.Sync, m.Load} {
		err := again(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !m.Revoked(revocation(1).ID) || !m.Revoked(revocation(2).ID) {
			t.Errorf("revoked by the feed: %v, revoked here: %v; want both", m.Revoked(revocation(1).ID), m.Revoked(revocation(2).ID))
		}
		if !m.NotBefore().Equal(before) || !m.Client("one").NotBefore().Equal(before) || !m.API("https://a.example").NotBefore.Equal(before) {
			t.Errorf("revoked before: all %v, key %v, API %v; want %v", m.NotBefore(), m.Client("one").NotBefore(), m.API("https://a.example").NotBefore, before)
		}
	}
	// It is the other history that the mirror follows now.
	write(t, backup, store.RevokeToken{Revocation: revocation(3)}, store.SetClientDisabled{ID: "one", Disabled: true})
	catchUp(t, m)
	if !m.Revoked(revocation(3).ID) || !m.Client("one").Disabled() {
		t.Error("what the store revokes after it went back is not known")
	}
	if !m.Client("one").NotBefore().Equal(before) {
		t.Errorf("a change of the key brought its tokens of before %v back; now they end before %v", before, m.Client("one").NotBefore())
	}
}

func TestRevokeHoldsWhileTheStoreIsAway(t *testing.T) {
	m, _ := newMirror(t, open(t))
	m.Source = gone{m.Source}
	m.Revoke(revocation(1))
	err := m.Sync(t.Context())
	if err == nil || !m.Revoked(revocation(1).ID) {
		t.Errorf("sync: %v, revoked: %v", err, m.Revoked(revocation(1).ID))
	}
}

func TestSweepForgetsWhatHasExpired(t *testing.T) {
	m, _ := newMirror(t, open(t))
	m.Revoke(revocation(1))
	m.Sweep()
	if !m.Revoked(revocation(1).ID) {
		t.Error("a revocation of a live token was forgotten")
	}
	m.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	m.Sweep()
	if m.Revoked(revocation(1).ID) || m.Revocations() != 0 {
		t.Error("a revocation of a token that has ended is still known")
	}
}

// feed is a store whose feed says this, once.
type feed struct {
	mirror.Source
	change store.Change
}

func (f *feed) Changes(context.Context, store.Position, int) ([]store.Change, error) {
	return []store.Change{f.change}, nil
}

func TestAChangeThatCannotBeReadIsNotPassedOver(t *testing.T) {
	for _, change := range []store.Change{
		{Kind: store.KindRevocation, ID: "nonsense"},
		{Kind: store.KindRevocation, ID: revocation(1).String() + "x"},
		{Kind: "made up", ID: "x"},
	} {
		t.Run(string(change.Kind)+" "+change.ID, func(t *testing.T) {
			m, _ := newMirror(t, open(t))
			m.Source = &feed{m.Source, change}
			err := m.Sync(t.Context())
			if err == nil || m.Revocations() != 0 {
				t.Errorf("got error %v and %d revocations", err, m.Revocations())
			}
		})
	}
}

func TestWhoMayIntrospect(t *testing.T) {
	db := open(t)
	write(t, db, store.CreateAPI{API: api("a")}, store.CreateAPI{API: api("b")})
	for _, id := range []string{"two", "one", "three"} {
		write(t, db, store.CreateClient{Client: client(id)}, store.AddResourceServer{APIID: "a", ClientID: id})
	}
	m, _ := newMirror(t, db)
	steps := []struct {
		name      string
		mutations []store.Mutation
		want      map[string]bool
	}{
		{"after Load", nil, map[string]bool{"one": true, "two": true, "three": true, "": false, "four": false, "on": false}},
		{"one is taken out", []store.Mutation{store.RemoveResourceServer{APIID: "a", ClientID: "one"}}, map[string]bool{"one": false, "two": true}},
		{"one is put back", []store.Mutation{store.AddResourceServer{APIID: "a", ClientID: "one"}}, map[string]bool{"one": true, "two": true}},
		{"a key is deleted", []store.Mutation{store.DeleteClient{ID: "two"}}, map[string]bool{"two": false, "one": true}},
		{
			"a key is deleted and made again at once",
			[]store.Mutation{store.DeleteClient{ID: "one"}, store.CreateClient{Client: client("one")}},
			map[string]bool{"one": false, "three": true},
		},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			write(t, db, step.mutations...)
			catchUp(t, m)
			for id, want := range step.want {
				if got := m.API("https://a.example").MayIntrospect(id); got != want {
					t.Errorf("%q may introspect: %v, want %v", id, got, want)
				}
				if m.API("https://b.example").MayIntrospect(id) {
					t.Errorf("%q may introspect tokens of another API", id)
				}
			}
		})
	}
}
