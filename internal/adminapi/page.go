package adminapi

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"reflect"
	"strings"

	"github.com/grantd/grantd/internal/web"
)

// pageText shows the calls. It has no script, and its style is the only one that the
// policy lets through.
const pageText = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>grantd Admin API</title>
<link rel="stylesheet" href="/admin/v1/reference.css">
</head>
<body>
<main>
<h1>grantd Admin API</h1>
<p>Every call takes a token of this server: <code>Authorization: Bearer</code>, from the token endpoint with
<code>grant_type=client_credentials</code> and <code>resource={{.Audience}}</code>.
The same as a document: <a href="/admin/v1/openapi.json">openapi.json</a>.</p>
{{range .Routes}}
<section id="{{.ID}}">
<h2><a href="#{{.ID}}"><b>{{.Method}}</b> <code>{{.Path}}</code></a></h2>
<p>{{.Summary}}</p>
<dl>
<dt>Scope</dt><dd><code>{{.Scope}}</code>{{if .Provider}}, and a key without an owner{{end}}</dd>
{{if .Query}}<dt>Query</dt><dd>{{range .Query}}<code>{{.}}</code> {{end}}</dd>{{end}}
{{if .Headers}}<dt>Headers</dt><dd>{{range .Headers}}<code>{{.}}</code> {{end}}</dd>{{end}}
{{if .Body}}<dt>Body</dt><dd>{{.Body}}: {{range .Members}}<code>{{.}}</code> {{end}}</dd>{{end}}
<dt>Answer</dt><dd>{{.Status}} {{.Result}}</dd>
</dl>
</section>
{{end}}
</main>
</body>
</html>
`

const pageStyle = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0}main{max-width:52rem;margin:auto;padding:1.5rem}
h2{font-size:1rem;font-weight:400;margin:2rem 0 .25rem;border-top:1px solid #8886;padding-top:1rem}
h2 a{color:inherit;text-decoration:none}p{margin:.25rem 0}
dl{display:grid;grid-template-columns:5rem 1fr;gap:.1rem 1rem;margin:.5rem 0;font-size:.9rem}dt{opacity:.75}dd{margin:0;overflow-wrap:anywhere}
code{font:0.9em ui-monospace,monospace}
`

type shownRoute struct {
	ID, Method, Path, Summary, Scope, Body, Result string
	Provider                                       bool
	Query, Headers, Members                        []string
	Status                                         int
}

func shown(r *Route) shownRoute {
	s := shownRoute{
		ID: r.operationID(), Method: r.Method, Path: r.Path, Summary: r.Summary, Scope: r.Scope, Provider: r.provider, Status: r.Status,
	}
	for _, field := range parameters(r.query) {
		s.Query = append(s.Query, field.Tag.Get("query"))
	}
	if r.versioned {
		s.Headers = append(s.Headers, "If-Match")
	}
	if r.once {
		s.Headers = append(s.Headers, "Idempotency-Key")
	}
	if r.result != reflect.TypeFor[none]() {
		s.Result = nameOf(r.result)
	}
	if r.body != reflect.TypeFor[none]() {
		s.Body = nameOf(r.body)
		s.Members = memberNames(r.body)
	}
	return s
}

func memberNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// page makes the handler of the reference page.
func (a *API) page() (func(http.ResponseWriter, *http.Request, *web.Record), error) {
	data := struct {
		Audience string
		Routes   []shownRoute
	}{Audience: a.Audience}
	for _, r := range a.Routes() {
		data.Routes = append(data.Routes, shown(r))
	}
	var page bytes.Buffer
	text, err := template.New("page").Parse(pageText)
	if err == nil {
		err = text.Execute(&page, data)
	}
	if err != nil {
		return nil, fmt.Errorf("write the page of the Admin API: %w", err)
	}
	return func(w http.ResponseWriter, _ *http.Request, rec *web.Record) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		w.Header().Set("Referrer-Policy", "no-referrer")
		web.WriteAs(w, rec, http.StatusOK, "text/html; charset=utf-8", page.Bytes())
	}, nil
}

func style(w http.ResponseWriter, _ *http.Request, rec *web.Record) {
	web.WriteAs(w, rec, http.StatusOK, "text/css; charset=utf-8", []byte(pageStyle))
}
