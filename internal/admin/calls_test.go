package admin_test

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

func TestLifeOfAPIsAndKeys(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()

	api, err := s.CreateAPI(ctx, admin.NewAPI{
		Audience: "https://api.example.com/v1", Algorithm: "PS256", Scopes: []string{"/ping.read", "/accounts/{accountID}/wallets.read"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{api.ID, "https://api.example.com/v1"} {
		shown, err := s.ShowAPI(ctx, name)
		diff := cmp.Diff(api, shown)
		if err != nil || diff != "" {
			t.Errorf("ShowAPI(%s): %v (-created +shown):\n%s", name, err, diff)
		}
	}
	signing, err := s.store.SigningKeys(ctx)
	if err != nil || len(signing) != 1 || signing[0].Algorithm != "PS256" {
		t.Errorf("signing keys: %v %v, want the first of PS256", signing, err)
	}
	_, err = s.CreateAPI(ctx, admin.NewAPI{Audience: "https://b.example", Algorithm: "PS256", Scopes: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	signing, err = s.store.SigningKeys(ctx)
	if err != nil || len(signing) != 1 {
		t.Errorf("a second API of the same algorithm made another signing key: %v %v", signing, err)
	}

	key, err := s.CreateKey(ctx, admin.NewKey{
		Name: "backend", API: api.Audience, Scopes: []string{"/ping.read", "/accounts/{accountID}/wallets.read", "/ping.read"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := admin.CreatedKey{Key: admin.Key{
		Name:        "backend",
		Mode:        store.Live,
		GrantTypes:  []oauth.GrantType{oauth.ClientCredentials},
		AuthMethods: []oauth.AuthMethod{oauth.ClientSecretBasic, oauth.ClientSecretPost},
		Scopes:      []string{"/ping.read", "/accounts/{accountID}/wallets.read"},
		ClientID:    key.ClientID, CreatedAt: key.CreatedAt, UpdatedAt: key.CreatedAt,
		RefreshRotation: admin.RotationOn,
		Secrets:         []admin.Secret{{ID: key.Secrets[0].ID, Name: "default", CreatedAt: key.CreatedAt}},
	}, ClientSecret: key.ClientSecret}
	diff := cmp.Diff(want, key)
	if diff != "" || len(key.ClientID) != 16 || len(key.ClientSecret) != 32 {
		t.Errorf("CreateKey (-want +got):\n%s", diff)
	}
	if s.mirror.Client(key.ClientID) == nil {
		t.Error("the key is not in the mirror when its creation is answered")
	}
	shown, err := s.ShowKey(ctx, key.ClientID)
	diff = cmp.Diff(key.Key, shown)
	if err != nil || diff != "" {
		t.Errorf("ShowKey: %v (-created +shown):\n%s", err, diff)
	}

	for _, disabled := range []bool{true, true, false} {
		shown, err = s.SetKeyDisabled(ctx, key.ClientID, disabled)
		if err != nil || shown.Disabled != disabled {
			t.Errorf("SetKeyDisabled(%v) = %+v, %v", disabled, shown, err)
		}
	}
	err = s.DeleteKey(ctx, key.ClientID)
	if err != nil || s.mirror.Client(key.ClientID) != nil {
		t.Errorf("DeleteKey: %v; still in the mirror: %v", err, s.mirror.Client(key.ClientID) != nil)
	}
	err = s.DeleteKey(ctx, key.ClientID)
	checkProblem(t, err, 404, "there is no key")
	if strings.Contains(s.log.String(), key.ClientSecret) {
		t.Error("the secret is in the log")
	}

	trail, err := s.store.AuditRows(ctx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	actor := "uid:" + strconv.Itoa(os.Getuid())
	if len(trail) == 0 || slices.ContainsFunc(trail, func(r store.AuditRow) bool { return r.Actor != actor }) {
		t.Errorf("audit trail %+v, want every row by %s", trail, actor)
	}
}

func TestAKeyThatKeepsItsRefreshTokens(t *testing.T) {
	s := start(t, t.TempDir())
	s.key(t)
	key, err := s.CreateKey(t.Context(), admin.NewKey{
		Name: "bank", Scopes: []string{"/a.read"}, RefreshRotation: admin.RotationOff,
		GrantTypes: []oauth.GrantType{oauth.ClientCredentials, oauth.RefreshToken},
	})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := s.ShowKey(t.Context(), key.ClientID)
	if err != nil || shown.RefreshRotation != admin.RotationOff || !s.mirror.Client(key.ClientID).KeepsRefreshTokens() {
		t.Errorf("got %+v, %v", shown, err)
	}
}

func TestImportedPair(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	_, err := s.CreateAPI(ctx, admin.NewAPI{Audience: "https://a.example", Scopes: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"..", ".", "a/b?c#d", "%2e", "my client:1"} {
		in := admin.NewKey{Name: "old", Scopes: []string{"a"}, ClientID: id, ClientSecret: "dNC-hg7sVm22jc3g_Eogtyu0_1Mqh_4-"}
		made, err := s.CreateKey(ctx, in)
		if err != nil || made.ClientID != id || made.ClientSecret != "" {
			t.Fatalf("import %q: %+v, %v; want it without the secret that its owner has", id, made, err)
		}
		_, err = s.CreateKey(ctx, in)
		checkProblem(t, err, 409, "already")
		shown, err := s.SetKeyDisabled(ctx, id, true)
		if err != nil || shown.ClientID != id {
			t.Errorf("disable %q: %+v, %v", id, shown, err)
		}
		err = s.DeleteKey(ctx, id)
		if err != nil {
			t.Errorf("delete %q: %v", id, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	_, err := s.CreateKey(ctx, admin.NewKey{Name: "early", Scopes: []string{"a"}})
	checkProblem(t, err, 422, "there is no API yet")
	api, err := s.CreateAPI(ctx, admin.NewAPI{Audience: "https://a.example", Scopes: []string{"/a/{x}.read", "/a/{x}/b"}})
	checkProblem(t, err, 422, "parameter")
	if api.ID != "" {
		t.Error("a refused API was made")
	}
	_, err = s.CreateAPI(ctx, admin.NewAPI{Audience: "https://a.example", Scopes: []string{"/a/{x}/b"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.CreateAPI(ctx, admin.NewAPI{Audience: "https://a.example", Scopes: []string{"c"}})
	checkProblem(t, err, 409, "there is an API https://a.example already")
	_, err = s.CreateAPI(ctx, admin.NewAPI{Audience: "https://b.example", Scopes: []string{"/a/1/{y}"}})
	checkProblem(t, err, 409, "/a/1/{y} could mean the same as /a/{x}/b")
	_, err = s.CreateKey(ctx, admin.NewKey{Name: "k", API: "https://nowhere.example", Scopes: []string{"a"}})
	checkProblem(t, err, 404, `there is no API "https://nowhere.example"`)
	_, err = s.ShowKey(ctx, "nobody")
	checkProblem(t, err, 404, `there is no key "nobody"`)
	_, err = s.ListKeys(ctx, admin.Range{Limit: 1001})
	checkProblem(t, err, 400, "limit")
	_, err = s.ListAPIs(ctx, admin.Range{After: "forged", Limit: 10})
	checkProblem(t, err, 400, "does not go on")

	err = s.store.Close()
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.ShowKey(ctx, "x")
	checkProblem(t, err, 503, "the database cannot answer now; nothing was changed")
	if fault.HintOf(err) == "" {
		t.Errorf("%v has no hint", err)
	}
}

func TestListsComeInPages(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	var wantAPIs, wantKeys []string
	for i := range 5 {
		s.clock.Advance(time.Second)
		name := strconv.Itoa(i)
		api, err := s.CreateAPI(ctx, admin.NewAPI{Audience: "https://a.example/" + name, Scopes: []string{"scope" + name}})
		if err != nil {
			t.Fatal(err)
		}
		key, err := s.CreateKey(ctx, admin.NewKey{Name: name, Scopes: []string{"scope" + name}})
		if err != nil {
			t.Fatal(err)
		}
		wantAPIs, wantKeys = append(wantAPIs, api.ID), append(wantKeys, key.ClientID)
	}
	slices.Sort(wantKeys)
	for limit := 1; limit <= 6; limit++ {
		var gotAPIs, gotKeys []string
		for r, more := (admin.Range{Limit: limit}), true; more; more = r.After != "" {
			page, err := s.ListAPIs(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			for _, api := range page.Items {
				gotAPIs = append(gotAPIs, api.ID)
			}
			r.After = page.Next
		}
		for r, more := (admin.Range{Limit: limit}), true; more; more = r.After != "" {
			page, err := s.ListKeys(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range page.Items {
				gotKeys = append(gotKeys, key.ClientID)
			}
			r.After = page.Next
		}
		diff := cmp.Diff([][]string{wantAPIs, wantKeys}, [][]string{gotAPIs, gotKeys})
		if diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
		}
	}
}

func TestSocket(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("d", 100), strings.Repeat("e", 100))
	err := os.MkdirAll(long, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"a short path": t.TempDir(), "a path longer than a socket's address": long} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, admin.SocketName)
			_, err := admin.NewClient(dir).ListKeys(t.Context(), admin.Range{Limit: 1})
			checkNotRunning(t, err, dir)
			s := start(t, dir)
			info, err := os.Stat(path)
			if err != nil || info.Mode() != fs.ModeSocket|0o600 {
				t.Errorf("mode %v, %v; want a socket of mode 0600", info.Mode(), err)
			}
			_, err = s.ListKeys(t.Context(), admin.Range{Limit: 1})
			if err != nil {
				t.Errorf("ListKeys: %v", err)
			}
		})
	}
}

func TestSocketOfACrashedServer(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, admin.SocketName)
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	listener.Close()
	_, err = admin.NewClient(dir).ListKeys(t.Context(), admin.Range{Limit: 1})
	checkNotRunning(t, err, dir)

	again, err := admin.Listen(t.Context(), dir)
	if err != nil {
		t.Fatalf("a stale socket is in the way: %v", err)
	}
	err = again.Close()
	_, gone := os.Stat(path)
	if err != nil || !errors.Is(gone, fs.ErrNotExist) {
		t.Errorf("Close: %v; the socket afterwards: %v", err, gone)
	}

	err = os.WriteFile(path, []byte("precious"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = admin.Listen(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "in the way") || fault.HintOf(err) == "" {
		t.Errorf("Listen over a file: %v, want an error with a hint", err)
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	s := start(t, t.TempDir())
	client := s.caller()
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"PUT", "/admin/v1/keys", 405, "GET, POST"},
		{"POST", "/admin/v1/keys/x", 405, "DELETE, GET, PATCH"},
		{"GET", "/admin/v1/keys/x/disable", 405, "POST"},
		{"GET", "/admin/v1/nothing", 404, ""},
		{"GET", "/admin/v1/keys?limit=1&limit=2", 400, ""},
		{"GET", "/admin/v1/keys?limit=x", 400, ""},
		{"GET", "/admin/v1/keys?order=up", 400, ""},
		{"DELETE", "/admin/v1/keys/x/secrets", 405, "GET, POST"},
		{"GET", "/admin/v1/keys/x/secrets?unused_for=7d", 400, ""},
		{"DELETE", "/admin/v1/keys/x/secrets/y/retire", 405, "POST"},
		{"GET", "/admin/v1/keys/x/revoke-tokens", 405, "POST"},
		{"GET", "/admin/v1/apis/x/revoke-tokens", 405, "POST"},
		{"GET", "/admin/v1/revoke-tokens", 405, "POST"},
		{"POST", "/admin/v1/revoke-tokens", 415, ""},
		{"GET", "/admin/v1/tokens/inspect", 405, "POST"},
		{"GET", "/admin/v1/tokens/revoke", 405, "POST"},
		{"GET", "/admin/v1/tokens/eyJhbGciOiJFUzI1NiJ9", 404, ""},
		{"POST", "/admin/v1/apis/x/resource-servers/y", 405, "DELETE, PUT"},
		{"POST", "/admin/v1/apis/x", 405, "DELETE, GET, PATCH"},
		{"GET", "/admin/v1/apply", 405, "POST"},
		{"POST", "/admin/v1/export", 405, "GET"},
		{"GET", "/admin/v1/explain", 405, "POST"},
		{"POST", "/admin/v1/signing-keys", 405, "GET"},
		{"GET", "/admin/v1/signing-keys/x/revoke", 405, "POST"},
	}
	for _, tt := range tests {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, "http://grantd"+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != tt.status || response.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d Allow %q, want %d %q", tt.method, tt.path, response.StatusCode, response.Header.Get("Allow"), tt.status, tt.allow)
		}
		if response.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: Content-Type %q", tt.method, tt.path, response.Header.Get("Content-Type"))
		}
	}
}

func checkNotRunning(t *testing.T, err error, dir string) {
	t.Helper()
	if err == nil || err.Error() != "no grantd is running on "+dir || fault.HintOf(err) == "" {
		t.Errorf("got %v (hint %q), want no grantd is running on %s", err, fault.HintOf(err), dir)
	}
}

func checkProblem(t *testing.T, err error, status int, detail string) {
	t.Helper()
	p, ok := errors.AsType[*web.Problem](err)
	if !ok || p.Status != status || !strings.Contains(p.Detail, detail) {
		t.Errorf("got %v, want %d with %q", err, status, detail)
	}
}
