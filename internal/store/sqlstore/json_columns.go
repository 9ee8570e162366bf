package sqlstore

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/store"
)

// What has no columns of its own is JSON in one, under names that stay the same
// in every release. A member that is not set is left out, and a column without
// members is empty.

type storedParameter struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func parametersColumn(parameters []store.Parameter) (string, error) {
	column := make([]storedParameter, len(parameters))
	seen := make(map[string]bool, len(parameters))
	for i, p := range parameters {
		err := checkTexts("parameters", p.Name, p.Type)
		if err != nil {
			return "", err
		}
		if seen[p.Name] {
			return "", refuse(store.ErrInvalid, "parameters", p.Name)
		}
		seen[p.Name] = true
		column[i] = storedParameter(p)
	}
	return encode("parameters", column)
}

func parametersOf(column string) ([]store.Parameter, error) {
	stored, err := decode[[]storedParameter]("parameters", column)
	var parameters []store.Parameter
	for _, p := range stored {
		parameters = append(parameters, store.Parameter(p))
	}
	return parameters, err
}

type storedRoute struct {
	Method string   `json:"method"`
	Path   string   `json:"path"`
	Scopes []string `json:"scopes,omitempty"`
}

func routesColumn(routes []store.Route) (string, error) {
	column := make([]storedRoute, len(routes))
	for i, r := range routes {
		err := checkTexts("routes", append([]string{r.Method, r.Path}, r.Scopes...)...)
		if err != nil {
			return "", err
		}
		column[i] = storedRoute(r)
	}
	return encode("routes", column)
}

func routesOf(column string) ([]store.Route, error) {
	stored, err := decode[[]storedRoute]("routes", column)
	var routes []store.Route
	for _, r := range stored {
		routes = append(routes, store.Route(r))
	}
	return routes, err
}

// storedPolicy has its times in milliseconds since 1970, none where none is set.
type storedPolicy struct {
	Origins           []string `json:"origins,omitempty"`
	Networks          []string `json:"networks,omitempty"`
	ValidFrom         *int64   `json:"valid_from,omitzero"`
	ValidUntil        *int64   `json:"valid_until,omitzero"`
	RequestsPerSecond int      `json:"requests_per_second,omitzero"`
	Burst             int      `json:"burst,omitzero"`
	TokensPerHour     int      `json:"tokens_per_hour,omitzero"`
	TokensPerDay      int      `json:"tokens_per_day,omitzero"`
	Claims            string   `json:"claims,omitempty"`
}

func policyColumn(p store.Policy) (string, error) {
	err := checkTexts("origins", p.Origins...)
	if err != nil {
		return "", err
	}
	err = checkTexts("networks", p.Networks...)
	if err != nil {
		return "", err
	}
	if !utf8.ValidString(p.Claims) {
		return "", refuse(store.ErrInvalid, "claims", p.Claims)
	}
	return encode("policy", storedPolicy{
		Origins: p.Origins, Networks: p.Networks,
		ValidFrom: optionalMillis(p.ValidFrom), ValidUntil: optionalMillis(p.ValidUntil),
		RequestsPerSecond: p.RequestsPerSecond, Burst: p.Burst,
		TokensPerHour: p.TokensPerHour, TokensPerDay: p.TokensPerDay,
		Claims: p.Claims,
	})
}

func policyOf(column string) (store.Policy, error) {
	if column == "" {
		return store.Policy{}, nil
	}
	stored, err := decode[storedPolicy]("policy", column)
	return store.Policy{
		Origins: stored.Origins, Networks: stored.Networks,
		ValidFrom: optionalTime(stored.ValidFrom), ValidUntil: optionalTime(stored.ValidUntil),
		RequestsPerSecond: stored.RequestsPerSecond, Burst: stored.Burst,
		TokensPerHour: stored.TokensPerHour, TokensPerDay: stored.TokensPerDay,
		Claims: stored.Claims,
	}, err
}

// checkTexts refuses the elements that a list cannot have, and what JSON cannot
// hold.
func checkTexts(field string, texts ...string) error {
	for _, text := range texts {
		if text == "" || strings.Contains(text, " ") || !utf8.ValidString(text) {
			return refuse(store.ErrInvalid, field, text)
		}
	}
	return nil
}

func checkMode(mode store.Mode) error {
	if mode != store.Live && mode != store.Test {
		return refuse(store.ErrInvalid, "mode", string(mode))
	}
	return nil
}

// encode makes a column of lists and objects.
func encode(field string, v any) (string, error) {
	column, err := json.Marshal(v)
	if err != nil {
		return "", refuse(store.ErrInvalid, field, err.Error())
	}
	if string(column) == "[]" || string(column) == "{}" {
		return "", nil
	}
	return string(column), nil
}

// decode is strict: a member that a later release has added can be a limit, and a
// reader that ignored it would lift the limit. So would null in the place of one:
// a column must be what encode makes of its value.
func decode[T any](field, column string) (T, error) {
	var v T
	if column == "" {
		return v, nil
	}
	err := json.Unmarshal([]byte(column), &v, json.RejectUnknownMembers(true))
	if err != nil {
		return v, fmt.Errorf("read the column %s: %w", field, err)
	}
	again, err := encode(field, v)
	if err != nil || again != column {
		return v, fmt.Errorf("read the column %s: it is not as grantd writes it", field)
	}
	return v, nil
}

func optionalMillis(at time.Time) *int64 {
	ms := at.UnixMilli()
	if ms == (time.Time{}).UnixMilli() {
		return nil
	}
	return &ms
}

func optionalTime(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return fromMillis(*ms)
}
