package console

import (
	"net/http"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// newKey is the form of a new key, with what was typed.
type newKey struct {
	Name, Owner, Mode, API, Origins, Networks, ExpiresIn string
	Chosen                                               map[string]bool
	More                                                 string
	Refresh                                              bool
	APIs                                                 []admin.API
	Wrong                                                map[string]string
}

func (v *visit) newKeyPage() error {
	return v.renderNewKey(http.StatusOK, newKey{Mode: "live"})
}

func (v *visit) renderNewKey(status int, form newKey) error {
	apis, err := v.c.UseCases.ListAPIs(v.r.Context(), admin.Range{Limit: 1000})
	form.APIs = apis.Items
	if err != nil {
		return err
	}
	return v.render(status, "newkey", "New key", "keys", form)
}

func (v *visit) createKey() error {
	f := v.r.PostForm
	form := newKey{
		Name: f.Get("name"), Owner: f.Get("owner"), Mode: f.Get("mode"), Origins: f.Get("origins"), Networks: f.Get("networks"),
		More: f.Get("more"), Refresh: f.Get("refresh") != "", Chosen: map[string]bool{},
	}
	var scopes []string
	for _, s := range append(f["scope"], strings.Fields(form.More)...) {
		if !form.Chosen[s] {
			form.Chosen[s] = true
			scopes = append(scopes, s)
		}
	}
	grants := []oauth.GrantType{oauth.ClientCredentials}
	if form.Refresh {
		grants = append(grants, oauth.RefreshToken)
	}
	created, err := v.c.UseCases.CreateKey(v.r.Context(), v.actor(), admin.NewKey{
		Name: form.Name, Owner: form.Owner, Mode: store.Mode(form.Mode), Scopes: scopes, GrantTypes: grants,
		Origins: strings.Fields(form.Origins), Networks: strings.Fields(form.Networks),
	})
	if p := refusal(err); p != nil {
		at, _, _ := strings.Cut(p.Field, "[")
		form.Wrong = map[string]string{at: sentence(p.Detail + "; " + p.Hint)}
		return v.renderNewKey(p.Status, form)
	}
	if err != nil {
		return err
	}
	return v.showSecret(created.Key, created.ClientSecret)
}

// shownSecret is the one page that shows a secret.
type shownSecret struct {
	Key      admin.Key
	Secret   string
	Snippets []snippet
	Scopes   []string
}

// showSecret answers the request that made the secret, with a page that is kept nowhere.
func (v *visit) showSecret(key admin.Key, secret string) error {
	shown := shownSecret{Key: key, Secret: secret, Scopes: askable(key.Scopes)}
	shown.Snippets = snippets(v.c.Issuer, key.ClientID, secret, strings.Join(shown.Scopes, " "))
	return v.render(http.StatusOK, "secret", "The secret", "keys", shown)
}

// askable are scopes that a request can name as they stand: without parameters.
func askable(scopes []string) []string {
	var concrete []string
	for _, s := range scopes {
		if !strings.Contains(s, "{") {
			concrete = append(concrete, s)
		}
	}
	return concrete
}

// rotateKey adds a secret; the others work on until they are retired.
func (v *visit) rotateKey() error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	added, err := v.c.UseCases.AddSecret(ctx, v.actor(), id, admin.NewSecret{Name: v.r.PostForm.Get("name")})
	if p := refusal(err); p != nil {
		return v.showKey(p.Status, map[string]string{"rotate": sentence(p.Detail + "; " + p.Hint)})
	}
	if err != nil {
		return err
	}
	key, err := v.c.UseCases.ShowKey(ctx, id)
	if err != nil {
		return err
	}
	return v.showSecret(key, added.ClientSecret)
}
