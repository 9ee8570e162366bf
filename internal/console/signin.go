package console

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// signInForm is the page to sign in.
type signInForm struct {
	Name, Next, Wrong string
	Empty             bool
}

func (v *visit) signInPage() error {
	if v.signedIn {
		v.redirect(next(v.r.URL.Query().Get("next")))
		return nil
	}
	return v.renderSignIn(http.StatusOK, signInForm{Next: v.r.URL.Query().Get("next")})
}

func (v *visit) renderSignIn(status int, form signInForm) error {
	all, err := v.c.Store.Operators(v.r.Context())
	if err != nil {
		return fmt.Errorf("read the operators: %w", err)
	}
	form.Empty = len(all) == 0
	return v.render(status, "signin", "Sign in", "", form)
}

// wrongCredentials is one sentence for everything that can be wrong.
const wrongCredentials = "The name, the password or the code is wrong, or the code was used before. Wait for a new code and try again."

func (v *visit) signIn() error {
	ctx, form := v.r.Context(), v.r.PostForm
	shown := signInForm{Name: form.Get("name"), Next: form.Get("next")}
	wait, ok := v.c.throttle.allow(v.c.Now(), v.guessers(shown.Name)...)
	if !ok {
		shown.Wrong = tooMany(v.w, wait)
		return v.renderSignIn(http.StatusTooManyRequests, shown)
	}
	operator, err := v.c.Store.OperatorNamed(ctx, shown.Name)
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("read the operator: %w", err)
	}
	right, err := v.checkBoth(ctx, operator, form.Get("password"), form.Get("code"))
	if err != nil {
		return err
	}
	if !right {
		shown.Wrong = wrongCredentials
		return v.renderSignIn(http.StatusUnauthorized, shown)
	}
	v.c.throttle.good(v.guessers(shown.Name)...)
	err = v.begin(ctx, operator)
	if err != nil {
		return err
	}
	v.redirect(next(shown.Next))
	return nil
}

// guessers are what a guess counts against.
func (v *visit) guessers(name string) []string {
	return []string{"name " + string(hashOf(name)), "address " + v.rec.Address().String()}
}

func tooMany(w http.ResponseWriter, wait time.Duration) string {
	seconds := int(wait/time.Second) + 1
	w.Header().Set("Retry-After", fmt.Sprint(seconds))
	return fmt.Sprintf("That was tried too often. Wait %d seconds, or use a passkey.", seconds)
}

// checkBoth looks at password and code, always at both: an unknown name, a wrong password
// and a wrong code take as long and say the same.
func (v *visit) checkBoth(ctx context.Context, o store.Operator, password, code string) (bool, error) {
	var stored, sealed store.OperatorCredential
	for _, c := range o.Credentials {
		switch c.Kind {
		case store.Password:
			stored = c
		case store.TOTP:
			sealed = c
		case store.Passkey, store.Link:
		}
	}
	known := v.c.checkPassword(stored.Data, password)
	secret, err := v.c.Sealer.Open("code of "+o.ID, sealed.Data)
	if err != nil {
		secret, known = []byte("AAAAAAAAAAAAAAAA"), false
	}
	if !known {
		codeStep(string(secret), code, v.c.Now())
		return false, nil
	}
	right, err := v.c.useCode(ctx, o.ID, string(secret), code)
	if err != nil || !right {
		return false, err
	}
	stored.LastUsedAt = v.c.Now().UTC()
	err = v.c.Store.NoteCredentialUse(ctx, o.ID, stored)
	if err != nil {
		return false, fmt.Errorf("note the use of a password: %w", err)
	}
	return true, nil
}

func (v *visit) beginPasskeySignIn() error { return v.beginPasskey("sign in") }

func (v *visit) finishPasskeySignIn() error {
	wait, ok := v.c.throttle.allow(v.c.Now(), "passkey "+v.rec.Address().String())
	if !ok {
		return &web.Problem{Status: http.StatusTooManyRequests, Detail: tooMany(v.w, wait)}
	}
	operator, err := v.finishPasskey(v.r.Context(), "sign in")
	if err != nil {
		return err
	}
	v.c.throttle.good("passkey " + v.rec.Address().String())
	err = v.begin(v.r.Context(), operator)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]string{"next": next(v.r.URL.Query().Get("next"))})
}

func (v *visit) signOut() error {
	err := v.c.Store.DeleteSession(v.r.Context(), v.session.Hash)
	if err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	v.dropSession()
	v.redirect("/console/sign-in")
	return nil
}

func (v *visit) signOutEverywhere() error {
	err := v.c.Store.DeleteSessions(v.r.Context(), v.operator.ID)
	if err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	v.dropSession()
	v.redirect("/console/sign-in")
	return nil
}
