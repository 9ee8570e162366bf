package main

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/grantd/grantd/oauth"
)

// The endpoints that are measured.
const (
	tokenPath         = "/oauth2/token"
	introspectionPath = "/oauth2/introspect"
	revocationPath    = "/oauth2/revoke"
	jwksPath          = "/oauth2/jwks"
)

// credentials are a client's id and secret.
type credentials struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

func (who credentials) form(grant oauth.GrantType) url.Values {
	return oauth.TokenRequest{ClientID: who.ID, ClientSecret: who.Secret, GrantType: grant}.Form()
}

// postRequest returns the bytes of a token request with the secret in the body
// (RFC 6749 §2.3.1).
func postRequest(host string, who credentials) []byte {
	return formRequest(host, tokenPath, "", who.form(oauth.ClientCredentials))
}

// basicRequest returns the bytes of a token request with Authorization: Basic.
func basicRequest(host string, who credentials) []byte {
	form := oauth.TokenRequest{GrantType: oauth.ClientCredentials}
	header := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(who.ID+":"+who.Secret)) + "\r\n"
	return formRequest(host, tokenPath, header, form.Form())
}

// refreshes are chains of refresh requests (RFC 6749 §6), which begin with a
// token of the client's own.
func refreshes(host string, who credentials) scripts {
	form := who.form(oauth.RefreshToken)
	return chains(postRequest(host, who), requestHead(host, tokenPath, ""), form.Encode()+"&refresh_token=")
}

// introspections are requests that ask about one token each (RFC 7662 §2.1).
func introspections(host string, who credentials, tokens []string) [][]byte {
	return aboutTokens(host, introspectionPath, who, tokens)
}

// revocationsOf are requests that end one token each (RFC 7009 §2.1).
func revocationsOf(host string, who credentials, tokens []string) [][]byte {
	return aboutTokens(host, revocationPath, who, tokens)
}

func aboutTokens(host, path string, who credentials, tokens []string) [][]byte {
	requests := make([][]byte, len(tokens))
	for i, token := range tokens {
		form := url.Values{"client_id": {who.ID}, "client_secret": {who.Secret}, "token": {token}}
		requests[i] = formRequest(host, path, "", form)
	}
	return requests
}

// getRequest returns the bytes of a request for a document.
func getRequest(host, path string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: grantd-bench\r\n\r\n", path, host)
}

func formRequest(host, path, headers string, form url.Values) []byte {
	body := form.Encode()
	return fmt.Appendf(nil, "%s%d\r\n\r\n%s", requestHead(host, path, headers), len(body), body)
}

// requestHead ends where the length of the body goes.
func requestHead(host, path, headers string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\n", path)
	fmt.Fprintf(&b, "Host: %s\r\n", host)
	fmt.Fprintf(&b, "User-Agent: grantd-bench\r\n")
	fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\n")
	fmt.Fprintf(&b, "%sContent-Length: ", headers)
	return b.String()
}
