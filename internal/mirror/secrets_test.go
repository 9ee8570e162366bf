package mirror_test

import (
	"slices"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
)

var noon = time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)

// holder returns a key with these secrets, as the mirror has it.
func holder(t *testing.T, secrets ...store.Secret) *mirror.Client {
	t.Helper()
	record := client("holder")
	record.Secrets = secrets
	for i := range record.Secrets {
		record.Secrets[i].ID, record.Secrets[i].Name, record.Secrets[i].CreatedAt = string(rune('a'+i)), string(rune('a'+i)), noon
	}
	db := open(t)
	write(t, db, store.CreateClient{Client: record})
	m, _ := newMirror(t, db)
	return m.Client("holder")
}

func TestASecretMatchesItsKeyOnly(t *testing.T) {
	one := holder(t, store.Secret{Hash: hash("one")})
	two := holder(t, store.Secret{Hash: hash("two")}, store.Secret{Hash: hash("further")}, store.Secret{Hash: hash("third")})
	tests := []struct {
		name   string
		client *mirror.Client
		secret string
		want   bool
	}{
		{"its secret", one, "one", true},
		{"another key's secret", one, "two", false},
		{"the first of three", two, "two", true},
		{"the second of three", two, "further", true},
		{"the third of three", two, "third", true},
		{"an unknown key", nil, "one", false},
		{"an unknown key and the hash of no secret", nil, "", false},
		{"a key without a secret", holder(t), "none", false},
		{"a key without a secret and the hash of no secret", holder(t), "", false},
		{"a key with imported secrets alone", holder(t, store.Secret{Imported: true, Hash: hash("one")}), "one", false},
		{"a key with imported secrets alone and the hash of no secret", holder(t, store.Secret{Imported: true, Hash: []byte("$2b$")}), "", false},
		{"a hash of another length", holder(t, store.Secret{Hash: []byte("one")}), "one", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sum := [32]byte(hash(tt.secret))
			if got := tt.client.Matches(&sum, noon); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if tt.client.MatchesExpired(&sum, noon) {
				t.Error("it matches one that has expired, and none has")
			}
		})
	}
}

func TestASecretExpiresToTheSecond(t *testing.T) {
	tests := []struct {
		name          string
		expires       time.Time
		live, expired bool
	}{
		{"never", time.Time{}, true, false},
		{"a millisecond from now", noon.Add(time.Millisecond), true, false},
		{"now", noon, false, true},
		{"a second ago", noon.Add(-time.Second), false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := holder(t, store.Secret{Hash: hash("steady")}, store.Secret{Hash: hash("brief"), ExpiresAt: tt.expires})
			steady, brief := [32]byte(hash("steady")), [32]byte(hash("brief"))
			live, expired := c.Matches(&brief, noon), c.MatchesExpired(&brief, noon)
			if live != tt.live || expired != tt.expired {
				t.Errorf("live %v, expired %v; want %v, %v", live, expired, tt.live, tt.expired)
			}
			if !c.Matches(&steady, noon) || c.MatchesExpired(&steady, noon) {
				t.Error("the other secret of the key expired, too")
			}
		})
	}
}

func TestImportedSecretsExpire(t *testing.T) {
	imported := func(phc string, expires time.Time) store.Secret {
		return store.Secret{Imported: true, Hash: []byte(phc), ExpiresAt: expires}
	}
	tests := []struct {
		name          string
		secrets       []store.Secret
		live, expired []string
	}{
		{"none", []store.Secret{{Hash: hash("own")}}, nil, nil},
		{"one", []store.Secret{imported("$a", time.Time{})}, []string{"$a"}, nil},
		{"two that live", []store.Secret{imported("$a", time.Time{}), imported("$b", noon.Add(time.Second))}, []string{"$a", "$b"}, nil},
		{"one of two expires now", []store.Secret{imported("$a", noon), imported("$b", time.Time{})}, []string{"$b"}, []string{"$a"}},
		{"beside one of ours", []store.Secret{{Hash: hash("own")}, imported("$a", time.Time{})}, []string{"$a"}, nil},
		{"all expired", []store.Secret{imported("$a", noon), imported("$b", noon.Add(-time.Hour))}, nil, []string{"$a", "$b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := holder(t, tt.secrets...)
			if got := c.Imported(noon); !slices.Equal(got, tt.live) {
				t.Errorf("live: %v, want %v", got, tt.live)
			}
			if got := c.ImportedExpired(noon); !slices.Equal(got, tt.expired) {
				t.Errorf("expired: %v, want %v", got, tt.expired)
			}
		})
	}
}

func TestAKeyMayKeepItsRefreshTokens(t *testing.T) {
	db := open(t)
	keeps := client("keeps")
	keeps.KeepsRefreshTokens = true
	write(t, db, store.CreateClient{Client: keeps}, store.CreateClient{Client: client("rotates")})
	m, _ := newMirror(t, db)
	if !m.Client("keeps").KeepsRefreshTokens() || m.Client("rotates").KeepsRefreshTokens() {
		t.Errorf("keeps: %v, rotates: %v", m.Client("keeps").KeepsRefreshTokens(), !m.Client("rotates").KeepsRefreshTokens())
	}
}
