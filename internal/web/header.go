package web

import (
	"net/http"
	"net/url"
	"strings"
)

// formType is the content type of the form dialect.
const formType = "application/x-www-form-urlencoded"

type media int

const (
	otherMedia media = iota
	formMedia
	jsonMedia
)

// mediaType reads Content-Type: in any case, with any parameters.
func mediaType(h http.Header) media {
	values := h["Content-Type"]
	if len(values) != 1 {
		return otherMedia
	}
	// Nearly every client writes it so.
	if values[0] == formType {
		return formMedia
	}
	name, _, _ := strings.Cut(values[0], ";")
	name = strings.TrimSpace(name)
	switch {
	case strings.EqualFold(name, formType):
		return formMedia
	case strings.EqualFold(name, jsonType):
		return jsonMedia
	}
	return otherMedia
}

// startsObject reports whether a body sent as a form is JSON in truth, which is
// what curl -d '{…}' sends: no parameter name begins with a brace.
func startsObject(body string) bool {
	return strings.HasPrefix(strings.TrimLeft(body, " \t\r\n"), "{")
}

// authorization returns the Authorization header.
func authorization(h http.Header) (string, error) {
	values := h["Authorization"]
	switch len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	}
	return "", invalid("Authorization was sent more than once; send it once")
}

// checkQuery refuses credentials in the URL, where every proxy logs them.
func checkQuery(raw string) error {
	if raw == "" {
		return nil
	}
	for pair := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err == nil {
			name = plain
		}
		switch name {
		// RFC 6749 §2.3.1: credentials must not be included in the request URI.
		case "client_id", "client_secret", "client_assertion", "refresh_token", "access_token", "token":
			return invalid("%s was sent in the URL, where it ends up in logs; send it in the body, and replace it if it is secret", name)
		}
	}
	return nil
}
