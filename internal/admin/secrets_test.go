package admin_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
)

const week = 7 * 24 * time.Hour

func TestASecretIsReplacedWithoutAnInterruption(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	s.works(t, key.ClientID, key.ClientSecret, true)

	s.clock.Advance(week)
	added, err := s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "2026"})
	if err != nil || len(added.ClientSecret) != 32 || added.ClientID != key.ClientID || added.Name != "2026" {
		t.Fatalf("AddSecret: %+v, %v", added, err)
	}
	s.works(t, key.ClientID, added.ClientSecret, true)
	s.clock.Advance(3 * time.Minute)
	err = s.use(t, key.ClientID, key.ClientSecret, "192.0.2.7")
	if err != nil {
		t.Errorf("the old secret is refused beside the new one: %v", err)
	}

	s.clock.Advance(3 * time.Minute)
	list, err := s.ListSecrets(ctx, key.ClientID, admin.SecretRange{})
	if err != nil {
		t.Fatal(err)
	}
	used := s.clock.Now().Add(-3 * time.Minute)
	want := admin.Page[admin.SecretStatus]{Items: []admin.SecretStatus{
		{
			Secret: admin.Secret{ID: key.Secrets[0].ID, Name: "default", CreatedAt: key.CreatedAt, LastUsedAt: used, LastUsedFrom: "192.0.2.7"},
			Why:    "it was used 3 minutes ago from 192.0.2.7",
		},
		{
			Secret: admin.Secret{ID: added.ID, Name: "2026", CreatedAt: added.CreatedAt, LastUsedAt: used.Add(-3 * time.Minute), LastUsedFrom: "10.0.0.7"},
			Why:    "it was used 6 minutes ago from 10.0.0.7",
		},
	}}
	diff := cmp.Diff(want, list)
	if diff != "" {
		t.Errorf("ListSecrets (-want +got):\n%s", diff)
	}
	_, err = s.RetireSecret(ctx, key.ClientID, "default", admin.Retirement{})
	checkProblem(t, err, 409, `the secret "default" is not safe to retire: it was used 3 minutes ago from 192.0.2.7`)
	if fault.HintOf(err) == "" {
		t.Errorf("%v has no hint", err)
	}

	s.clock.Advance(week)
	s.works(t, key.ClientID, added.ClientSecret, true)
	list, err = s.ListSecrets(ctx, key.ClientID, admin.SecretRange{UnusedFor: 8 * 24 * 3600})
	if err != nil || list.Items[0].SafeToRetire {
		t.Errorf("by 8 days: %+v, %v", list, err)
	}
	list, err = s.ListSecrets(ctx, key.ClientID, admin.SecretRange{})
	if err != nil || !list.Items[0].SafeToRetire || list.Items[0].Why != `it was last used 7 days ago, and the newer secret "2026" was used just now` {
		t.Errorf("by 7 days: %+v, %v", list, err)
	}
	retired, err := s.RetireSecret(ctx, key.ClientID, key.Secrets[0].ID, admin.Retirement{})
	if err != nil || !retired.Removed || retired.Name != "default" {
		t.Errorf("RetireSecret: %+v, %v", retired, err)
	}
	s.works(t, key.ClientID, key.ClientSecret, false)
	s.works(t, key.ClientID, added.ClientSecret, true)
	_, err = s.RetireSecret(ctx, key.ClientID, "default", admin.Retirement{})
	checkProblem(t, err, 404, `there is no secret "default"`)
	_, err = s.RetireSecret(ctx, key.ClientID, "2026", admin.Retirement{})
	checkProblem(t, err, 409, "only secret of the key that works")

	s.notLogged(t, key.ClientSecret, added.ClientSecret)
	diff = cmp.Diff([]string{"signing_key.created", "api.created", "key.created", "key.secret_added", "key.secret_removed"}, s.events(t))
	if diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestASecretEndsOnTime(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	brief, err := s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "brief", ExpiresIn: 60})
	if err != nil || brief.ExpiresAt != s.clock.Now().Add(time.Minute) {
		t.Fatalf("AddSecret: %+v, %v", brief, err)
	}
	dated, err := s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "dated", ExpiresAt: new(s.clock.Now().Add(time.Hour))})
	if err != nil {
		t.Fatal(err)
	}
	retired, err := s.RetireSecret(ctx, key.ClientID, "default", admin.Retirement{In: 120, Force: true})
	if err != nil || retired.Removed || retired.ExpiresAt != s.clock.Now().Add(2*time.Minute) {
		t.Fatalf("RetireSecret: %+v, %v", retired, err)
	}
	_, err = s.RetireSecret(ctx, key.ClientID, "default", admin.Retirement{At: new(s.clock.Now().Add(time.Hour)), Force: true})
	checkProblem(t, err, 409, "already")

	s.clock.Advance(time.Minute - time.Millisecond)
	s.works(t, key.ClientID, brief.ClientSecret, true)
	s.clock.Advance(time.Millisecond)
	s.works(t, key.ClientID, brief.ClientSecret, false)
	s.works(t, key.ClientID, key.ClientSecret, true)
	s.clock.Advance(time.Minute)
	s.works(t, key.ClientID, key.ClientSecret, false)
	s.works(t, key.ClientID, dated.ClientSecret, true)

	shown, err := s.ShowKey(ctx, key.ClientID)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, secret := range shown.Secrets {
		got[secret.Name] = secret.Expired
	}
	diff := cmp.Diff(map[string]bool{"default": true, "brief": true, "dated": false}, got)
	if diff != "" {
		t.Errorf("expired (-want +got):\n%s", diff)
	}
	// Only one works, but these two do not.
	for _, name := range []string{"default", "brief"} {
		retired, err = s.RetireSecret(ctx, key.ClientID, name, admin.Retirement{})
		if err != nil || !retired.Removed {
			t.Errorf("retire the expired %s: %+v, %v", name, retired, err)
		}
	}
}

