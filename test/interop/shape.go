package main

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// shape is what a client wrote, with a placeholder for all that differs from run
// to run. It keeps the order and the case of headers, and how things are encoded.
func (t *trial) shape() string {
	if len(t.saw.exchanges) == 0 {
		return "no request\n"
	}
	r := t.volatile()
	var text strings.Builder
	for i, e := range t.saw.exchanges {
		if i > 0 {
			text.WriteString("\n----\n\n")
		}
		text.WriteString(r.request(e))
	}
	return text.String()
}

// volatile are the strings of this run and their placeholders, longest first, so
// that none is taken for a part of another.
type volatile [][2]string

func (t *trial) volatile() volatile {
	names := map[string]string{
		t.proxy.host(): "{host}",
		t.key.ID:       "{client_id}",
		t.token:        "{token}",
		t.subject.ID:   "{subject}",
	}
	if t.feature.key != specialKey {
		names[t.sent] = "{client_secret}"
	}
	for i, e := range t.saw.exchanges {
		for _, name := range []string{"access_token", "refresh_token"} {
			names[e.values()[name]] = fmt.Sprintf("{%s of request %d}", name, i+1)
		}
		params, _ := e.parameters()
		names[params["client_assertion"]] = "{assertion}"
	}
	delete(names, "")
	var v volatile
	for value, placeholder := range names {
		for _, form := range forms(value) {
			v = append(v, [2]string{form, placeholder})
		}
	}
	slices.SortFunc(v, func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(len(b[0]), len(a[0])), cmp.Compare(a[0], b[0]))
	})
	return v
}

// forms are the ways in which clients write a string. Some encode even what needs
// no encoding.
func forms(value string) []string {
	strict := special.ReplaceAllStringFunc(value, func(c string) string { return fmt.Sprintf("%%%02X", c[0]) })
	return []string{value, url.QueryEscape(value), url.PathEscape(value), strict, strings.ToLower(url.QueryEscape(value))}
}

func (v volatile) replace(text string) string {
	for _, pair := range v {
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	text = uuid.ReplaceAllString(text, "{uuid}")
	return trace.ReplaceAllString(text, "{trace}")
}

var (
	uuid     = regexp.MustCompile(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`)
	trace    = regexp.MustCompile(`\b00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\b`)
	special  = regexp.MustCompile(`[^0-9A-Za-z]`)
	boundary = regexp.MustCompile(`boundary="?([^";]+)"?`)
	// version takes what hangs on it, too: 3.12.1-beta, 86_64-pc-linux-gnu.
	version = regexp.MustCompile(`\b[vx]?[0-9][0-9A-Za-z._+-]*`)
)

func (v volatile) request(e *exchange) string {
	found := boundary.FindStringSubmatch(e.header("Content-Type"))
	if found != nil {
		v = append(volatile{{found[1], "{boundary}"}}, v...)
	}
	body := v.replace(string(e.body))
	var text strings.Builder
	text.WriteString(v.replace(e.head[0]) + "\n")
	for _, line := range e.head[1:] {
		name, value, _ := strings.Cut(line, ":")
		text.WriteString(name + ":" + v.headerValue(name, value, body != string(e.body)) + "\n")
	}
	if body != "" {
		text.WriteString("\n" + body + "\n")
	}
	return text.String()
}

// headerValue keeps the space after the colon, or the lack of it.
func (v volatile) headerValue(name, value string, bodyVaries bool) string {
	name = strings.ToLower(name)
	switch {
	case name == "authorization":
		return v.authorization(value)
	case name == "date":
		return " {date}"
	// The length is known to be right: the body was read by it.
	case name == "content-length" && bodyVaries:
		return " {n}"
	case name == "user-agent", strings.Contains(name, "version"), strings.HasPrefix(name, "x-client-"):
		return version.ReplaceAllString(v.replace(value), "{v}")
	}
	return v.replace(value)
}

// authorization shows Basic behind its base64, because the encoding of id and
// secret is where clients differ.
func (v volatile) authorization(value string) string {
	scheme, text, _ := strings.Cut(strings.TrimSpace(value), " ")
	pair, err := base64.StdEncoding.DecodeString(text)
	if !strings.EqualFold(scheme, "Basic") || err != nil {
		return v.replace(value)
	}
	return " " + scheme + " base64(" + v.replace(string(pair)) + ")"
}
