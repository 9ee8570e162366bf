package console

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/grantd/grantd/internal/admin"
)

func (v *visit) apisPage() error {
	apis, err := v.c.UseCases.ListAPIs(v.r.Context(), admin.Range{Limit: 1000})
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "apis", "APIs and scopes", "apis", apis.Items)
}

func (v *visit) newAPIPage() error {
	return v.render(http.StatusOK, "api", "New API", "apis", newAPIForm())
}

func (v *visit) createAPI() error {
	form := apiForm{Typed: v.r.PostForm, Wrong: map[string]string{}}
	wanted := form.read()
	if len(form.Wrong) > 0 {
		return v.render(http.StatusUnprocessableEntity, "api", "New API", "apis", form)
	}
	created, err := v.c.UseCases.CreateAPI(v.r.Context(), v.actor(), wanted)
	if form.refuse(err) {
		return v.render(refusal(err).Status, "api", "New API", "apis", form)
	}
	return v.then(err, apiURL(created.ID)+"?done=created")
}

func apiURL(id string) string { return "/console/apis/" + url.PathEscape(id) }

func (v *visit) apiPage() error { return v.showAPI(http.StatusOK, nil) }

// showAPI is the page of an API, with its form as nobody has touched it.
func (v *visit) showAPI(status int, wrong map[string]string) error {
	api, err := v.c.UseCases.ShowAPI(v.r.Context(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	form := apiForm{API: &api, Version: api.Version, Typed: typedOfAPI(api), Wrong: wrong}
	return v.render(status, "api", api.Audience, "apis", form)
}

// updateAPI saves an API as long as nobody else has changed it since the form was made;
// then it is the one who sent it who decides, field by field.
func (v *visit) updateAPI() error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	api, err := v.c.UseCases.ShowAPI(ctx, id)
	if err != nil {
		return err
	}
	theirs := typedOfAPI(api)
	form := apiForm{API: &api, Version: seenVersion(v.r.PostForm), Typed: settled(v.r.PostForm, theirs, apiFields()), Wrong: map[string]string{}}
	wanted := form.read()
	if len(form.Wrong) > 0 {
		return v.render(http.StatusUnprocessableEntity, "api", api.Audience, "apis", form)
	}
	change := form.changeTo(wanted)
	_, err = v.c.UseCases.UpdateAPIIf(ctx, v.actor(), id, change, form.Version)
	since, changed := errors.AsType[*admin.ChangedSince](err)
	if changed {
		c := compare(form.Typed, theirs, since, apiFields())
		if len(c.Rows) > 0 || len(since.Differences) == 0 {
			c.What, c.Version, c.Again, c.Back = api.Audience, api.Version, apiURL(id), apiURL(id)
			return v.render(http.StatusConflict, "conflict", "Somebody else has changed it", "apis", c)
		}
		// What others changed is not in the form, or is the same.
		_, err = v.c.UseCases.UpdateAPIIf(ctx, v.actor(), id, change, api.Version)
	}
	if form.refuse(err) {
		return v.render(refusal(err).Status, "api", api.Audience, "apis", form)
	}
	return v.then(err, apiURL(id)+"?done=saved")
}

// deleteAPI wants the audience typed, so that no click alone does it.
func (v *visit) deleteAPI() error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	api, err := v.c.UseCases.ShowAPI(ctx, id)
	if err != nil {
		return err
	}
	if v.r.PostForm.Get("typed") != api.Audience {
		return v.showAPI(http.StatusUnprocessableEntity, map[string]string{"delete": "What you typed is not the audience of this API."})
	}
	err = v.c.UseCases.DeleteAPI(ctx, v.actor(), api.ID)
	if p := refusal(err); p != nil && !isNotFound(err) {
		return v.showAPI(p.Status, map[string]string{"delete": sentence(p.Detail + "; " + p.Hint)})
	}
	return v.then(err, "/console/apis?done=undone")
}

// addResourceServer lets a key introspect the tokens of the API.
func (v *visit) addResourceServer() error {
	id := v.r.PathValue("id")
	_, err := v.c.UseCases.AddResourceServer(v.r.Context(), v.actor(), id, typedWord(v.r.PostForm, "client_id"))
	return v.served(err, "?done=serves")
}

func (v *visit) removeResourceServer() error {
	id := v.r.PathValue("id")
	err := v.c.UseCases.RemoveResourceServer(v.r.Context(), v.actor(), id, v.r.PathValue("key"))
	return v.served(err, "?done=unserved")
}

// served shows a refusal beside the resource servers.
func (v *visit) served(err error, then string) error {
	p := refusal(err)
	if p == nil {
		return v.then(err, apiURL(v.r.PathValue("id"))+then)
	}
	return v.showAPI(p.Status, map[string]string{"client_id": sentence(p.Detail + "; " + p.Hint)})
}
