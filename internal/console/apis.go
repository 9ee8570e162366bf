package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

func (v *visit) apisPage() error {
	apis, err := v.c.UseCases.ListAPIs(v.r.Context(), admin.Range{Limit: 1000})
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "apis", "APIs and scopes", "apis", apis.Items)
}

// apiForm is the form of an API, new or not.
type apiForm struct {
	API                    *admin.API
	Audience, Mode, Format string
	Scopes                 string
	Wrong                  map[string]string
}

func (v *visit) newAPIPage() error {
	return v.render(http.StatusOK, "api", "New API", "apis", apiForm{Mode: "live", Format: "jwt"})
}

func (v *visit) createAPI() error {
	f := v.r.PostForm
	form := apiForm{Audience: f.Get("audience"), Mode: f.Get("mode"), Format: f.Get("format"), Scopes: f.Get("scopes")}
	created, err := v.c.UseCases.CreateAPI(v.r.Context(), v.actor(), admin.NewAPI{
		Audience: form.Audience, Mode: store.Mode(form.Mode), TokenFormat: store.TokenFormat(form.Format), Scopes: strings.Fields(form.Scopes),
	})
	if p := refusal(err); p != nil {
		at, _, _ := strings.Cut(p.Field, "[")
		form.Wrong = map[string]string{at: sentence(p.Detail + "; " + p.Hint)}
		return v.render(p.Status, "api", "New API", "apis", form)
	}
	return v.then(err, "/console/apis/"+url.PathEscape(created.ID)+"?done=created")
}

func (v *visit) apiPage() error {
	api, err := v.c.UseCases.ShowAPI(v.r.Context(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "api", api.Audience, "apis", formOf(api))
}

func formOf(api admin.API) apiForm {
	return apiForm{
		API: &api, Audience: api.Audience, Mode: string(api.Mode), Format: string(api.TokenFormat), Scopes: strings.Join(api.Scopes, "\n"),
	}
}

func (v *visit) updateAPI() error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	scopes := strings.Fields(v.r.PostForm.Get("scopes"))
	_, err := v.c.UseCases.UpdateAPI(ctx, v.actor(), id, admin.APIChange{Scopes: &scopes})
	p := refusal(err)
	if p == nil {
		return v.then(err, "/console/apis/"+url.PathEscape(id)+"?done=saved")
	}
	api, err := v.c.UseCases.ShowAPI(ctx, id)
	if err != nil {
		return err
	}
	form := formOf(api)
	form.Scopes = v.r.PostForm.Get("scopes")
	form.Wrong = map[string]string{"scopes": sentence(p.Detail + "; " + p.Hint)}
	return v.render(p.Status, "api", api.Audience, "apis", form)
}
