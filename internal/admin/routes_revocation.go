package admin

import (
	"context"
	"net/http"

	"github.com/grantd/grantd/internal/web"
)

func (r routes) mountSecrets() {
	const list = "/admin/v1/keys/{id}/secrets"
	r.resource(list, methods{
		http.MethodGet: web.Call(r.p, list, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Page[SecretStatus], error) {
			basis, err := parseSecretRange(c.Query)
			if err != nil {
				return Page[SecretStatus]{}, err
			}
			return r.u.ListSecrets(ctx, c.Path("id"), basis)
		}),
		http.MethodPost: web.Call(r.p, list, http.StatusCreated, func(ctx context.Context, c web.CallInfo, in NewSecret) (CreatedSecret, error) {
			return r.u.AddSecret(ctx, c.Actor, c.Path("id"), in)
		}),
	})
	const retire = list + "/{secret}/retire"
	r.resource(retire, methods{
		http.MethodPost: web.Call(r.p, retire, http.StatusOK, func(ctx context.Context, c web.CallInfo, in Retirement) (RetiredSecret, error) {
			return r.u.RetireSecret(ctx, c.Actor, c.Path("id"), c.Path("secret"), in)
		}),
	})
}

func (r routes) mountTokens() {
	const ofKey, ofAPI, all = "/admin/v1/keys/{id}/revoke-tokens", "/admin/v1/apis/{id}/revoke-tokens", "/admin/v1/revoke-tokens"
	r.resource(ofKey, methods{
		http.MethodPost: web.Call(r.p, ofKey, http.StatusOK, func(ctx context.Context, c web.CallInfo, in TokenRevocation) (RevokedTokens, error) {
			return r.u.RevokeKeyTokens(ctx, c.Actor, c.Path("id"), in)
		}),
	})
	r.resource(ofAPI, methods{
		http.MethodPost: web.Call(r.p, ofAPI, http.StatusOK, func(ctx context.Context, c web.CallInfo, in TokenRevocation) (RevokedTokens, error) {
			return r.u.RevokeAPITokens(ctx, c.Actor, c.Path("id"), in)
		}),
	})
	r.resource(all, methods{
		http.MethodPost: web.Call(r.p, all, http.StatusOK, func(ctx context.Context, c web.CallInfo, in TokenRevocation) (RevokedTokens, error) {
			return r.u.RevokeAllTokens(ctx, c.Actor, in)
		}),
	})
	const revoke, inspect = "/admin/v1/tokens/revoke", "/admin/v1/tokens/inspect"
	r.resource(revoke, methods{
		http.MethodPost: web.Call(r.p, revoke, http.StatusOK, func(ctx context.Context, c web.CallInfo, in pastedToken) (RevokedToken, error) {
			return r.u.RevokeToken(ctx, c.Actor, in.Token)
		}),
	})
	r.resource(inspect, methods{
		http.MethodPost: web.Call(r.p, inspect, http.StatusOK, func(ctx context.Context, _ web.CallInfo, in pastedToken) (Inspection, error) {
			return r.u.InspectToken(ctx, in.Token)
		}),
	})
}

func (r routes) mountSigningKeys() {
	const list = "/admin/v1/signing-keys"
	r.resource(list, methods{
		http.MethodGet: web.Call(r.p, list, http.StatusOK, func(ctx context.Context, _ web.CallInfo, _ web.NoBody) (Page[SigningKey], error) {
			return r.u.ListSigningKeys(ctx)
		}),
	})
	const rotate, revoke = list + "/rotate", list + "/{kid}/revoke"
	r.resource(rotate, methods{
		http.MethodPost: web.Call(r.p, rotate, http.StatusCreated, func(ctx context.Context, c web.CallInfo, in SigningKeyRotation) (SigningKey, error) {
			return r.u.RotateSigningKey(ctx, c.Actor, in)
		}),
	})
	r.resource(revoke, methods{
		http.MethodPost: web.Call(r.p, revoke, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (RevokedSigningKey, error) {
			return r.u.RevokeSigningKey(ctx, c.Actor, c.Path("kid"))
		}),
	})
}
