package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grantd/grantd/oauth"
)

// judgeToken wants a token that grantd gave to this key in this run, that says
// what it must, and that a resource server takes.
func judgeToken(t *trial) error {
	_, err := t.fetched()
	if err != nil {
		return err
	}
	return t.checkToken(t.answer.AccessToken)
}

// judgeBasic: the request that brought the token had Basic and no secret beside it.
func judgeBasic(t *trial) error {
	e, err := t.fetched()
	if err != nil {
		return err
	}
	id, ok := e.basic()
	params, _ := e.parameters()
	switch {
	case !ok || id != t.key.ID:
		return errors.New("the request for the token had no Authorization: Basic with the client id")
	case params["client_secret"] != "":
		return errors.New("the request for the token had the secret in its body, beside Basic")
	}
	return judgeToken(t)
}

// judgePost: the request that brought the token had the credentials in its body only.
func judgePost(t *trial) error {
	e, err := t.fetched()
	if err != nil {
		return err
	}
	params, _ := e.parameters()
	switch {
	case e.header("Authorization") != "":
		return errors.New("the request for the token had an Authorization header")
	case params["client_secret"] != t.key.Secret || params["client_id"] != t.key.ID:
		return errors.New("the request for the token had no credentials in its body")
	}
	return judgeToken(t)
}

// judgeAssertion: the request that brought the token had an assertion and no secret.
func judgeAssertion(t *trial) error {
	e, err := t.fetched()
	if err != nil {
		return err
	}
	params, _ := e.parameters()
	switch {
	case e.header("Authorization") != "" || params["client_secret"] != "":
		return errors.New("the request for the token had another proof than an assertion")
	case params["client_assertion"] == "" || params["client_assertion_type"] != oauth.JWTBearerAssertion:
		return errors.New("the request for the token had no client_assertion")
	}
	return judgeToken(t)
}

func judgeJSON(t *trial) error {
	e, err := t.fetched()
	if err != nil {
		return err
	}
	_, object := e.parameters()
	media, _, _ := strings.Cut(e.header("Content-Type"), ";")
	if !object || !strings.EqualFold(strings.TrimSpace(media), "application/json") {
		return fmt.Errorf("the request for the token had a body of type %q, want a JSON object that says so", media)
	}
	return judgeToken(t)
}

func judgeScopeEcho(t *trial) error {
	if !sameScopes(string(t.answer.Scope), t.feature.scope) {
		return fmt.Errorf("it reports scope %q, want %q", t.answer.Scope, t.feature.scope)
	}
	return judgeToken(t)
}

// refusal: grantd refused the run's request, and a user of the library reads why.
func refusal(code string, status int) func(*trial) error {
	return func(t *trial) error {
		refused := t.find(func(e *exchange) bool {
			return e.is("POST", tokenPath) && e.status == status && e.values()["error"] == code
		})
		switch {
		case refused == nil:
			return fmt.Errorf("no request was answered with %d %s", status, code)
		case t.answer.AccessToken != "":
			return errors.New("it reports a token, though grantd refused it")
		case !strings.Contains(t.answer.Error, code):
			return fmt.Errorf("the error that it reports does not hold %s: %q", code, t.answer.Error)
		}
		return nil
	}
}

// judgeRenew: the second token is a new one, and was fetched when the first had expired.
func judgeRenew(t *trial) error {
	first, err := t.short(t.answer.First)
	if err != nil {
		return fmt.Errorf("the first token: %w", err)
	}
	second, err := t.short(t.answer.AccessToken)
	if err != nil {
		return fmt.Errorf("the second token: %w", err)
	}
	if t.answer.First == t.answer.AccessToken || second.Issued < first.Expires {
		return errors.New("the second token is no new one that was fetched after the first had expired")
	}
	return nil
}

// short checks a token that has expired by now, as of the moment it was issued.
func (t *trial) short(token string) (claims, error) {
	e := t.issued(token)
	if e == nil {
		return claims{}, errNotIssued
	}
	at, err := issuedAt(token)
	if err != nil {
		return claims{}, err
	}
	c, err := t.verify(token, shortAPI, at.Add(time.Second))
	if err != nil {
		return c, err
	}
	return c, t.checkClaims(c, shortScope)
}

func judgeRefresh(t *trial) error {
	e, err := t.fetched()
	if err != nil {
		return err
	}
	params, _ := e.parameters()
	switch {
	case params["grant_type"] != "refresh_token":
		return fmt.Errorf("the token came by grant_type %q, want refresh_token", params["grant_type"])
	case t.answer.First == t.answer.AccessToken || t.issued(t.answer.First) == nil:
		return errors.New("first is not another token that grantd gave out in this run")
	}
	return t.checkToken(t.answer.AccessToken)
}

func judgeRevoke(t *trial) error {
	token := t.answer.AccessToken
	if t.issued(token) == nil {
		return errNotIssued
	}
	revoked := t.find(func(e *exchange) bool {
		params, _ := e.parameters()
		return e.is("POST", revocationPath) && e.status/100 == 2 && params["token"] == token
	})
	if revoked == nil {
		return errors.New("no revocation of the token was answered with success")
	}
	c, err := t.introspect(t.guard.reader, token)
	if err == nil && c.Active {
		err = errors.New("the token is still active")
	}
	return err
}

func judgeIntrospect(t *trial) error {
	asked := t.find(func(e *exchange) bool {
		params, _ := e.parameters()
		return e.is("POST", introspectionPath) && e.status == 200 && params["token"] == t.token
	})
	switch {
	case asked == nil:
		return errors.New("no introspection of the token was answered")
	case !t.answer.Active || !sameScopes(string(t.answer.Scope), opaqueScope) || t.answer.ClientID != t.subject.ID:
		return fmt.Errorf("it reports active %t, scope %q, client_id %q, want true, %q, %q",
			t.answer.Active, t.answer.Scope, t.answer.ClientID, opaqueScope, t.subject.ID)
	}
	return nil
}

// discovery: of the two documents that describe the server it read this one first.
func discovery(document string) func(*trial) error {
	return func(t *trial) error {
		read := t.find(func(e *exchange) bool {
			return e.is("GET", "/.well-known/oauth-authorization-server") || e.is("GET", "/.well-known/openid-configuration")
		})
		if read == nil || !read.is("GET", "/.well-known/"+document) || read.status != 200 {
			return fmt.Errorf("the first description of the server that it read is not %s", document)
		}
		return judgeToken(t)
	}
}
