package console

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

const (
	ceremonyLifetime = 5 * time.Minute
	ceremonyCookie   = "grantd_ceremony"
	maxCeremony      = 64 << 10
)

// relyingParty is the console as passkeys know it: by its host alone.
func (v *visit) relyingParty() (*webauthn.WebAuthn, error) {
	timeout := webauthn.TimeoutConfig{Enforce: true, Timeout: ceremonyLifetime, TimeoutUVD: ceremonyLifetime}
	w, err := webauthn.New(&webauthn.Config{
		RPID: v.origin.host, RPDisplayName: "grantd", RPOrigins: []string{v.origin.text},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: timeout, Registration: timeout},
	})
	if err != nil {
		return nil, fmt.Errorf("set up passkeys: %w", err)
	}
	return w, nil
}

// person is an operator as passkeys know them.
type person struct{ store.Operator }

// WebAuthnID implements [webauthn.User].
func (p person) WebAuthnID() []byte { return []byte(p.ID) }

// WebAuthnName implements [webauthn.User].
func (p person) WebAuthnName() string { return p.Name }

// WebAuthnDisplayName implements [webauthn.User].
func (p person) WebAuthnDisplayName() string { return p.Name }

// WebAuthnCredentials implements [webauthn.User].
func (p person) WebAuthnCredentials() []webauthn.Credential {
	var all []webauthn.Credential
	for _, c := range p.Credentials {
		var one webauthn.Credential
		if c.Kind == store.Passkey && json.Unmarshal(c.Data, &one) == nil {
			all = append(all, one)
		}
	}
	return all
}

// ceremony is what is remembered between the two halves of a ceremony, sealed in a
// cookie: a node that has never seen the first half can finish it.
type ceremony struct {
	Session webauthn.SessionData
	// Use keeps apart what the ceremony is for, and Name is that of an operator to be.
	Use, Name string
}

// start answers with the options for the browser and remembers the ceremony.
func (v *visit) start(c ceremony, options any) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("remember a ceremony: %w", err)
	}
	sealed := base64.RawURLEncoding.EncodeToString(v.c.Sealer.Seal("ceremony", plain))
	http.SetCookie(v.w, v.origin.cookie(ceremonyCookie, sealed, ceremonyLifetime))
	return v.json(http.StatusOK, options)
}

// ceremonyUnderWay opens what start has remembered, once.
func (v *visit) ceremonyUnderWay(ctx context.Context, use string) (ceremony, error) {
	var c ceremony
	cookie, err := v.r.Cookie(ceremonyCookie)
	var plain []byte
	if err == nil {
		plain, err = base64.RawURLEncoding.DecodeString(cookie.Value)
	}
	if err == nil {
		plain, err = v.c.Sealer.Open("ceremony", plain)
	}
	if err == nil {
		err = json.Unmarshal(plain, &c)
	}
	now := v.c.Now()
	if err != nil || c.Use != use || now.After(c.Session.Expires) {
		return ceremony{}, errPasskey(errors.New("there is no such ceremony, or it took too long"))
	}
	first, err := v.c.once(ctx, store.OneTime{
		Kind: store.UsedChallenge, ID: c.Session.Challenge,
		At: now, From: c.Session.Expires.Add(-ceremonyLifetime), Until: c.Session.Expires,
	})
	if err == nil && !first {
		err = errPasskey(errors.New("the challenge was answered before"))
	}
	return c, err
}

// errPasskey is all that is said about a passkey that is not taken.
func errPasskey(cause error) error {
	return &web.Problem{
		Status: http.StatusForbidden, Detail: "The passkey was not accepted.",
		Hint: "Try again; if it stays so, sign in another way, or ask an admin to reset you.", Cause: cause,
	}
}

// beginRegistration starts the making of a passkey for an operator.
func (v *visit) beginRegistration(o store.Operator, use string) error {
	w, err := v.relyingParty()
	if err != nil {
		return err
	}
	options, session, err := w.BeginRegistration(person{o}, webauthn.WithExclusions(
		webauthn.Credentials(person{o}.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return fmt.Errorf("begin a passkey: %w", err)
	}
	return v.start(ceremony{Session: *session, Use: use, Name: o.Name}, options)
}

// finishRegistration reads the passkey that was made.
func (v *visit) finishRegistration(o store.Operator, c ceremony) (store.OperatorCredential, error) {
	body, err := v.body()
	if err != nil {
		return store.OperatorCredential{}, err
	}
	w, err := v.relyingParty()
	if err != nil {
		return store.OperatorCredential{}, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(body)
	if err != nil {
		return store.OperatorCredential{}, errPasskey(err)
	}
	made, err := w.CreateCredential(person{o}, c.Session, answer)
	if err != nil {
		return store.OperatorCredential{}, errPasskey(err)
	}
	data, err := json.Marshal(made)
	if err != nil {
		return store.OperatorCredential{}, fmt.Errorf("encode a passkey: %w", err)
	}
	now := v.c.Now().UTC()
	return store.OperatorCredential{
		ID: base64.RawURLEncoding.EncodeToString(made.ID), Kind: store.Passkey, Data: data,
		Name: "Passkey of " + now.Format(time.DateOnly), CreatedAt: now, LastUsedAt: now,
	}, nil
}

// beginPasskey starts a sign-in or a confirmation.
func (v *visit) beginPasskey(use string) error {
	w, err := v.relyingParty()
	if err != nil {
		return err
	}
	options, session, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return fmt.Errorf("begin a sign-in: %w", err)
	}
	return v.start(ceremony{Session: *session, Use: use}, options)
}

// finishPasskey returns the operator whose passkey answered.
func (v *visit) finishPasskey(ctx context.Context, use string) (store.Operator, error) {
	c, err := v.ceremonyUnderWay(ctx, use)
	if err != nil {
		return store.Operator{}, err
	}
	body, err := v.body()
	if err != nil {
		return store.Operator{}, err
	}
	w, err := v.relyingParty()
	if err != nil {
		return store.Operator{}, err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(body)
	if err != nil {
		return store.Operator{}, errPasskey(err)
	}
	var operator store.Operator
	used, err := w.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		var err error
		operator, err = v.c.Store.Operator(ctx, string(handle))
		return person{operator}, err
	}, c.Session, answer)
	if err == nil && used.Authenticator.CloneWarning {
		err = errors.New("the passkey's counter went back: there may be a copy of it")
	}
	if err != nil {
		return store.Operator{}, errPasskey(err)
	}
	return operator, v.noteUse(ctx, operator, base64.RawURLEncoding.EncodeToString(used.ID), used)
}

// noteUse keeps the counter of a passkey, and when it was used.
func (v *visit) noteUse(ctx context.Context, o store.Operator, id string, used *webauthn.Credential) error {
	data, err := json.Marshal(used)
	if err != nil {
		return fmt.Errorf("encode a passkey: %w", err)
	}
	err = v.c.Store.NoteCredentialUse(ctx, o.ID, store.OperatorCredential{ID: id, Data: data, LastUsedAt: v.c.Now().UTC()})
	if err != nil {
		return fmt.Errorf("note the use of a passkey: %w", err)
	}
	return nil
}

// body reads what a script has sent.
func (v *visit) body() ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, maxCeremony))
	if err != nil {
		return nil, &web.Problem{Status: http.StatusBadRequest, Detail: "The answer could not be read.", Cause: err}
	}
	return body, nil
}
