// Package report prints what the programs beside it have to say: one JSON object a
// line.
package report

import (
	"bufio"
	"encoding/json"
	"os"

	"golang.org/x/oauth2"
)

// Answer is what a client got.
type Answer struct {
	AccessToken  string `json:"access_token,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int64  `json:"expires_in,omitempty"`
	TokenType    string `json:"token_type,omitempty"`
	// First is the access token that this one took the place of.
	First string `json:"first,omitempty"`
}

// Of says what the library says of the last token of a client, where some members of
// the answer are extras; first is the token it got before, or the same.
func Of(last, first *oauth2.Token) Answer {
	if last == nil {
		return Answer{}
	}
	scope, _ := last.Extra("scope").(string)
	expiresIn, _ := last.Extra("expires_in").(float64)
	answer := Answer{AccessToken: last.AccessToken, RefreshToken: last.RefreshToken, Scope: scope, ExpiresIn: int64(expiresIn), TokenType: last.TokenType}
	if last != first {
		answer.First = first.AccessToken
	}
	return answer
}

// Print writes the answer, or the error in its place.
func Print(answer any, err error) {
	if err != nil {
		answer = map[string]string{"error": err.Error()}
	}
	_ = json.NewEncoder(os.Stdout).Encode(answer)
}

// Claims are those of an access token that a resource server looks at.
type Claims struct {
	Subject string `json:"sub"`
	Scope   string `json:"scope"`
}

// Verify reads tokens, one a line, and says of each what the verifier says.
func Verify(verify func(token string) (Claims, error)) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		claims, err := verify(lines.Text())
		if err != nil {
			Print(map[string]any{"ok": false, "error": err.Error()}, nil)
			continue
		}
		Print(map[string]any{"ok": true, "sub": claims.Subject, "scope": claims.Scope}, nil)
	}
}
