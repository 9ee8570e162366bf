package console

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

//go:embed templates
var templateFiles embed.FS

// pages are the templates by name, each with the frame around it.
type pages map[string]*template.Template

func parsePages() (pages, error) {
	functions := template.FuncMap{
		"asset": func(p page, name string) string { return p.v.c.assets.urls[name] },
		"may":   func(p page, role string) bool { return p.v.may(store.Role(role)) },
		"ago":   func(p page, t time.Time) string { return ago(p.v.c.Now(), t) },
		"time":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"when":  when,
		"event": event,
		"rate":  rate, "took": took, "span": span,
		"path": url.PathEscape, "lasting": lasting,
		"join": strings.Join, "sentence": sentence, "words": strings.Fields,
		"listed": func(words, one string) bool { return slices.Contains(strings.Fields(words), one) },
		"themes": func() []string { return []string{"auto", "light", "dark"} },
		"nav":    func(p page, name, url, text string) link { return link{url, text, p.Nav == name} },
	}
	frame, err := template.New("frame").Funcs(functions).ParseFS(templateFiles, "templates/frame.html")
	if err != nil {
		return nil, fmt.Errorf("parse the frame: %w", err)
	}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	all := pages{}
	for _, file := range files {
		one, err := frame.Clone()
		if err == nil {
			one, err = one.ParseFS(templateFiles, file)
		}
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", file, err)
		}
		all[strings.TrimSuffix(path.Base(file), ".html")] = one
	}
	return all, nil
}

// link is one of the links to all pages.
type link struct {
	URL, Text string
	Here      bool
}

// event writes the name of an event as people would: key.created as Key created.
func event(name string) string {
	return strings.TrimSuffix(sentence(strings.NewReplacer(".", " ", "_", " ").Replace(name)), ".")
}

func when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// ago says roughly how long ago something was, or how far ahead it is.
func ago(now, at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	d, form := now.Sub(at), "%s ago"
	if d < 0 {
		d, form = -d, "in %s"
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Minute && form == "%s ago":
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf(form, plural(int(d/time.Minute), "minute"))
	case d < 2*day:
		return fmt.Sprintf(form, plural(int(d/time.Hour), "hour"))
	default:
		return fmt.Sprintf(form, plural(int(d/day), "day"))
	}
}

func plural[N int | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// sentence makes one of what the use-cases say.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	s = string(unicode.ToUpper(first)) + s[size:]
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// done are the sentences after something was done. The URL only names them.
func done(name string) string {
	return map[string]string{
		"disabled":   "The key is disabled: it gets no tokens, and those it has are refused.",
		"enabled":    "The key is enabled again.",
		"revoked":    "All tokens of the key have ended.",
		"retired":    "The secret has ended.",
		"deleted":    "The key is deleted.",
		"saved":      "The change is in force.",
		"changed":    "The key is changed. Tokens that it has keep their scopes until they end; to end them now, revoke them.",
		"created":    "The API is there.",
		"undone":     "The API is deleted, and its tokens have ended.",
		"serves":     "The key may introspect tokens of this API.",
		"unserved":   "The key may not introspect tokens of this API any more.",
		"rotated":    "There is a new signing key. It is published before it signs.",
		"role":       "The role is changed.",
		"removed":    "The operator is removed and signed out everywhere.",
		"passkey":    "The passkey is added.",
		"password":   "The password and the codes are set, and you are signed out everywhere else.",
		"credential": "It is removed, and you are signed out everywhere else.",
		"session":    "The session has ended.",
	}[name]
}

func quickPack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err == nil {
		_, err = z.Write(body)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return b.Bytes(), nil
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// refusal returns what a person can mend about err; nil when there is nothing.
func refusal(err error) *web.Problem {
	p, known := errors.AsType[*web.Problem](err)
	if !known || p.Status >= http.StatusInternalServerError {
		return nil
	}
	return p
}