func TestImportedSecrets(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	const old, text = "correct horse battery staple", "dNC-hg7sVm22jc3g_Eogtyu0_1Mqh_4-"
	hash, err := bcrypt.GenerateFromPassword([]byte(old), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := s.CreateKey(ctx, admin.NewKey{
		Name: "moved", Scopes: []string{"/a.read"}, ClientID: "legacy:1", ClientSecretHash: string(hash), SecretExpiresIn: 3600,
	})
	if err != nil || moved.ClientSecret != "" || moved.Secrets[0].Scheme != "bcrypt" || moved.Secrets[0].ExpiresAt.IsZero() {
		t.Fatalf("CreateKey: %+v, %v", moved, err)
	}
	moved, err = s.CreateKey(ctx, admin.NewKey{Name: "moved", Scopes: []string{"/a.read"}, ClientID: "legacy:2", ClientSecret: text})
	if err != nil || moved.ClientSecret != "" {
		t.Errorf("the answer repeats an imported secret: %v", err)
	}
	added, err := s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "old", ClientSecretHash: string(hash)})
	if err != nil || added.ClientSecret != "" || added.Scheme != "bcrypt" {
		t.Fatalf("AddSecret: %+v, %v", added, err)
	}
	s.works(t, key.ClientID, old, true)
	_, err = s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "again", ClientSecretHash: string(hash)})
	checkProblem(t, err, 409, `under the name "old"`)

	plain, err := s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "plain", ClientSecret: text})
	if err != nil || plain.ClientSecret != "" || plain.Scheme != "" {
		t.Fatalf("AddSecret: %+v, %v", plain, err)
	}
	s.works(t, key.ClientID, text, true)
	_, err = s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "plain again", ClientSecret: text})
	checkProblem(t, err, 409, `under the name "plain"`)
	_, err = s.AddSecret(ctx, key.ClientID, admin.NewSecret{Name: "plain"})
	checkProblem(t, err, 409, `a secret "plain" already`)
	_, err = s.AddSecret(ctx, "nobody", admin.NewSecret{Name: "x"})
	checkProblem(t, err, 404, `there is no key "nobody"`)
	_, err = s.ListSecrets(ctx, "nobody", admin.SecretRange{})
	checkProblem(t, err, 404, `there is no key "nobody"`)
	_, err = s.RetireSecret(ctx, "nobody", "x", admin.Retirement{})
	checkProblem(t, err, 404, `there is no key "nobody"`)
	s.notLogged(t, old, text, string(hash))
}

func TestAKeyHoldsTenSecrets(t *testing.T) {
	s := start(t, t.TempDir())
	key := s.key(t)
	for _, name := range []string{"2", "3", "4", "5", "6", "7", "8", "9", "a/b?c#d"} {
		_, err := s.AddSecret(t.Context(), key.ClientID, admin.NewSecret{Name: name})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.AddSecret(t.Context(), key.ClientID, admin.NewSecret{Name: "11"})
	checkProblem(t, err, 409, "10 secrets already")
	_, err = s.RetireSecret(t.Context(), key.ClientID, "a/b?c#d", admin.Retirement{Force: true})
	if err != nil {
		t.Errorf("retire by a name that must be escaped: %v", err)
	}
	_, err = s.AddSecret(t.Context(), key.ClientID, admin.NewSecret{Name: "11"})
	if err != nil {
		t.Errorf("there is room again: %v", err)
	}
}
