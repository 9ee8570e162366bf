package admin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// failing is a store whose writes end like this, whatever they are.
type failing struct {
	admin.Store
	err error
}

func (f failing) Write(context.Context, store.Origin, ...store.Mutation) (store.Position, error) {
	return store.Position{}, f.err
}

// blind is a store that goes away after the write.
type blind struct{ admin.Store }

func (blind) Client(context.Context, string) (store.Client, error) {
	return store.Client{}, store.ErrUnavailable
}

// cannotFlush is a node that cannot write down when secrets were used.
type cannotFlush struct{ err error }

func (c cannotFlush) Flush(context.Context) error { return fmt.Errorf("record the uses: %w", c.err) }

func TestAnOutageIsToldAsWhatItIs(t *testing.T) {
	s := start(t, t.TempDir())
	key := s.key(t)
	kid := s.active("ES256")
	s.issued.tokens = map[string]admin.Inspection{"t": {
		Kind: admin.AccessToken, Revocation: store.Revocation{ID: store.TokenID{1}, ExpiresAt: s.clock.Now().Add(time.Hour)},
	}}
	const audience = "https://a.example"
	_, err := s.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://unused.example", Scopes: []string{"unused"}})
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(ctx context.Context, u *admin.UseCases) error{
		"add a secret": func(ctx context.Context, u *admin.UseCases) error {
			got, err := u.AddSecret(ctx, "test", key.ClientID, admin.NewSecret{Name: "next"})
			if got.ClientSecret != "" {
				return errors.New("a secret was shown that may not be stored")
			}
			return err
		},
		"retire a secret": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.RetireSecret(ctx, "test", key.ClientID, "default", admin.Retirement{Force: true})
			return err
		},
		"have a secret expire": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.RetireSecret(ctx, "test", key.ClientID, "default", admin.Retirement{Force: true, In: 60})
			return err
		},
		"revoke the tokens of a key": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.RevokeKeyTokens(ctx, "test", key.ClientID, admin.TokenRevocation{})
			return err
		},
		"revoke the tokens of an API": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.RevokeAPITokens(ctx, "test", audience, admin.TokenRevocation{})
			return err
		},
		"revoke all tokens": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.RevokeAllTokens(ctx, "test", admin.TokenRevocation{})
			return err
		},
		"revoke a token": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.RevokeToken(ctx, "test", "t")
			return err
		},
		"add a resource server": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.AddResourceServer(ctx, "test", audience, key.ClientID)
			return err
		},
		"remove a resource server": func(ctx context.Context, u *admin.UseCases) error {
			return u.RemoveResourceServer(ctx, "test", audience, key.ClientID)
		},
		"rotate a signing key": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.RotateSigningKey(ctx, "test", admin.SigningKeyRotation{})
			return err
		},
		"revoke a signing key": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.RevokeSigningKey(ctx, "test", kid)
			return err
		},
		"update an API": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.UpdateAPI(ctx, "test", audience, admin.APIChange{Type: new("JWT")})
			return err
		},
		"delete an API": func(ctx context.Context, u *admin.UseCases) error {
			return u.DeleteAPI(ctx, "test", "https://unused.example")
		},
		"update a key": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.UpdateKey(ctx, "test", key.ClientID, admin.KeyChange{Name: new("other")})
			return err
		},
		"apply a manifest": func(ctx context.Context, u *admin.UseCases) error {
			plan, err := u.Apply(ctx, "test", admin.Apply{Manifest: admin.Manifest{APIs: &[]admin.ManifestAPI{
				{Audience: "https://b.example", Scopes: []string{"b"}},
			}}})
			if plan.Applied {
				return errors.New("a plan that may not be stored is called applied")
			}
			return err
		},
		"disable a key": func(ctx context.Context, u *admin.UseCases) error {
			_, err := u.SetKeyDisabled(ctx, "test", key.ClientID, true)
			return err
		},
	}
	outages := []struct {
		name   string
		store  admin.Store
		mirror admin.Syncer
		cause  error
		detail string
	}{
		{"the database is away", failing{s.store, store.ErrUnavailable}, s.mirror, store.ErrUnavailable, "nothing was changed"},
		{"the database went away during the write", failing{s.store, store.ErrUnknown}, s.mirror, store.ErrUnknown, "it may be stored or not"},
		{"the database went away after the write", failing{s.store, nil}, deaf{}, store.ErrUnavailable, "the change is stored"},
	}
	for name, call := range calls {
		for _, outage := range outages {
			t.Run(name+": "+outage.name, func(t *testing.T) {
				u := &admin.UseCases{
					Store: outage.store, Keys: s.ring, Schedule: schedule, Mirror: outage.mirror,
					Pepper: s.usecases.Pepper, Uses: s.usecases.Uses, Tokens: s.issued, Now: s.clock.Now,
				}
				check503(t, call(t.Context(), u), outage.cause, outage.detail)
			})
		}
	}
	u := &admin.UseCases{Store: blind{s.store}, Mirror: s.mirror, Now: s.clock.Now}
	_, err = u.SetKeyDisabled(t.Context(), "test", key.ClientID, true)
	check503(t, err, store.ErrUnavailable, "the change is stored")
	// What happened to the uses does not matter to whoever asked for something else.
	for _, cause := range []error{store.ErrUnavailable, store.ErrUnknown} {
		u = &admin.UseCases{Store: s.store, Uses: cannotFlush{cause}, Now: s.clock.Now}
		_, err = u.ListSecrets(t.Context(), key.ClientID, admin.SecretRange{})
		check503(t, err, cause, "nothing was changed")
		_, err = u.RetireSecret(t.Context(), "test", key.ClientID, "default", admin.Retirement{Force: true})
		check503(t, err, cause, "nothing was changed")
	}
}

func check503(t *testing.T, err, cause error, detail string) {
	t.Helper()
	p, ok := errors.AsType[*web.Problem](err)
	if !ok || p.Status != http.StatusServiceUnavailable || !strings.Contains(p.Detail, detail) || p.Hint == "" || !errors.Is(p.Cause, cause) {
		t.Errorf("got %#v, want a problem with %q", err, detail)
	}
}
