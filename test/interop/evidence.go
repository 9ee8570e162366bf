package main

import (
	"errors"
	"fmt"
	"strings"
)

// errNotIssued is said of a token that is printed, but was not seen on the wire.
var errNotIssued = errors.New("it is no token that grantd gave out in this run")

// find returns the first exchange that matches, or nil.
func (t *trial) find(matches func(*exchange) bool) *exchange {
	for _, e := range t.saw.exchanges {
		if matches(e) {
			return e
		}
	}
	return nil
}

// issued returns the exchange that brought a token, or nil.
func (t *trial) issued(token string) *exchange {
	return t.find(func(e *exchange) bool {
		return token != "" && e.is("POST", tokenPath) && e.status == 200 && e.values()["access_token"] == token
	})
}

// fetched returns the exchange that brought the token of the answer.
func (t *trial) fetched() (*exchange, error) {
	if t.answer.AccessToken == "" {
		return nil, fmt.Errorf("it reports no token, but the error %q", t.answer.Error)
	}
	e := t.issued(t.answer.AccessToken)
	if e == nil {
		return nil, errNotIssued
	}
	params, _ := e.parameters()
	if params["grant_type"] == "client_credentials" && !sameScopes(params["scope"], t.feature.scope) {
		return nil, fmt.Errorf("it asked for scope %q, want %q", params["scope"], t.feature.scope)
	}
	return e, t.checkReport()
}

// checkReport compares what the library says of the token with what grantd said.
func (t *trial) checkReport() error {
	a := t.answer
	switch {
	case a.TokenType != "" && !strings.EqualFold(a.TokenType, "Bearer"):
		return fmt.Errorf("it reports token_type %q, want Bearer", a.TokenType)
	// Some report what is left of it.
	case a.ExpiresIn != nil && (*a.ExpiresIn > 3600 || *a.ExpiresIn < 3500):
		return fmt.Errorf("it reports expires_in %v, want 3600", *a.ExpiresIn)
	case a.Scope != "" && !sameScopes(string(a.Scope), t.wantScope()):
		return fmt.Errorf("it reports scope %q, want %q", a.Scope, t.wantScope())
	}
	return nil
}

func (t *trial) wantScope() string {
	if t.feature.scope == "" {
		return allScopes
	}
	return t.feature.scope
}

// checkToken shows the token to the resource server, for each scope it must have.
func (t *trial) checkToken(token string) error {
	for _, scope := range strings.Fields(t.wantScope()) {
		c, err := t.guard.visit(token, scope)
		if err != nil {
			return err
		}
		err = t.checkClaims(c, t.wantScope())
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *trial) checkClaims(c claims, scope string) error {
	if c.ClientID != t.key.ID || c.Subject != t.key.ID || !sameScopes(c.Scope, scope) {
		return fmt.Errorf("the token is for %s with scope %q, want %s with %q", c.ClientID, c.Scope, t.key.ID, scope)
	}
	return nil
}
