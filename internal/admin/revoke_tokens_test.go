package admin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

func TestTokensEndAtEachLevel(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	api, err := s.ShowAPI(ctx, "https://a.example")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		revoke func(admin.TokenRevocation) (admin.RevokedTokens, error)
		known  func() time.Time
		shown  func() (time.Time, error)
	}{
		{
			name: "one key",
			revoke: func(in admin.TokenRevocation) (admin.RevokedTokens, error) {
				return s.RevokeKeyTokens(ctx, key.ClientID, in)
			},
			known: func() time.Time { return s.mirror.Client(key.ClientID).NotBefore() },
			shown: func() (time.Time, error) {
				k, err := s.ShowKey(ctx, key.ClientID)
				return k.TokensNotBefore, err
			},
		},
		{
			name: "one API",
			revoke: func(in admin.TokenRevocation) (admin.RevokedTokens, error) {
				return s.RevokeAPITokens(ctx, api.Audience, in)
			},
			known: func() time.Time { return s.mirror.API(api.Audience).NotBefore },
			shown: func() (time.Time, error) {
				a, err := s.ShowAPI(ctx, api.ID)
				return a.TokensNotBefore, err
			},
		},
		{
			name: "everything",
			revoke: func(in admin.TokenRevocation) (admin.RevokedTokens, error) {
				return s.RevokeAllTokens(ctx, in)
			},
			known: s.mirror.NotBefore,
			shown: func() (time.Time, error) { return s.store.NotBefore(ctx) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.clock.Advance(time.Hour)
			now := s.clock.Now()
			steps := []struct {
				name   string
				before *time.Time
				want   time.Time
			}{
				{"an instant of the past", new(now.Add(-time.Minute)), now.Add(-time.Minute)},
				{"an earlier one changes nothing", new(now.Add(-time.Hour)), now.Add(-time.Minute)},
				{"a part of a millisecond ends all of it", new(now.Add(-time.Second + time.Nanosecond)), now.Add(-time.Second + time.Millisecond)},
				{"this instant", new(now), now},
				{"everything there is, tokens of this millisecond among it", nil, now.Add(time.Millisecond)},
				{"the same once more", new(now.Add(time.Millisecond)), now.Add(time.Millisecond)},
			}
			for _, step := range steps {
				got, err := tt.revoke(admin.TokenRevocation{Before: step.before})
				if err != nil || got.TokensNotBefore != step.want {
					t.Errorf("%s: got %v, %v; want %v", step.name, got.TokensNotBefore, err, step.want)
				}
				if known := tt.known(); !known.Equal(step.want) {
					t.Errorf("%s: when it is answered the mirror says %v, want %v", step.name, known, step.want)
				}
				shown, err := tt.shown()
				if err != nil || shown != step.want {
					t.Errorf("%s: shown is %v, %v; want %v", step.name, shown, err, step.want)
				}
			}
			_, err := tt.revoke(admin.TokenRevocation{Before: new(now.Add(2 * time.Millisecond))})
			checkProblem(t, err, 422, "before is in the future")
			_, err = tt.revoke(admin.TokenRevocation{Before: new(time.Time{})})
			checkProblem(t, err, 422, "before is earlier than any token")
		})
	}
	_, err = s.RevokeKeyTokens(ctx, "nobody", admin.TokenRevocation{})
	checkProblem(t, err, 404, `there is no key "nobody"`)
	_, err = s.RevokeAPITokens(ctx, "https://nowhere.example", admin.TokenRevocation{})
	checkProblem(t, err, 404, `there is no API "https://nowhere.example"`)
	last := s.events(t)[3:]
	want := slices.Repeat([]string{"key.tokens_revoked"}, 6)
	want = append(want, slices.Repeat([]string{"api.tokens_revoked"}, 6)...)
	want = append(want, slices.Repeat([]string{"all.tokens_revoked"}, 6)...)
	diff := cmp.Diff(want, last)
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestPastedTokens(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	now := s.clock.Now()
	access := admin.Inspection{
		Kind: admin.AccessToken, Active: true, ClientID: "k", Scope: "/a.read", Audience: []string{"https://a.example"},
		ID: "jti", KeyID: "kid", IssuedAt: now, ExpiresAt: now.Add(time.Hour),
		Revocation: store.Revocation{ID: store.TokenID{1}, ExpiresAt: now.Add(time.Hour)},
	}
	refresh := admin.Inspection{
		Kind: admin.RefreshToken, Active: true, ClientID: "k", Family: "family", IssuedAt: now, ExpiresAt: now.Add(time.Hour),
		Revocation: store.Revocation{ID: store.TokenID{2}, ExpiresAt: now.Add(time.Hour)},
	}
	expired := access
	expired.Revocation = store.Revocation{ID: store.TokenID{3}, ExpiresAt: now}
	s.issued.tokens = map[string]admin.Inspection{"access.token": access, "gdr_refresh": refresh, "expired.token": expired}

	seen, err := s.InspectToken(ctx, " access.token\n")
	want := access
	want.Revocation = store.Revocation{}
	diff := cmp.Diff(want, seen)
	if err != nil || diff != "" {
		t.Errorf("InspectToken: %v (-want +got):\n%s", err, diff)
	}
	for _, tt := range []struct {
		token   string
		revoked store.TokenID
	}{{"access.token", store.TokenID{1}}, {"gdr_refresh\n", store.TokenID{2}}, {"access.token", store.TokenID{1}}} {
		got, err := s.RevokeToken(ctx, tt.token)
		if err != nil || !got.Revoked || got.Active || got.Why == "" {
			t.Errorf("RevokeToken(%s) = %+v, %v", tt.token, got, err)
		}
		if !s.mirror.Revoked(tt.revoked) {
			t.Errorf("%s is not revoked in the mirror when that is answered", tt.token)
		}
	}
	late, err := s.RevokeToken(ctx, "expired.token")
	if err != nil || late.Revoked || late.ClientID != "k" || s.mirror.Revoked(store.TokenID{3}) {
		t.Errorf("a token that has expired was written down: %+v, %v", late, err)
	}
	diff = cmp.Diff([]string{"token.revoked", "refresh_family.revoked", "token.revoked"}, s.events(t))
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}

	long := strings.Repeat("x", 16<<10+1)
	for _, tt := range []struct{ name, token, detail string }{
		{"nothing", "", "the token is missing"},
		{"white space", " \n", "the token is missing"},
		{"a token of another server", "foreign.token", "it is no token of this server: its signing key is unknown"},
		{"a very long one", long, "longer than 16384 bytes"},
	} {
		_, err = s.InspectToken(ctx, tt.token)
		checkProblem(t, err, 422, tt.detail)
		_, err = s.RevokeToken(ctx, tt.token)
		checkProblem(t, err, 422, tt.detail)
	}
	s.notLogged(t, "access.token", "gdr_refresh", "expired.token", "foreign.token", long)
}
