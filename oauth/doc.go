// Package oauth holds the words of the OAuth 2.0 protocol as Go types: grant
// types, error codes, the token request and its response, and the server's
// metadata. It decides nothing and opens no connection.
//
// A program that talks to a token endpoint needs two things from here:
// [TokenRequest] with [TokenRequest.Form] to ask, and [TokenResponse] or
// [Error] to read the answer.
//
// It speaks RFC 6749, RFC 8414 and RFC 8707.
package oauth
