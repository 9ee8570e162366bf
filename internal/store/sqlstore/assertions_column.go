package sqlstore

import (
	"unicode/utf8"

	"github.com/grantd/grantd/internal/store"
)

type storedAssertions struct {
	JWKS       string   `json:"jwks,omitempty"`
	Algorithms []string `json:"algorithms,omitempty"`
	Audience   string   `json:"audience,omitempty"`
}

func assertionsColumn(a store.Assertions) (string, error) {
	err := checkTexts("assertion algorithms", a.Algorithms...)
	if err != nil {
		return "", err
	}
	if !utf8.ValidString(a.JWKS) {
		return "", refuse(store.ErrInvalid, "jwks", a.JWKS)
	}
	if !utf8.ValidString(string(a.Audience)) {
		return "", refuse(store.ErrInvalid, "assertion audience", string(a.Audience))
	}
	return encode("assertions", storedAssertions{JWKS: a.JWKS, Algorithms: a.Algorithms, Audience: string(a.Audience)})
}

func assertionsOf(column string) (store.Assertions, error) {
	if column == "" {
		return store.Assertions{}, nil
	}
	stored, err := decode[storedAssertions]("assertions", column)
	return store.Assertions{
		JWKS: stored.JWKS, Algorithms: stored.Algorithms, Audience: store.AssertionAudience(stored.Audience),
	}, err
}
