package admin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

func TestExplainPassesTheQuestionOn(t *testing.T) {
	s := start(t, t.TempDir())
	ctx := t.Context()
	key := s.key(t)
	got, err := s.Explain(ctx, admin.ExplainQuestion{ClientID: key.ClientID, Scope: "/a.read", Address: "192.0.2.7"})
	if want := "client_credentials for /a.read at 2026-01-02T03:04:05Z"; err != nil || !got.Granted || got.Sentence != want || len(got.Steps) != 1 {
		t.Errorf("got %+v, %v; want %q", got, err, want)
	}
	got, err = s.Explain(ctx, admin.ExplainQuestion{ClientID: key.ClientID, GrantType: oauth.RefreshToken, At: s.clock.Now().AddDate(1, 0, 0)})
	if want := "refresh_token for  at 2027-01-02T03:04:05Z"; err != nil || got.Sentence != want {
		t.Errorf("got %+v, %v; want %q", got, err, want)
	}
	const token = "eyJ-a-token-that-is-nobodys-business"
	got, err = s.Explain(ctx, admin.ExplainQuestion{Token: " " + token + "\n", Method: "GET", Path: "/a", Audience: "https://a.example"})
	if want := `36 bytes, GET /a of "https://a.example"`; err != nil || got.Granted || got.Sentence != want {
		t.Errorf("got %+v, %v; want %q", got, err, want)
	}
	_, err = s.Explain(ctx, admin.ExplainQuestion{ClientID: "nobody"})
	checkProblem(t, err, 404, `there is no key "nobody"`)
	s.notLogged(t, token)
}

func TestQuestionsThatCannotBeAsked(t *testing.T) {
	s := start(t, t.TempDir())
	tests := []struct {
		name  string
		q     admin.ExplainQuestion
		field string
	}{
		{"about nothing", admin.ExplainQuestion{Scope: "a"}, "client_id"},
		{"about a key and a token", admin.ExplainQuestion{ClientID: "a", Token: "b"}, "token"},
		{"a key and a path without a method", admin.ExplainQuestion{ClientID: "a", Path: "/b"}, "method"},
		{"a key and an API alone", admin.ExplainQuestion{ClientID: "a", Audience: "https://b.example"}, "method"},
		{"a key and a path that is a URL", admin.ExplainQuestion{ClientID: "a", Method: "GET", Path: "b"}, "path"},
		{"a token and a scope", admin.ExplainQuestion{Token: "a", Method: "GET", Path: "/b", Scope: "c"}, "token"},
		{"a token without a method", admin.ExplainQuestion{Token: "a", Path: "/b"}, "method"},
		{"a token without a path", admin.ExplainQuestion{Token: "a", Method: "GET"}, "path"},
		{"a path that is a URL", admin.ExplainQuestion{Token: "a", Method: "GET", Path: "https://a.example/b"}, "path"},
		{"a token that is very long", admin.ExplainQuestion{Token: strings.Repeat("a", 16<<10+1), Method: "GET", Path: "/b"}, "token"},
		{"an address that is none", admin.ExplainQuestion{ClientID: "a", Address: "192.0.2.7:80"}, "address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Explain(t.Context(), tt.q)
			p, ok := errors.AsType[*web.Problem](err)
			if !ok || p.Status != 422 || p.Field != tt.field || p.Hint == "" {
				t.Errorf("got %+v, want 422 about %s", err, tt.field)
			}
		})
	}
}
