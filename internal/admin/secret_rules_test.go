package admin

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// bcryptHash is one that another server made, of the text "correct horse".
const bcryptHash = "$2b$04$abcdefghijklmnopqrstuuxJUv3wDMJxTeFmgRpJnGn7zNMFzmDXK"

func TestNewSecretRules(t *testing.T) {
	const good = "dNC-hg7sVm22jc3g_Eogtyu0_1Mqh_4-"
	at := func(d time.Duration) func(*NewSecret) {
		return func(s *NewSecret) { s.ExpiresAt = new(noon.Add(d)) }
	}
	tests := []struct {
		name   string
		change func(*NewSecret)
		field  string // empty: accepted
		detail string
	}{
		{name: "a name alone", change: func(*NewSecret) {}},
		{name: "a name in any script", change: func(s *NewSecret) { s.Name = "Zahlungen für 株式会社" }},
		{name: "no name", change: func(s *NewSecret) { s.Name = "" }, field: "name", detail: "is missing"},
		{name: "a name of 100 characters", change: func(s *NewSecret) { s.Name = strings.Repeat("ü", 100) }},
		{name: "a name of 101 characters", change: func(s *NewSecret) { s.Name = strings.Repeat("ü", 101) }, field: "name", detail: "longer than 100"},
		{name: "a name with a line break", change: func(s *NewSecret) { s.Name = "a\nb" }, field: "name", detail: "control character"},
		{name: "a name that turns the line around", change: func(s *NewSecret) { s.Name = "a\u202eb" }, field: "name", detail: "control character"},
		{name: "it ends in a second", change: func(s *NewSecret) { s.ExpiresIn = 1 }},
		{name: "it ends in 10 years", change: func(s *NewSecret) { s.ExpiresIn = 3650 * 86400 }},
		{name: "it ends in more than 10 years", change: func(s *NewSecret) { s.ExpiresIn = 3650*86400 + 1 }, field: "expires_in", detail: "out of range"},
		{name: "it ended a second ago", change: func(s *NewSecret) { s.ExpiresIn = -1 }, field: "expires_in", detail: "out of range"},
		{name: "a lifetime that overflows", change: func(s *NewSecret) { s.ExpiresIn = 1 << 62 }, field: "expires_in", detail: "out of range"},
		{name: "it ends in a millisecond", change: at(time.Millisecond)},
		{name: "it ends now", change: at(0), field: "expires_at", detail: "not in the future"},
		{name: "it ends within this millisecond", change: at(999 * time.Microsecond), field: "expires_at", detail: "not in the future"},
		{name: "it ended a day ago", change: at(-day), field: "expires_at", detail: "not in the future"},
		{name: "it ended before there was time", change: func(s *NewSecret) { s.ExpiresAt = &time.Time{} }, field: "expires_at", detail: "not in the future"},
		{name: "it ends at an instant 10 years from now", change: at(3650 * day)},
		{name: "it ends at an instant more than 10 years from now", change: at(3650*day + time.Second), field: "expires_at", detail: "more than 10 years"},
		{
			name:   "both ways to say when it ends",
			change: func(s *NewSecret) { s.ExpiresIn, s.ExpiresAt = 60, new(noon.Add(day)) }, field: "expires_in", detail: "both expires_at and expires_in",
		},
		{name: "an imported secret", change: func(s *NewSecret) { s.ClientSecret = good }},
		{name: "an imported secret of 15 bytes", change: func(s *NewSecret) { s.ClientSecret = good[:15] }, field: "client_secret", detail: "shorter than 16"},
		{name: "an imported secret of 513 bytes", change: func(s *NewSecret) { s.ClientSecret = strings.Repeat("s", 513) }, field: "client_secret", detail: "longer than 512"},
		{name: "an imported secret with a line break", change: func(s *NewSecret) { s.ClientSecret = good + "\n" }, field: "client_secret", detail: "control character"},
		{name: "an imported hash", change: func(s *NewSecret) { s.ClientSecretHash = bcryptHash }},
		{name: "an imported hash of an unknown kind", change: func(s *NewSecret) { s.ClientSecretHash = "$1$salt$hash" }, field: "client_secret_hash", detail: "cannot be imported"},
		{name: "a secret in place of its hash", change: func(s *NewSecret) { s.ClientSecretHash = good }, field: "client_secret_hash", detail: "cannot be imported"},
		{
			name:   "an imported hash that costs minutes",
			change: func(s *NewSecret) { s.ClientSecretHash = strings.Replace(bcryptHash, "$04$", "$31$", 1) }, field: "client_secret_hash", detail: "cost",
		},
		{name: "an imported hash that is very long", change: func(s *NewSecret) { s.ClientSecretHash = "$2b$" + strings.Repeat("x", 1<<20) }, field: "client_secret_hash", detail: "longer than"},
		{
			name:   "a secret and its hash",
			change: func(s *NewSecret) { s.ClientSecret, s.ClientSecretHash = good, bcryptHash }, field: "client_secret_hash", detail: "beside",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := NewSecret{Name: "next"}
			tt.change(&in)
			_, err := in.check(noon)
			checkRefusal(t, err, tt.field, tt.detail)
		})
	}
}

