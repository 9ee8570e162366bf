package adminapi

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grantd/grantd/internal/admin"
)

// document is the description of the API in the form of OpenAPI 3.1, made of the routes
// and their types.
func (a *API) document() ([]byte, error) {
	var unknown reflect.Type
	s := &schemas{known: object{}, unknown: &unknown}
	paths := map[string]object{}
	for _, r := range a.Routes() {
		if paths[r.Path] == nil {
			paths[r.Path] = object{}
		}
		paths[r.Path][strings.ToLower(r.Method)] = operation(r, s)
	}
	scopes := object{}
	for _, scope := range admin.Scopes() {
		scopes[scope] = scope
	}
	s.named(reflect.TypeFor[Problem]())
	text, err := json.Marshal(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "grantd Admin API", "version": "1",
			"description": "Keys, APIs, tokens and signing keys of grantd. Tokens come from grantd itself, with client_credentials and resource=" + a.Audience + ".",
		},
		"paths": paths,
		"components": object{
			"schemas": s.known,
			"securitySchemes": object{
				"bearer": object{"type": "http", "scheme": "bearer"},
			},
		},
	}, json.Deterministic(true), jsontext.Multiline(true))
	if err == nil && unknown != nil {
		err = fmt.Errorf("no JSON schema for %s", unknown)
	}
	if err != nil {
		return nil, fmt.Errorf("describe the Admin API: %w", err)
	}
	return text, nil
}

func operation(r *Route, s *schemas) object {
	described := object{
		"summary":     r.Summary,
		"operationId": r.operationID(),
		"tags":        []string{strings.Split(r.Path, "/")[3]},
		"security":    []object{{"bearer": []string{r.Scope}}},
		"responses":   responses(r, s),
	}
	inputs := pathParameters(r)
	for _, field := range parameters(r.query) {
		inputs = append(inputs, object{"name": field.Tag.Get("query"), "in": "query", "schema": parameterSchema(field)})
	}
	if r.versioned {
		inputs = append(inputs, object{"name": "If-Match", "in": "header", "required": true, "schema": object{"type": "string"}})
	}
	if r.once {
		inputs = append(inputs, object{"name": "Idempotency-Key", "in": "header", "schema": object{
			"type": "string", "minLength": 16, "maxLength": 200, "pattern": "^[!#-~]+$",
		}})
	}
	if len(inputs) > 0 {
		described["parameters"] = inputs
	}
	if r.body != reflect.TypeFor[none]() {
		media := "application/json"
		if r.stream != "" {
			media = r.stream
		}
		strict := &schemas{known: s.known, strict: true, unknown: s.unknown}
		described["requestBody"] = object{"required": true, "content": object{media: object{"schema": strict.of(r.body)}}}
	}
	return described
}

// operationID is the method with the path: getKeysId.
func (r *Route) operationID() string {
	id := strings.ToLower(r.Method)
	for part := range strings.FieldsFuncSeq(strings.TrimPrefix(r.Path, "/admin/v1"), func(c rune) bool { return c < 'a' || c > 'z' }) {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}

func pathParameters(r *Route) []object {
	var found []object
	for part := range strings.SplitSeq(r.Path, "/") {
		if strings.HasPrefix(part, "{") {
			found = append(found, object{"name": strings.Trim(part, "{}"), "in": "path", "required": true, "schema": object{"type": "string"}})
		}
	}
	return found
}

func parameterSchema(field reflect.StructField) object {
	switch {
	case field.Type == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case field.Type.Kind() == reflect.Bool:
		return object{"type": "boolean"}
	case field.Type.Kind() == reflect.String:
		values := enumOf(field.Tag)
		if values != nil {
			return object{"type": "string", "enum": values}
		}
		return object{"type": "string", "minLength": 1, "maxLength": 200}
	}
	most, _ := strconv.Atoi(field.Tag.Get("max")) // a tag of ours
	return object{"type": "integer", "minimum": 1, "maximum": most}
}

// responses are what a call of the route can be answered with.
func responses(r *Route, s *schemas) object {
	done := object{"description": http.StatusText(r.Status)}
	if r.result != reflect.TypeFor[none]() {
		media := "application/json"
		if r.stream != "" {
			media = r.stream
		}
		schema := s.of(r.result)
		if r.stream != "" {
			schema = object{"type": "string", "description": "each item is a " + nameOf(r.result)}
		}
		done["content"] = object{media: object{"schema": schema}}
	}
	all := object{strconv.Itoa(r.Status): done}
	for _, status := range r.refusals() {
		all[strconv.Itoa(status)] = object{
			"description": http.StatusText(status),
			"content":     object{problemType: object{"schema": object{"$ref": "#/components/schemas/Problem"}}},
		}
	}
	return all
}

// refusals are the statuses of the problems that a route can answer with.
func (r *Route) refusals() []int {
	set := map[int]bool{
		http.StatusBadRequest: true, http.StatusUnauthorized: true, http.StatusForbidden: true,
		http.StatusInternalServerError: true, http.StatusServiceUnavailable: true,
	}
	set[http.StatusNotFound] = strings.Contains(r.Path, "{") || r.Path == "/admin/v1/audit" || r.Method == http.MethodPost
	set[http.StatusConflict] = r.Method != http.MethodGet
	body := r.body != reflect.TypeFor[none]()
	set[http.StatusUnprocessableEntity] = body || r.Method == http.MethodPut || strings.HasSuffix(r.Path, "/enable") || r.once
	set[http.StatusUnsupportedMediaType] = body
	set[http.StatusRequestEntityTooLarge] = true
	set[http.StatusPreconditionFailed], set[http.StatusPreconditionRequired] = r.versioned, r.versioned
	set[http.StatusGone] = r.stream == "text/event-stream"
	maps.DeleteFunc(set, func(_ int, can bool) bool { return !can })
	return slices.Sorted(maps.Keys(set))
}
