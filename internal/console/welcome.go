package console

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// firstLink is the link for the first operator. It is in memory alone, and gone with the
// process.
type firstLink struct {
	mu     sync.Mutex
	secret string
	ends   time.Time
}

const firstLinkLifetime = 15 * time.Minute

// FirstLink makes the link with which the first operator sets up how they sign in. It is
// "" when there is an operator.
func (c *Console) FirstLink(ctx context.Context) (string, error) {
	all, err := c.Store.Operators(ctx)
	if err != nil {
		return "", fmt.Errorf("read the operators: %w", err)
	}
	if len(all) > 0 {
		return "", nil
	}
	c.first.mu.Lock()
	defer c.first.mu.Unlock()
	c.first.secret, c.first.ends = rand.Text(), c.Now().Add(firstLinkLifetime)
	return c.UseCases.ConsoleURL + "/console/welcome?link=" + store.FirstOperator + "." + c.first.secret, nil
}

func (f *firstLink) open(link string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	right := subtle.ConstantTimeCompare([]byte(link), []byte(store.FirstOperator+"."+f.secret)) == 1
	return right && f.secret != "" && now.Before(f.ends)
}

// close makes the link one that was used.
func (f *firstLink) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.secret = ""
}

// welcomed is the operator whom a link is for.
type welcomed struct {
	operator store.Operator
	first    bool
	linkID   string
}

func (v *visit) welcomed(link, name string) (welcomed, error) {
	if v.c.first.open(link, v.c.Now()) {
		now := v.c.Now().UTC()
		o := store.Operator{ID: store.FirstOperator, Name: name, Role: store.Admin, CreatedAt: now, UpdatedAt: now}
		return welcomed{operator: o, first: true}, nil
	}
	operator, id, ok := v.c.UseCases.OperatorOfLink(v.r.Context(), link)
	if !ok {
		return welcomed{}, &web.Problem{
			Status: http.StatusNotFound, Detail: "This link was used, has ended, or was never one.",
			Hint: "Ask an admin for a new one, or run grantd operator reset NAME on the server. For the first operator, restart the server.",
		}
	}
	return welcomed{operator: operator, linkID: id}, nil
}

// welcomeForm is the page on which an operator sets up how they sign in.
type welcomeForm struct {
	Link, Name string
	First      bool
	Role       store.Role
	Setup      codeSetup
	Wrong      map[string]string
}

func (v *visit) welcomePage() error {
	link := v.r.URL.Query().Get("link")
	w, err := v.welcomed(link, "")
	if err != nil {
		return err
	}
	setup, err := v.c.newCodeSetup("operator")
	if err != nil {
		return err
	}
	return v.renderWelcome(http.StatusOK, w, welcomeForm{Link: link, Name: w.operator.Name, Setup: setup})
}

func (v *visit) renderWelcome(status int, w welcomed, form welcomeForm) error {
	form.First, form.Role = w.first, w.operator.Role
	return v.render(status, "welcome", "Welcome", "", form)
}

// welcome takes a password and the first code.
func (v *visit) welcome() error {
	form := v.r.PostForm
	shown := welcomeForm{Link: form.Get("link"), Name: form.Get("name"), Wrong: map[string]string{}}
	w, err := v.welcomed(shown.Link, shown.Name)
	if err != nil {
		return err
	}
	wait, ok := v.c.throttle.allow(v.c.Now(), "welcome "+string(hashOf(shown.Link)))
	if !ok {
		return &web.Problem{Status: http.StatusTooManyRequests, Detail: tooMany(v.w, wait)}
	}
	if p := refusal(admin.CheckOperatorName(w.operator.Name)); p != nil {
		shown.Wrong["name"] = sentence(p.Detail + "; " + p.Hint)
	}
	var chosen []store.OperatorCredential
	shown.Setup, chosen, err = v.chosenPassword(w.operator, shown.Wrong)
	if err != nil {
		return err
	}
	if chosen == nil {
		return v.renderWelcome(http.StatusUnprocessableEntity, w, shown)
	}
	err = v.settle(w, chosen...)
	if err != nil {
		return err
	}
	v.redirect("/console/")
	return nil
}

// settle uses the link up, stores what the operator signs in with, and signs them in.
func (v *visit) settle(w welcomed, credentials ...store.OperatorCredential) error {
	ctx, o := v.r.Context(), w.operator
	var mutations []store.Mutation
	if w.first {
		o.Credentials = credentials
		mutations = append(mutations, store.CreateOperator{Operator: o})
	} else {
		mutations = append(mutations, store.RemoveOperatorCredential{OperatorID: o.ID, ID: w.linkID})
		for _, c := range credentials {
			mutations = append(mutations, store.AddOperatorCredential{OperatorID: o.ID, Credential: c})
		}
	}
	_, err := v.c.Store.Write(ctx, store.Origin{Actor: actorOf(o), At: v.c.Now().UTC()}, mutations...)
	if errors.Is(err, store.ErrConflict) || isNotFound(err) {
		return &web.Problem{Status: http.StatusConflict, Detail: "Somebody has used the link at the same moment.", Hint: "Sign in, or ask an admin for a new link."}
	}
	if err != nil {
		return fmt.Errorf("store an operator: %w", err)
	}
	v.c.first.close()
	return v.begin(ctx, o)
}

func (v *visit) beginPasskeyWelcome() error {
	q := v.r.URL.Query()
	w, err := v.welcomed(q.Get("link"), q.Get("name"))
	if err != nil {
		return err
	}
	err = admin.CheckOperatorName(w.operator.Name)
	if err != nil {
		return err
	}
	return v.beginRegistration(w.operator, "welcome "+w.operator.ID)
}

func (v *visit) finishPasskeyWelcome() error {
	w, err := v.welcomed(v.r.URL.Query().Get("link"), "")
	if err != nil {
		return err
	}
	c, err := v.ceremonyUnderWay(v.r.Context(), "welcome "+w.operator.ID)
	if err != nil {
		return err
	}
	w.operator.Name = c.Name
	made, err := v.finishRegistration(w.operator, c)
	if err != nil {
		return err
	}
	err = v.settle(w, made)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]string{"next": "/console/"})
}
