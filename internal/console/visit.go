package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// visit is one request to a page.
type visit struct {
	c      *Console
	w      http.ResponseWriter
	r      *http.Request
	rec    *web.Record
	route  route
	origin origin

	// operator and session are there when signedIn.
	operator store.Operator
	session  store.OperatorSession
	signedIn bool
}

func (c *Console) serve(one route) http.Handler {
	return c.Plumbing.Handle(one.path, func(w http.ResponseWriter, r *http.Request, rec *web.Record) {
		v := &visit{c: c, w: w, r: r, rec: rec, route: one}
		protect(w.Header())
		err := v.answer(r.Context())
		if err != nil {
			v.fail(err)
		}
	})
}

// answer does what is the same for every page, in this order.
func (v *visit) answer(ctx context.Context) error {
	var known bool
	v.origin, known = originOf(v.c.URL, v.r)
	if !known {
		to, ok := localhostFor(v.c.URL, v.r)
		if ok {
			v.redirect(to)
			return nil
		}
		return &web.Problem{
			Status: http.StatusMisdirectedRequest, Detail: "The console is not served under this name.",
			Hint: "Open it at http://localhost, through a tunnel if need be, or set console_url to the https URL of the proxy in front of it.",
		}
	}
	if v.r.Method == http.MethodPost && !strings.HasPrefix(v.r.Header.Get("Content-Type"), "application/json") && !v.takesUpload() {
		err := web.ReadForm(v.w, v.r)
		if err != nil {
			return err
		}
	}
	err := v.resume(ctx)
	if err != nil {
		return err
	}
	if v.route.role != anyone && !v.signedIn {
		v.toSignIn()
		return nil
	}
	if !v.may(v.route.role) {
		return &web.Problem{
			Status: http.StatusForbidden, Detail: fmt.Sprintf("This is for the role %s; you are %s.", v.route.role, v.operator.Role),
			Hint: "Ask an admin for another role.",
		}
	}
	if v.route.guarded && !v.confirmed() {
		v.skipUpload()
		done, err := v.confirm(ctx)
		if err != nil || !done {
			return err
		}
	}
	return v.route.serve(v)
}

// may says whether the role of the operator has all that a role has.
func (v *visit) may(need store.Role) bool {
	rank := map[store.Role]int{anyone: 0, store.Viewer: 1, store.Developer: 2, store.Admin: 3}
	return rank[v.operator.Role] >= rank[need]
}

func (v *visit) redirect(to string) {
	v.rec.Status = http.StatusSeeOther
	http.Redirect(v.w, v.r, to, v.rec.Status)
}

// toSignIn asks to sign in, and comes back after it where that can be done.
func (v *visit) toSignIn() {
	to := "/console/sign-in"
	if v.r.Method == http.MethodGet && v.r.URL.Path != "/console/" {
		to += "?next=" + url.QueryEscape(v.r.URL.RequestURI())
	}
	v.redirect(to)
}

// next is where to go after a sign-in: a page of ours and nowhere else.
func next(asked string) string {
	u, err := url.Parse(asked)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/console/") || strings.Contains(asked, "\\") ||
		strings.HasPrefix(u.Path, "/console/sign-in") {
		return "/console/"
	}
	return u.RequestURI()
}

// json answers a script.
func (v *visit) json(status int, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	web.WriteJSON(v.w, v.rec, status, body)
	return nil
}

// page is what every template gets.
type page struct {
	Title    string
	Nav      string
	Operator *store.Operator
	Theme    string
	Done     string
	Path     string
	Data     any

	v *visit
}

// render answers with a page.
func (v *visit) render(status int, name, title, nav string, data any) error {
	body, err := v.page(name, title, nav, data)
	if err == nil {
		v.write(status, body)
	}
	return err
}

// page is a page as it goes out.
func (v *visit) page(name, title, nav string, data any) ([]byte, error) {
	p := page{Title: title, Nav: nav, Theme: v.theme(), Done: done(v.r.URL.Query().Get("done")), Path: v.r.URL.RequestURI(), Data: data, v: v}
	if v.signedIn {
		p.Operator = &v.operator
	}
	template, found := v.c.pages[name]
	if !found {
		return nil, fmt.Errorf("there is no template %s", name)
	}
	var b bytes.Buffer
	err := template.ExecuteTemplate(&b, "page", p)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return b.Bytes(), nil
}

func (v *visit) write(status int, body []byte) {
	v.rec.Status = status
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if len(body) > 1400 && strings.Contains(v.r.Header.Get("Accept-Encoding"), "gzip") && !v.route.secret {
		packed, err := quickPack(body)
		if err == nil {
			body = packed
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	v.w.WriteHeader(status)
	_, _ = v.w.Write(body) // a client that went away is no error of ours
}

// fail answers with an error, to a person or to a script.
func (v *visit) fail(err error) {
	p := web.ProblemOf(v.rec, err)
	if strings.HasPrefix(v.r.Header.Get("Content-Type"), "application/json") {
		_ = v.json(p.Status, map[string]string{"detail": sentence(p.Detail), "hint": sentence(p.Hint)})
		return
	}
	cause := v.rec.Cause
	err = v.render(p.Status, "error", p.Title, "", p)
	if err != nil {
		v.rec.Status = http.StatusInternalServerError
		http.Error(v.w, "the page could not be made; the server's log has the cause", v.rec.Status)
	}
	v.rec.Error, v.rec.Cause = "problem", cause
}

func (v *visit) notFound() error {
	return &web.Problem{Status: http.StatusNotFound, Detail: "There is no such page.", Hint: "Begin at the dashboard."}
}

// theme is what the operator chose over what the system says.
func (v *visit) theme() string {
	cookie, err := v.r.Cookie("grantd_theme")
	if err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		return cookie.Value
	}
	return "auto"
}

// setTheme keeps the choice in a cookie, so that no script is needed.
func (v *visit) setTheme() error {
	theme := v.r.PostForm.Get("theme")
	if theme == "light" || theme == "dark" || theme == "auto" {
		http.SetCookie(v.w, v.origin.cookie("grantd_theme", theme, 365*24*60*60*1e9))
	}
	v.redirect(next(v.r.PostForm.Get("next")))
	return nil
}
