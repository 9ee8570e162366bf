package console

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// The ids of the credentials of which an operator has one at most.
const (
	passwordID = "password"
	codesID    = "totp"
)

// chosenPassword reads a new password and the first code from the form. It returns the
// set-up to show again, and the credentials; nil when something is wrong, which it then
// adds to wrong.
func (v *visit) chosenPassword(o store.Operator, wrong map[string]string) (codeSetup, []store.OperatorCredential, error) {
	form := v.r.PostForm
	if flaw := passwordFlaw(form.Get("password"), o.Name); flaw != "" {
		wrong["password"] = flaw
	}
	secret, until, fresh := v.c.openSetup(form.Get("setup"))
	var setup codeSetup
	var err error
	if fresh {
		setup, err = v.c.shownSetup(secret, "operator", until)
	} else {
		setup, err = v.c.newCodeSetup("operator")
		wrong["code"] = "That took too long. Scan the new code."
	}
	if err != nil {
		return setup, nil, err
	}
	_, right := codeStep(secret, form.Get("code"), v.c.Now())
	if fresh && !right {
		wrong["code"] = "The code is wrong. Take the one that the app shows now; the clocks may differ by half a minute."
	}
	if len(wrong) > 0 {
		return setup, nil, nil
	}
	now := v.c.Now().UTC()
	return setup, []store.OperatorCredential{
		{ID: passwordID, Kind: store.Password, Data: v.c.slowHash(form.Get("password")), CreatedAt: now, LastUsedAt: now},
		{ID: codesID, Kind: store.TOTP, Data: v.c.Sealer.Seal("code of "+o.ID, []byte(secret)), CreatedAt: now},
	}, nil
}

func (c *Console) slowHash(password string) []byte {
	c.slow <- struct{}{}
	defer func() { <-c.slow }()
	return hashPassword(password)
}

// passwordForm is the page on which an operator sets or changes the password and the
// one-time codes.
type passwordForm struct {
	Has   bool
	Setup codeSetup
	Wrong map[string]string
}

func (v *visit) passwordPage() error {
	setup, err := v.c.newCodeSetup("operator")
	if err != nil {
		return err
	}
	return v.renderPassword(http.StatusOK, passwordForm{Setup: setup})
}

func (v *visit) renderPassword(status int, form passwordForm) error {
	form.Has = v.has(passwordID)
	return v.render(status, "password", "Password and codes", "account", form)
}

// setPassword replaces password and codes together: whoever has one of the old ones has
// nothing then. All sessions end but this one, which gets another secret.
func (v *visit) setPassword() error {
	shown := passwordForm{Wrong: map[string]string{}}
	var chosen []store.OperatorCredential
	var err error
	shown.Setup, chosen, err = v.chosenPassword(v.operator, shown.Wrong)
	if err != nil {
		return err
	}
	if chosen == nil {
		return v.renderPassword(http.StatusUnprocessableEntity, shown)
	}
	var mutations []store.Mutation
	for _, c := range chosen {
		if v.has(c.ID) {
			mutations = append(mutations, store.RemoveOperatorCredential{OperatorID: v.operator.ID, ID: c.ID})
		}
		mutations = append(mutations, store.AddOperatorCredential{OperatorID: v.operator.ID, Credential: c})
	}
	return v.changeCredentials("password", mutations...)
}

func (v *visit) has(credential string) bool {
	for _, c := range v.operator.Credentials {
		if c.ID == credential {
			return true
		}
	}
	return false
}

// changeCredentials writes the change, ends all other sessions, and goes on to the account.
func (v *visit) changeCredentials(done string, mutations ...store.Mutation) error {
	ctx := v.r.Context()
	_, err := v.c.Store.Write(ctx, store.Origin{Actor: v.actor(), At: v.c.Now().UTC()}, mutations...)
	switch {
	case errors.Is(err, store.ErrConflict):
		return &web.Problem{
			Status: http.StatusConflict, Detail: "That is the last way in which you can sign in, or it was changed at the same moment.",
			Hint: "Add a passkey or a password first, or look at the account again.",
		}
	case isNotFound(err):
		return &web.Problem{Status: http.StatusNotFound, Detail: "You do not have that any more.", Hint: "Look at the account again."}
	case err != nil:
		return fmt.Errorf("change what an operator signs in with: %w", err)
	}
	err = v.c.Store.DeleteSessions(ctx, v.operator.ID)
	if err == nil {
		err = v.begin(ctx, v.operator)
	}
	if err != nil {
		return err
	}
	v.redirect("/console/account?done=" + done)
	return nil
}
