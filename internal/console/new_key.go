package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

func (v *visit) newKeyPage() error {
	typed := url.Values{"mode": {string(store.Live)}, "auth_methods": {bothSecrets}, "refresh_rotation": {string(admin.RotationOn)}}
	return v.renderKeyForm(http.StatusOK, keyForm{Typed: typed})
}

func (v *visit) renderKeyForm(status int, form keyForm) error {
	apis, err := v.c.UseCases.ListAPIs(v.r.Context(), admin.Range{Limit: 1000})
	if err != nil {
		return err
	}
	form.pickFrom(apis.Items)
	title := "New key"
	if form.ID != "" {
		title = "Edit a key"
	}
	return v.render(status, "keyform", title, "keys", form)
}

func (v *visit) createKey() error {
	read := &keyReader{typed: v.r.PostForm, wrong: map[string]string{}}
	key := read.key()
	if len(read.wrong) > 0 {
		return v.renderKeyForm(http.StatusUnprocessableEntity, keyForm{Typed: read.typed, Wrong: read.wrong})
	}
	var created admin.CreatedKey
	err := v.mayGrant(key.Scopes)
	if err == nil {
		created, err = v.c.UseCases.CreateKey(v.r.Context(), v.actor(), key)
	}
	if read.refuse(err) {
		return v.renderKeyForm(refusal(err).Status, keyForm{Typed: read.typed, Wrong: read.wrong})
	}
	if err != nil {
		return err
	}
	return v.showSecret(created.Key, created.ClientSecret)
}

// mayGrant refuses a key whose tokens could do through the Admin API what the operator may
// not do here.
func (v *visit) mayGrant(scopes []string) error {
	own := admin.Scopes()
	if v.may(store.Admin) || !slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(own, s) }) {
		return nil
	}
	return &web.Problem{
		Status: http.StatusForbidden, Field: "scopes", Detail: "A key with scopes of the Admin API can do more than a developer",
		Hint: "ask an admin to do this",
	}
}

// shownSecret is the one page that shows a secret.
type shownSecret struct {
	Key      admin.Key
	Secret   string
	Snippets []snippet
	Scopes   []string
}

// Signs says that the key has no secret, because it signs.
func (s shownSecret) Signs() bool { return slices.Contains(s.Key.AuthMethods, oauth.PrivateKeyJWT) }

// showSecret answers the request that made the secret, with a page that is kept nowhere.
func (v *visit) showSecret(key admin.Key, secret string) error {
	shown := shownSecret{Key: key, Secret: secret, Scopes: askable(key.Scopes)}
	scope := strings.Join(shown.Scopes, " ")
	if shown.Signs() {
		shown.Snippets = signingSnippets(v.c.Issuer, key, scope)
		return v.render(http.StatusOK, "secret", "The new key", "keys", shown)
	}
	shown.Snippets = snippets(v.c.Issuer, key.ClientID, secret, scope, slices.Contains(key.GrantTypes, oauth.RefreshToken))
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
	key, err := v.c.UseCases.ShowKey(ctx, id)
	if err == nil {
		err = v.mayGrant(key.Scopes)
	}
	var added admin.CreatedSecret
	if err == nil {
		added, err = v.c.UseCases.AddSecret(ctx, v.actor(), id, admin.NewSecret{Name: v.r.PostForm.Get("name")})
	}
	if p := refusal(err); p != nil && !isNotFound(err) {
		return v.showKey(p.Status, map[string]string{"rotate": sentence(p.Detail + "; " + p.Hint)})
	}
	if err != nil {
		return err
	}
	return v.showSecret(key, added.ClientSecret)
}
