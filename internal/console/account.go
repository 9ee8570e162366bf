package console

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// account is the page of the operator's own account.
type account struct {
	Credentials []store.OperatorCredential
	// Password says that there is one, and Spare that not everything is lost with one
	// passkey, or with the password.
	Password, Spare bool
	// Confirmed says that a credential was shown lately, which the script that adds a
	// passkey cannot ask for.
	Confirmed bool
	Sessions  []sessionRow
	Wrong     string
}

// sessionRow is a session of the operator. Its ID is for the page alone: what the store
// finds it by is in no page.
type sessionRow struct {
	ID                string
	CreatedAt, SeenAt time.Time
	This              bool
}

func (v *visit) accountPage() error { return v.showAccount(http.StatusOK, "") }

func (v *visit) showAccount(status int, wrong string) error {
	shown := account{Password: v.has(passwordID), Confirmed: v.confirmed(), Wrong: wrong}
	ways := 0
	for _, c := range v.operator.Credentials {
		switch c.Kind {
		case store.Passkey, store.Password:
			ways++
			shown.Credentials = append(shown.Credentials, c)
		case store.TOTP:
			shown.Credentials = append(shown.Credentials, c)
		case store.Link:
		}
	}
	shown.Spare = ways > 1
	sessions, err := v.c.Store.Sessions(v.r.Context(), v.operator.ID)
	if err != nil {
		return fmt.Errorf("read the sessions: %w", err)
	}
	now := v.c.Now()
	for _, s := range sessions {
		if now.Sub(s.CreatedAt) < absoluteLimit && now.Sub(s.SeenAt) < idleLimit {
			shown.Sessions = append(shown.Sessions, sessionRow{sessionName(s.Hash), s.CreatedAt, s.SeenAt, bytes.Equal(s.Hash, v.session.Hash)})
		}
	}
	return v.render(status, "account", "Your account", "account", shown)
}

func sessionName(hash []byte) string {
	return hex.EncodeToString(hashOf("session " + string(hash))[:16])
}

// endSession ends one session of the operator, which may be this one.
func (v *visit) endSession() error {
	ctx := v.r.Context()
	sessions, err := v.c.Store.Sessions(ctx, v.operator.ID)
	if err != nil {
		return fmt.Errorf("read the sessions: %w", err)
	}
	for _, s := range sessions {
		if sessionName(s.Hash) != v.r.PathValue("id") {
			continue
		}
		if bytes.Equal(s.Hash, v.session.Hash) {
			return v.signOut()
		}
		err = v.c.Store.DeleteSession(ctx, s.Hash)
		return v.then(err, "/console/account?done=session")
	}
	return v.showAccount(http.StatusNotFound, "That session has ended already.")
}

// removeCredential takes a passkey away, or the password with its codes; never the last
// way in.
func (v *visit) removeCredential() error {
	id := v.r.PathValue("id")
	for _, c := range v.operator.Credentials {
		switch {
		case c.ID != id || c.Kind != store.Passkey && c.Kind != store.Password:
			continue
		case c.Kind == store.Passkey:
			return v.changeCredentials("credential", store.RemoveOperatorCredential{OperatorID: v.operator.ID, ID: id, Spare: true})
		}
		mutations := []store.Mutation{store.RemoveOperatorCredential{OperatorID: v.operator.ID, ID: id, Spare: true}}
		if v.has(codesID) {
			mutations = append(mutations, store.RemoveOperatorCredential{OperatorID: v.operator.ID, ID: codesID})
		}
		return v.changeCredentials("credential", mutations...)
	}
	return v.showAccount(http.StatusNotFound, "You do not sign in with that any more.")
}

// mustBeConfirmed is for calls of scripts, which cannot be asked in between.
func (v *visit) mustBeConfirmed() error {
	if v.confirmed() {
		return nil
	}
	return &web.Problem{
		Status: http.StatusForbidden, Detail: "You showed a credential too long ago.", Hint: "Load the page again, and confirm that it is you.",
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
