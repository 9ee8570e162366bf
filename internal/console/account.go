package console

import (
	"fmt"
	"net/http"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

func (v *visit) accountPage() error {
	return v.render(http.StatusOK, "account", "Your account", "account", v.operator.Credentials)
}

// mustBeConfirmed is for calls of scripts, which cannot be asked in between.
func (v *visit) mustBeConfirmed() error {
	if v.confirmed() {
		return nil
	}
	return &web.Problem{
		Status: http.StatusForbidden, Detail: "You showed a credential too long ago.", Hint: "Sign out, sign in again, and add the passkey right after.",
	}
}

func (v *visit) beginPasskeyAccount() error {
	err := v.mustBeConfirmed()
	if err != nil {
		return err
	}
	return v.beginRegistration(v.operator, "account "+v.operator.ID)
}

func (v *visit) finishPasskeyAccount() error {
	err := v.mustBeConfirmed()
	if err != nil {
		return err
	}
	c, err := v.ceremonyUnderWay(v.r.Context(), "account "+v.operator.ID)
	if err != nil {
		return err
	}
	made, err := v.finishRegistration(v.operator, c)
	if err != nil {
		return err
	}
	_, err = v.c.Store.Write(v.r.Context(), store.Origin{Actor: v.actor(), At: v.c.Now().UTC()},
		store.AddOperatorCredential{OperatorID: v.operator.ID, Credential: made})
	if err != nil {
		return fmt.Errorf("store a passkey: %w", err)
	}
	return v.json(http.StatusOK, map[string]string{"next": "/console/account?done=passkey"})
}
