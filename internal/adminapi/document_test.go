package adminapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestDocumentHasEveryRoute(t *testing.T) {
	a := &API{Audience: "https://auth.example/admin"}
	text, err := a.document()
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		OpenAPI    string                                `json:"openapi"`
		Paths      map[string]map[string]json.RawMessage `json:"paths"`
		Components struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	err = json.Unmarshal(text, &document)
	if err != nil || document.OpenAPI != "3.1.0" {
		t.Fatal(document.OpenAPI, err)
	}
	ids := map[string]bool{}
	for _, r := range a.Routes() {
		if document.Paths[r.Path][strings.ToLower(r.Method)] == nil {
			t.Errorf("it lacks %s %s", r.Method, r.Path)
		}
		if ids[r.operationID()] || r.Summary == "" || r.Scope == "" {
			t.Errorf("%s %s has no summary or scope, or the id %s of another", r.Method, r.Path, r.operationID())
		}
		ids[r.operationID()] = true
	}
	for part := range strings.SplitSeq(string(text), `"#/components/schemas/`) {
		name, _, _ := strings.Cut(part, `"`)
		if !strings.HasPrefix(part, "{") && document.Components.Schemas[name] == nil {
			t.Errorf("it refers to %s, which it does not have", name)
		}
	}
	for _, name := range []string{"Key", "CreatedSecret", "Secret"} {
		if strings.Contains(string(document.Components.Schemas[name]), "hash") && name != "NewKey" {
			t.Errorf("%s shows a hash", name)
		}
	}
}

func TestPageHasNoScript(t *testing.T) {
	a := &API{Audience: `https://auth.example/"><script>alert(1)</script>`}
	page, err := a.page()
	if err != nil {
		t.Fatal(err)
	}
	w := newRecorder()
	page(w, &http.Request{}, newRecord())
	body := w.body.String()
	if strings.Contains(body, "<script") || strings.Contains(body, "style=") || !strings.Contains(w.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("got %v\n%s", w.header, body)
	}
}
