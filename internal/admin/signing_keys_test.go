package admin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/keys"
)

// states returns the signing keys as "alg state", the oldest first.
func (s *running) states(t *testing.T) []string {
	t.Helper()
	list, err := s.ListSigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, key := range list.Items {
		states = append(states, key.Algorithm+" "+string(key.State))
	}
	return states
}

func (s *running) wantStates(t *testing.T, want ...string) {
	t.Helper()
	diff := cmp.Diff(want, s.states(t))
	if diff != "" {
		t.Errorf("signing keys (-want +got):\n%s", diff)
	}
}

func (s *running) active(algorithm string) string { return s.ring.Active(algorithm, s.clock.Now()).ID }

func TestASigningKeyIsPublishedBeforeItSigns(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	_, err := s.RotateSigningKey(ctx, admin.SigningKeyRotation{})
	checkProblem(t, err, 422, "there is no API yet")
	s.key(t)
	first := s.active(keys.ES256)
	s.wantStates(t, "ES256 active")

	s.clock.Advance(time.Hour)
	now := s.clock.Now()
	next, err := s.RotateSigningKey(ctx, admin.SigningKeyRotation{})
	want := admin.SigningKey{ID: next.ID, Algorithm: "ES256", State: keys.StatePending, CreatedAt: now, ActivatesAt: now.Add(10 * time.Minute)}
	diff := cmp.Diff(want, next)
	if err != nil || diff != "" {
		t.Errorf("RotateSigningKey: %v (-want +got):\n%s", err, diff)
	}
	if !strings.Contains(string(s.ring.JWKS(now).Body), next.ID) || s.active(keys.ES256) != first {
		t.Error("when the rotation is answered, the new key is not published, or signs already")
	}
	_, err = s.RotateSigningKey(ctx, admin.SigningKeyRotation{Algorithm: "ES256"})
	checkProblem(t, err, 409, "the new ES256 key "+next.ID+" is published already and signs from 2026-01-02T04:14:05Z on")

	s.clock.Advance(10 * time.Minute)
	s.wantStates(t, "ES256 retiring", "ES256 active")
	if s.active(keys.ES256) != next.ID {
		t.Error("the new key does not sign when its time has come")
	}
	list, err := s.ListSigningKeys(ctx)
	retires := now.Add(10 * time.Minute)
	if err != nil || list.Items[0].RetiresAt != retires || list.Items[0].GoneAt != retires.Add(24*time.Hour) {
		t.Errorf("the old key: %+v, %v; want it gone a day after %s", list.Items[0], err, retires)
	}
	diff = cmp.Diff([]string{"signing_key.created", "api.created", "key.created", "signing_key.created"}, s.events(t))
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestAnEmergencyRotationSignsAtOnce(t *testing.T) {
	s := start(t, t.TempDir())
	s.key(t)
	s.clock.Advance(time.Hour)
	_, err := s.RotateSigningKey(t.Context(), admin.SigningKeyRotation{})
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	fresh, err := s.RotateSigningKey(t.Context(), admin.SigningKeyRotation{Now: true})
	if err != nil || fresh.State != keys.StateActive || s.active(keys.ES256) != fresh.ID {
		t.Errorf("got %+v, %v", fresh, err)
	}
	s.wantStates(t, "ES256 retiring", "ES256 pending", "ES256 active")
}

func TestWhichAlgorithmIsRotated(t *testing.T) {
	s := start(t, t.TempDir())
	s.key(t)
	_, err := s.RotateSigningKey(t.Context(), admin.SigningKeyRotation{Algorithm: "RS256"})
	checkProblem(t, err, 422, "there is no RS256 signing key to rotate")
	_, err = s.RotateSigningKey(t.Context(), admin.SigningKeyRotation{Algorithm: "HS256"})
	checkProblem(t, err, 422, `alg cannot be "HS256"`)
	_, err = s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://b.example", Algorithm: "EdDSA", Scopes: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.RotateSigningKey(t.Context(), admin.SigningKeyRotation{})
	checkProblem(t, err, 422, "the APIs sign with more than one algorithm")
	made, err := s.RotateSigningKey(t.Context(), admin.SigningKeyRotation{Algorithm: "EdDSA"})
	if err != nil || made.Algorithm != "EdDSA" {
		t.Errorf("got %+v, %v", made, err)
	}
}

func TestARevokedSigningKeyIsReplacedInTheSameStep(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	s.key(t)
	first := s.active(keys.ES256)
	s.clock.Advance(time.Hour)
	pending, err := s.RotateSigningKey(ctx, admin.SigningKeyRotation{})
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	now := s.clock.Now()

	got, err := s.RevokeSigningKey(ctx, first)
	if err != nil || got.ID != first || got.State != keys.StateRevoked || got.RevokedAt != now || got.ReplacedBy == nil {
		t.Fatalf("RevokeSigningKey: %+v, %v", got, err)
	}
	if got.ReplacedBy.State != keys.StateActive || s.active(keys.ES256) != got.ReplacedBy.ID ||
		!strings.Contains(got.Effect, got.ReplacedBy.ID+" signs from now on; verifiers that work offline go by the old key set for up to 5 minutes") {
		t.Errorf("replaced by %+v: %s", got.ReplacedBy, got.Effect)
	}
	if strings.Contains(string(s.ring.JWKS(now).Body), first) {
		t.Error("the revoked key is still published when its revocation is answered")
	}
	s.wantStates(t, "ES256 revoked", "ES256 pending", "ES256 active")

	s.clock.Advance(time.Second)
	again, err := s.RevokeSigningKey(ctx, first)
	if err != nil || again.ReplacedBy != nil || again.RevokedAt != now || !strings.Contains(again.Effect, "nothing was changed") {
		t.Errorf("revoked again: %+v, %v", again, err)
	}
	dropped, err := s.RevokeSigningKey(ctx, pending.ID)
	if err != nil || dropped.ReplacedBy != nil || !strings.Contains(dropped.Effect, "had not signed anything yet") {
		t.Errorf("a pending key revoked: %+v, %v", dropped, err)
	}
	s.wantStates(t, "ES256 revoked", "ES256 revoked", "ES256 active")
	_, err = s.RevokeSigningKey(ctx, "nobody")
	checkProblem(t, err, 404, `there is no signing key "nobody"`)

	second := s.active(keys.ES256)
	s.clock.Advance(time.Hour)
	_, err = s.RotateSigningKey(ctx, admin.SigningKeyRotation{Now: true})
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	retired, err := s.RevokeSigningKey(ctx, second)
	if err != nil || retired.ReplacedBy != nil || !strings.HasPrefix(retired.Effect, "every token it signed has ended") {
		t.Errorf("a retiring key revoked: %+v, %v", retired, err)
	}
	// The new key stands before the revocation of the old one.
	diff := cmp.Diff([]string{
		"signing_key.created", "api.created", "key.created", "signing_key.created",
		"signing_key.created", "signing_key.revoked", "signing_key.revoked",
		"signing_key.created", "signing_key.revoked",
	}, s.events(t))
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestTheKeyThatSignsIsReplacedAlsoWhenTheClockWasSetBack(t *testing.T) {
	s := start(t, t.TempDir())
	s.key(t)
	s.clock.Advance(time.Hour)
	_, err := s.RotateSigningKey(t.Context(), admin.SigningKeyRotation{Now: true})
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(-2 * time.Hour)
	for range 3 {
		revoked, err := s.RevokeSigningKey(t.Context(), s.active(keys.ES256))
		if err != nil || revoked.ReplacedBy == nil || s.active(keys.ES256) != revoked.ReplacedBy.ID {
			t.Fatalf("revoked %+v, %v; nothing signs", revoked, err)
		}
	}
}

func TestSigningKeysAreKeptByThemselves(t *testing.T) {
	s := start(t, t.TempDir())
	keep := func(want ...string) {
		t.Helper()
		// Called twice: what is done is done.
		for range 2 {
			err := s.keepSigningKeys(t)
			if err != nil {
				t.Fatal(err)
			}
		}
		s.wantStates(t, want...)
	}
	keep()
	s.key(t)
	keep("ES256 active")
	s.clock.Advance(90*24*time.Hour - time.Millisecond)
	keep("ES256 active")
	s.clock.Advance(time.Millisecond)
	keep("ES256 active", "ES256 pending")
	s.clock.Advance(10 * time.Minute)
	keep("ES256 retiring", "ES256 active")
	s.clock.Advance(24*time.Hour - time.Millisecond)
	keep("ES256 retiring", "ES256 active")
	s.clock.Advance(time.Millisecond)
	keep("ES256 active")

	_, err := s.RevokeSigningKey(t.Context(), s.active(keys.ES256))
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(24*time.Hour + 10*time.Minute - time.Millisecond)
	keep("ES256 revoked", "ES256 active")
	s.clock.Advance(time.Millisecond)
	keep("ES256 active")

	rows, err := s.ListAudit(t.Context(), admin.Range{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var automatic []string
	for _, row := range rows.Items {
		if row.Actor == "system" {
			automatic = append(automatic, row.Event)
		}
	}
	diff := cmp.Diff([]string{"signing_key.created", "signing_key.deleted", "signing_key.deleted"}, automatic)
	if diff != "" {
		t.Errorf("events of the system (-want +got):\n%s", diff)
	}
	s.events(t)
}

func TestEachAlgorithmIsRotatedByItsOwnAge(t *testing.T) {
	s := start(t, t.TempDir())
	s.key(t)
	s.clock.Advance(time.Hour)
	_, err := s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://b.example", Algorithm: "EdDSA", Scopes: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(90*24*time.Hour - time.Hour)
	err = s.keepSigningKeys(t)
	got := s.states(t)
	slices.Sort(got)
	diff := cmp.Diff([]string{"ES256 active", "ES256 pending", "EdDSA active"}, got)
	if err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
