package main

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/grantd/grantd/oauth"
)

const tokenPath = "/oauth2/token"

// credentials are a client's id and secret.
type credentials struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// postRequest returns the bytes of a token request with the secret in the body
// (RFC 6749 §2.3.1).
func postRequest(host string, who credentials) []byte {
	form := oauth.TokenRequest{ClientID: who.ID, ClientSecret: who.Secret, GrantType: oauth.ClientCredentials}
	return formRequest(host, tokenPath, "", form.Form())
}

// basicRequest returns the bytes of a token request with Authorization: Basic.
func basicRequest(host string, who credentials) []byte {
	form := oauth.TokenRequest{GrantType: oauth.ClientCredentials}
	header := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(who.ID+":"+who.Secret)) + "\r\n"
	return formRequest(host, tokenPath, header, form.Form())
}

func formRequest(host, path, headers string, form url.Values) []byte {
	body := form.Encode()
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\n", path)
	fmt.Fprintf(&b, "Host: %s\r\n", host)
	fmt.Fprintf(&b, "User-Agent: grantd-bench\r\n")
	fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\n")
	fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	b.WriteString(headers + "\r\n" + body)
	return []byte(b.String())
}