func TestWhenASecretEnds(t *testing.T) {
	tests := []struct {
		name string
		in   NewSecret
		want time.Time
	}{
		{name: "never", in: NewSecret{}},
		{name: "in a minute", in: NewSecret{ExpiresIn: 60}, want: noon.Add(time.Minute)},
		{name: "at an instant, in UTC and to the millisecond", in: NewSecret{ExpiresAt: new(noon.Add(time.Hour + 1500*time.Microsecond).In(time.FixedZone("", 3600)))}, want: noon.Add(time.Hour + time.Millisecond)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Name = "next"
			got, err := tt.in.check(noon)
			if err != nil || got != tt.want {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestRoomForASecret(t *testing.T) {
	var nine []store.Secret
	for i := range 9 {
		nine = append(nine, aged(fmt.Sprint(i), day))
	}
	tests := []struct {
		name   string
		have   []store.Secret
		add    string
		field  string
		detail string // empty: accepted
	}{
		{name: "the tenth", have: nine, add: "next"},
		{name: "the eleventh, even beside an expired one", have: append(nine[:9:9], aged("x", day, expires(-day))), add: "next", detail: "10 secrets already"},
		{name: "a name that is there", have: nine, add: "3", field: "name", detail: `a secret "3" already`},
		{name: "a name that is the id of another one", have: nine, add: "ID3", field: "name", detail: `a secret "ID3" already`},
		{name: "names are compared letter by letter", have: []store.Secret{aged("Next", day)}, add: "next"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := checkRoom(tt.have, tt.add)
			if tt.detail == "" {
				checkRefusal(t, err, "", "")
				return
			}
			checkConflict(t, err, tt.field, tt.detail)
		})
	}
}

func TestQueryOfAListOfSecrets(t *testing.T) {
	tests := []struct {
		query string
		want  time.Duration // zero: refused
	}{
		{"", 7 * day},
		{"unused_for=60", time.Minute},
		{"unused_for=315360000", 3650 * day},
		{"unused_for=0", 0},
		{"unused_for=-1", 0},
		{"unused_for=", 0},
		{"unused_for=7d", 0},
		{"unused_for=315360001", 0},
		{"unused_for=99999999999999999999", 0},
		{"unused_for=1&unused_for=2", 0},
		{"unused=1", 0},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			query, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parseSecretRange(query)
			if tt.want != 0 {
				if err != nil || got.duration() != tt.want {
					t.Errorf("got %s, %v; want %s", got.duration(), err, tt.want)
				}
				return
			}
			p, ok := errors.AsType[*web.Problem](err)
			if !ok || p.Status != http.StatusBadRequest || p.Field == "" || p.Hint == "" {
				t.Errorf("got %#v, want a problem with field and hint", err)
			}
		})
	}
}

func TestSchemeOfAnImportedHash(t *testing.T) {
	for hash, want := range map[string]string{
		"$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaA": "argon2id",
		bcryptHash: "bcrypt",
		"$2y$10$x": "bcrypt",
		"$pbkdf2-sha256$i=600000,l=32$c2FsdA$aGFzaA": "pbkdf2",
		"$pbkdf2-sha512$i=210000$c2FsdA$aGFzaA":      "pbkdf2",
	} {
		got := schemeOf(store.Secret{Imported: true, Hash: []byte(hash)})
		if got != want {
			t.Errorf("%s is %q, want %q", hash, got, want)
		}
	}
	if got := schemeOf(store.Secret{Hash: []byte(bcryptHash)}); got != "" {
		t.Errorf("a hash of our own is called %q", got)
	}
}

// checkConflict checks that err is a conflict, about the field if any, with what
// to do about it.
func checkConflict(t *testing.T, err error, field, detail string) {
	t.Helper()
	p, ok := errors.AsType[*web.Problem](err)
	if !ok || p.Status != http.StatusConflict || p.Field != field || !strings.Contains(p.Detail, detail) || p.Hint == "" {
		t.Errorf("got %#v, want a conflict about %q with %q", err, field, detail)
	}
}
