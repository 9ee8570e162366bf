package console

import (
	"context"
	"net/http"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// The fields by which a form brings a confirmation along.
const (
	confirmPassword = "confirm_password"
	confirmCode     = "confirm_code"
)

// confirmation is the page that asks to show a credential again. It carries the form that
// it came between, so that nothing has to be typed twice.
type confirmation struct {
	Method, Action   string
	Fields           []field
	Passkey, Written bool
	Wrong            string
}

type field struct{ Name, Value string }

// confirm looks for a confirmation in the form, or asks for one. It is true when there
// was one and the request can go on.
func (v *visit) confirm(ctx context.Context) (bool, error) {
	wrong, status := "", http.StatusOK
	if v.r.PostForm.Get(confirmPassword) != "" {
		wait, ok := v.c.throttle.allow(v.c.Now(), v.guessers(v.operator.Name)...)
		right := false
		if ok {
			var err error
			right, err = v.checkBoth(ctx, v.operator, v.r.PostForm.Get(confirmPassword), v.r.PostForm.Get(confirmCode))
			if err != nil {
				return false, err
			}
		}
		switch {
		case right:
			v.c.throttle.good(v.guessers(v.operator.Name)...)
			err := v.renew(ctx, v.c.Now().UTC())
			return err == nil && v.signedIn, err
		case !ok:
			wrong, status = tooMany(v.w, wait), http.StatusTooManyRequests
		default:
			wrong, status = "The password or the code is wrong, or the code was used before.", http.StatusUnauthorized
		}
	}
	return false, v.askToConfirm(status, wrong)
}

func (v *visit) askToConfirm(status int, wrong string) error {
	asked := confirmation{Method: "post", Action: v.r.URL.RequestURI(), Wrong: wrong}
	if v.r.Method == http.MethodGet {
		asked.Action, asked.Fields = "/console/confirm", []field{{"next", v.r.URL.RequestURI()}}
	}
	for name, values := range v.r.PostForm {
		if name == confirmPassword || name == confirmCode {
			continue
		}
		for _, value := range values {
			asked.Fields = append(asked.Fields, field{name, value})
		}
	}
	for _, c := range v.operator.Credentials {
		asked.Passkey = asked.Passkey || c.Kind == store.Passkey
		asked.Written = asked.Written || c.Kind == store.Password
	}
	return v.render(status, "confirm", "Confirm that it is you", "", asked)
}

// confirmed goes on to where the confirmation was asked for; the route is guarded, so
// there has been one.
func (v *visit) confirmedPage() error {
	v.redirect(next(v.r.PostForm.Get("next")))
	return nil
}

func (v *visit) beginPasskeyConfirm() error { return v.beginPasskey("confirm " + v.operator.ID) }

func (v *visit) finishPasskeyConfirm() error {
	operator, err := v.finishPasskey(v.r.Context(), "confirm "+v.operator.ID)
	if err != nil {
		return err
	}
	if operator.ID != v.operator.ID {
		return errPasskey(nil)
	}
	err = v.renew(v.r.Context(), v.c.Now().UTC())
	if err != nil {
		return err
	}
	if !v.signedIn {
		return &web.Problem{Status: http.StatusUnauthorized, Detail: "The session has ended.", Hint: "Sign in again."}
	}
	return v.json(http.StatusOK, map[string]string{})
}
