package keys_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// minute is an instant some minutes after noon; a day has 1440.
func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// es256 is a signing key by its times in minutes.
func es256(id string, activates int) store.SigningKey {
	return store.SigningKey{ID: id, Algorithm: keys.ES256, CreatedAt: minute(activates - 10), ActivatesAt: minute(activates)}
}

func revoked(key store.SigningKey, at int) store.SigningKey {
	key.RevokedAt = minute(at)
	return key
}

func rs256(key store.SigningKey) store.SigningKey {
	key.Algorithm = keys.RS256
	return key
}

func TestStatesFollowFromTheClock(t *testing.T) {
	const gone = 1441
	tests := []struct {
		name    string
		records []store.SigningKey
		at      int
		want    []string
	}{
		{"there is no key", nil, 0, nil},
		{"the first key signs from its time on", []store.SigningKey{es256("a", 0)}, 0, []string{"a active"}},
		{"the first key signs before its time, too", []store.SigningKey{es256("a", 0)}, -60, []string{"a active"}},
		{"the next one waits until its time", []store.SigningKey{es256("a", 0), es256("b", 100)}, 99, []string{"a active", "b pending"}},
		{"at its time it takes over", []store.SigningKey{es256("a", 0), es256("b", 100)}, 100, []string{"a retiring", "b active"}},
		{"the one before stays until its last token has expired", []store.SigningKey{es256("a", 0), es256("b", 100)}, 100 + gone - 1, []string{"a retiring", "b active"}},
		{"then it is gone", []store.SigningKey{es256("a", 0), es256("b", 100)}, 100 + gone, []string{"a gone", "b active"}},
		{"the order of the records does not matter", []store.SigningKey{es256("b", 100), es256("a", 0)}, 100, []string{"b active", "a retiring"}},
		{"three keys have three states", []store.SigningKey{es256("a", 0), es256("b", 100), es256("c", 200)}, 150, []string{"a retiring", "b active", "c pending"}},
		{"one key signs after the other", []store.SigningKey{es256("a", 0), es256("b", 100), es256("c", 200)}, 200, []string{"a retiring", "b retiring", "c active"}},
		{"each is gone in its turn", []store.SigningKey{es256("a", 0), es256("b", 100), es256("c", 200)}, 100 + gone, []string{"a gone", "b retiring", "c active"}},
		{"a key that is revoked is so at once, whatever the clock says", []store.SigningKey{revoked(es256("a", 0), 50), es256("b", 20)}, 40, []string{"a revoked", "b active"}},
		{"when the last one is revoked, the one before signs again", []store.SigningKey{es256("a", 0), revoked(es256("b", 100), 150)}, 160, []string{"a active", "b revoked"}},
		{"without one before, the next one signs at once", []store.SigningKey{revoked(es256("a", 0), 50), es256("b", 100)}, 60, []string{"a revoked", "b active"}},
		{"a revoked key makes no other retire", []store.SigningKey{es256("a", 0), revoked(es256("b", 100), 150), es256("c", 2000)}, 1900, []string{"a active", "b revoked", "c pending"}},
		{"all are revoked", []store.SigningKey{revoked(es256("a", 0), 50)}, 60, []string{"a revoked"}},
		{"each algorithm has its own", []store.SigningKey{es256("a", 0), rs256(es256("b", 100))}, 50, []string{"a active", "b active"}},
		{"of two that activate at once, the later made signs", []store.SigningKey{
			{ID: "z", Algorithm: keys.ES256, CreatedAt: minute(1), ActivatesAt: minute(5)},
			{ID: "a", Algorithm: keys.ES256, CreatedAt: minute(2), ActivatesAt: minute(5)},
		}, 5, []string{"z retiring", "a active"}},
		{"a key of a release that knows no waiting signs from its creation on", []store.SigningKey{
			es256("a", 0), {ID: "b", Algorithm: keys.ES256, CreatedAt: minute(100)},
		}, 100, []string{"a retiring", "b active"}},
		{"and not before", []store.SigningKey{
			es256("a", 0), {ID: "b", Algorithm: keys.ES256, CreatedAt: minute(100)},
		}, 99, []string{"a active", "b pending"}},
		{"of two twins the greater id signs", []store.SigningKey{es256("b", 5), es256("a", 5)}, 5, []string{"b active", "a retiring"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, status := range schedule.Statuses(tt.records, minute(tt.at)) {
				got = append(got, status.ID+" "+string(status.State))
			}
			diff := cmp.Diff(tt.want, got)
			if diff != "" {
				t.Errorf("at minute %d (-want +got):\n%s", tt.at, diff)
			}
		})
	}
}

func TestTimesOfAStatus(t *testing.T) {
	records := []store.SigningKey{es256("a", 0), revoked(es256("b", 100), 150), es256("c", 200)}
	want := []keys.Status{
		{
			ID: "a", Algorithm: keys.ES256, State: keys.StateActive,
			CreatedAt: minute(-10), ActivatesAt: minute(0), RetiresAt: minute(200), GoneAt: minute(200 + 1441),
		},
		{
			ID: "b", Algorithm: keys.ES256, State: keys.StateRevoked,
			CreatedAt: minute(90), ActivatesAt: minute(100), RevokedAt: minute(150),
		},
		{ID: "c", Algorithm: keys.ES256, State: keys.StatePending, CreatedAt: minute(190), ActivatesAt: minute(200)},
	}
	diff := cmp.Diff(want, schedule.Statuses(records, minute(160)))
	if diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
