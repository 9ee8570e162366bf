package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/oauth"
)

func (v *visit) editKeyPage() error {
	key, apis, err := v.keyAndAPIs()
	if err != nil {
		return err
	}
	return v.renderKeyForm(http.StatusOK, keyForm{ID: key.ClientID, Version: key.Version, Typed: typedOf(key, apis)})
}

func (v *visit) keyAndAPIs() (admin.Key, []admin.API, error) {
	ctx := v.r.Context()
	key, err := v.c.UseCases.ShowKey(ctx, v.r.PathValue("id"))
	if err != nil {
		return admin.Key{}, nil, err
	}
	apis, err := v.c.UseCases.ListAPIs(ctx, admin.Range{Limit: 1000})
	return key, apis.Items, err
}

// editKey saves a key as long as nobody else has changed it since the form was made; then
// it is the one who sent it who decides, field by field.
func (v *visit) editKey() error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	key, apis, err := v.keyAndAPIs()
	if err != nil {
		return err
	}
	theirs := typedOf(key, apis)
	form := keyForm{ID: id, Version: seenVersion(v.r.PostForm), Typed: settled(v.r.PostForm, theirs, keyFields()), Wrong: map[string]string{}}
	read := &keyReader{typed: form.Typed, wrong: form.Wrong}
	wanted := read.key()
	if len(form.Wrong) > 0 {
		return v.renderKeyForm(http.StatusUnprocessableEntity, form)
	}
	change := changeTo(wanted, form.Text("force") != "")
	allowed := func(old, _ admin.Key) error { return v.mayGrant(slices.Concat(old.Scopes, wanted.Scopes)) }
	_, err = v.c.UseCases.UpdateKeyIf(ctx, v.actor(), id, change, form.Version, allowed)
	since, changed := errors.AsType[*admin.ChangedSince](err)
	if changed {
		c := compare(form.Typed, theirs, since, keyFields())
		if len(c.Rows) > 0 || len(since.Differences) == 0 {
			c.What, c.Version, c.Again, c.Back = key.Name, key.Version, v.keyURL("/edit"), v.keyURL("/edit")
			return v.render(http.StatusConflict, "conflict", "Somebody else has changed it", "keys", c)
		}
		// What others changed is not in the form, or is the same.
		_, err = v.c.UseCases.UpdateKeyIf(ctx, v.actor(), id, change, key.Version, allowed)
	}
	if read.refuse(err) {
		return v.renderKeyForm(refusal(err).Status, form)
	}
	return v.then(err, v.keyURL("?done=changed"))
}

// changeTo is the change that makes a key what the form says, whatever it was.
func changeTo(key admin.NewKey, force bool) admin.KeyChange {
	c := admin.KeyChange{
		Name: &key.Name, Owner: &key.Owner, Mode: &key.Mode, Scopes: &key.Scopes, GrantTypes: &key.GrantTypes, AuthMethods: &key.AuthMethods,
		AccessTokenLifetime: &key.AccessTokenLifetime, RefreshRotation: &key.RefreshRotation, Origins: &key.Origins, Networks: &key.Networks,
		RequestsPerSecond: &key.RequestsPerSecond, Burst: &key.Burst, TokensPerHour: &key.TokensPerHour, TokensPerDay: &key.TokensPerDay,
		Claims: orNone(key.Claims), JWKS: orNone(key.JWKS), ValidFrom: orZero(key.ValidFrom), ValidUntil: orZero(key.ValidUntil), Force: force,
	}
	if slices.Contains(key.AuthMethods, oauth.PrivateKeyJWT) {
		c.AssertionAlgorithms, c.AssertionAudience = &key.AssertionAlgorithms, &key.AssertionAudience
	}
	return c
}

// orNone is the empty object, which takes away what there is, in place of nothing.
func orNone(object jsontext.Value) *jsontext.Value {
	if len(object) == 0 {
		object = jsontext.Value("{}")
	}
	return &object
}

func orZero(at *time.Time) *time.Time {
	if at == nil {
		return &time.Time{}
	}
	return at
}

// keyFields are the fields of a key, as the form has them.
func keyFields() []formField {
	return []formField{
		{name: "name", label: "Name"},
		{name: "owner", label: "Owner"},
		{name: "mode", label: "Mode"},
		{name: "scopes", label: "Scopes", names: ofScopes, lines: grantsTyped},
		{name: "auth_methods", label: "How it authenticates"},
		{name: "jwks", label: "Public keys"},
		{name: "assertion_algorithms", label: "Algorithms of its signatures"},
		{name: "assertion_audience", label: "Whom its signatures are made out to"},
		{name: "origins", label: "Web origins"},
		{name: "networks", label: "Networks"},
		{name: "grant_types", label: "Refresh tokens"},
		{name: "refresh_rotation", label: "Rotation of refresh tokens"},
		{name: "access_token_lifetime", label: "Lifetime of its tokens"},
		{name: "requests_per_second", label: "Requests a second"},
		{name: "burst", label: "Requests at once"},
		{name: "tokens_per_hour", label: "Tokens an hour"},
		{name: "tokens_per_day", label: "Tokens a day"},
		{name: "valid_from", label: "Valid from"},
		{name: "valid_until", label: "Valid until"},
		{name: "claims", label: "Claims"},
	}
}

// ofScopes says of a field that scopes are picked with it.
func ofScopes(name string) bool {
	return name == "scope" || name == "more" || strings.HasPrefix(name, "value.")
}

func grantsTyped(typed url.Values) []string {
	read := keyReader{typed: typed, wrong: map[string]string{}}
	return slices.Sorted(slices.Values(read.scopes()))
}
