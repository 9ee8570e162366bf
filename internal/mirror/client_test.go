package mirror

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

func TestAPackedClientIsALineOfTheCacheWithoutAPointer(t *testing.T) {
	if size := unsafe.Sizeof(packed{}); size != 64 {
		t.Errorf("a packed client has %d bytes", size)
	}
	for i, fields := 0, reflect.TypeFor[packed](); i < fields.NumField(); i++ {
		switch fields.Field(i).Type.Kind() {
		case reflect.Array, reflect.Int64, reflect.Uint16:
		default:
			t.Errorf("%s may hold a pointer, which the garbage collector would follow", fields.Field(i).Name)
		}
	}
}

func TestAStampKeepsTheInstantAndTheFlagsApart(t *testing.T) {
	all := []flags{disabled, mayClientCredentials, mayRefreshToken, mayBasic, mayPost, keepsRefreshTokens, hasFirst, isTest}
	rapid.Check(t, func(t *rapid.T) {
		var s stamp
		instant, set := int64(0), map[flags]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "instant") {
				instant = rapid.Int64Range(time.Time{}.UnixMilli(), lastInstant).Draw(t, "ms")
				s.setInstant(instant)
			} else {
				flag := rapid.SampledFrom(all).Draw(t, "flag")
				set[flag] = true
				s.set(flag)
			}
		}
		if s.instant() != instant {
			t.Errorf("the instant is %d, want %d", s.instant(), instant)
		}
		for _, flag := range all {
			if s.has(flag) != set[flag] {
				t.Errorf("flag %08b is %v, want %v", flag, s.has(flag), set[flag])
			}
		}
	})
}

func TestAnInstantThatIsTooLateStaysLate(t *testing.T) {
	var s stamp
	s.set(mayPost)
	s.setInstant(1<<63 - 1)
	if s.instant() != lastInstant || !s.has(mayPost) || s.has(disabled) {
		t.Errorf("the instant is %d, want %d", s.instant(), int64(lastInstant))
	}
}

func TestAKeyMayHaveALifetimeOfItsOwn(t *testing.T) {
	record := store.Client{AccessTokenLifetime: 90*time.Minute + 400*time.Millisecond}
	if got := newClient(&record, &scope.Grants{}, nil).Lifetime(); got != 90*time.Minute {
		t.Errorf("the lifetime is %v, want whole seconds of it", got)
	}
	if got := newClient(&store.Client{}, &scope.Grants{}, nil).Lifetime(); got != 0 {
		t.Errorf("without one of its own the lifetime is %v", got)
	}
}
