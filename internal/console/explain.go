package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/grantd/grantd/internal/admin"
)

// explained is the page that answers why a request is granted or refused: that of a key
// for a token, that to an API with the token, or both. A pasted token is not in it: it is
// neither shown again nor kept.
type explained struct {
	Key, Scope, Origin, Address string
	Request                     apiRequest
	Answer                      *admin.Explanation
	// OfToken says that a token was pasted.
	OfToken bool
	Wrong   map[string]string
}

// apiRequest is what both forms ask about a request to an API.
type apiRequest struct {
	Method, Path, API string
	Wrong             map[string]string
}

// WithKey and WithToken are what the one form and the other begin with: what was sent
// with it, or nothing.
func (e explained) WithKey() apiRequest { return e.with(!e.OfToken) }

// WithToken is as WithKey.
func (e explained) WithToken() apiRequest { return e.with(e.OfToken) }

func (e explained) with(sent bool) apiRequest {
	if !sent {
		return apiRequest{}
	}
	e.Request.Wrong = e.Wrong
	return e.Request
}

func requestOf(form url.Values) apiRequest {
	return apiRequest{
		Method: strings.ToUpper(strings.TrimSpace(form.Get("method"))),
		Path:   strings.TrimSpace(form.Get("path")), API: strings.TrimSpace(form.Get("api")),
	}
}

func (v *visit) explainPage() error {
	q := v.r.URL.Query()
	shown := explained{
		Key: strings.TrimSpace(q.Get("key")), Scope: q.Get("scope"), Origin: q.Get("from"), Address: strings.TrimSpace(q.Get("address")),
		Request: requestOf(q),
	}
	if shown.Key == "" {
		return v.showExplained(http.StatusOK, shown)
	}
	return v.explain(shown, admin.ExplainQuestion{
		ClientID: shown.Key, Scope: shown.Scope, Origin: shown.Origin, Address: shown.Address,
		Method: shown.Request.Method, Path: shown.Request.Path, Audience: shown.Request.API,
	})
}

// explainToken is for a token that is pasted: it comes in a form, for a URL would be
// logged.
func (v *visit) explainToken() error {
	form := v.r.PostForm
	shown := explained{OfToken: true, Request: requestOf(form)}
	token := strings.TrimSpace(form.Get("token"))
	if token == "" {
		shown.Wrong = map[string]string{"token": "The token is missing; paste an access token."}
		return v.showExplained(http.StatusUnprocessableEntity, shown)
	}
	return v.explain(shown, admin.ExplainQuestion{Token: token, Method: shown.Request.Method, Path: shown.Request.Path, Audience: shown.Request.API})
}

func (v *visit) explain(shown explained, q admin.ExplainQuestion) error {
	answer, err := v.c.UseCases.Explain(v.r.Context(), q)
	if p := refusal(err); p != nil {
		at := p.Field
		if at == "" {
			at = "client_id"
		}
		shown.Wrong = map[string]string{at: sentence(p.Detail + "; " + p.Hint)}
		return v.showExplained(p.Status, shown)
	}
	if err != nil {
		return err
	}
	shown.Answer = &answer
	return v.showExplained(http.StatusOK, shown)
}

func (v *visit) showExplained(status int, shown explained) error {
	return v.render(status, "explain", "Explain", "explain", shown)
}
