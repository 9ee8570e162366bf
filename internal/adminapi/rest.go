package adminapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// auditQuery is the query of the audit trail.
type auditQuery struct {
	Actor  string     `query:"actor"`
	Event  string     `query:"event"`
	Kind   store.Kind `query:"kind"`
	ID     string     `query:"id"`
	From   time.Time  `query:"from"`
	To     time.Time  `query:"to"`
	Cursor string     `query:"cursor"`
	Limit  int        `query:"limit" max:"200"`
}

func listAudit(c *call, q auditQuery, _ none) (admin.Page[admin.AuditRow], error) {
	if c.caller.key.Owner != "" {
		if q.Kind != store.KindClient || q.ID == "" {
			return admin.Page[admin.AuditRow]{}, forbidden("", "a key with an owner reads the audit trail of one key at a time", "ask with kind=client and id")
		}
		_, err := c.reach(q.ID)
		if err != nil {
			return admin.Page[admin.AuditRow]{}, err
		}
	}
	page, err := c.api.UseCases.SearchAudit(c.ctx, admin.AuditSearch(q))
	c.linkNext(page.Next)
	for i := range page.Items {
		c.hideActor(&page.Items[i])
	}
	return page, err
}

// hideActor keeps who works for the provider from a key with an owner.
func (c *call) hideActor(row *admin.AuditRow) {
	if c.caller.key.Owner == "" {
		return
	}
	id, isKey := strings.CutPrefix(row.Actor, "key:")
	if isKey {
		_, err := c.reach(id)
		isKey = err == nil
	}
	if !isKey {
		row.Actor = "provider"
	}
}

func verifyAudit(c *call, _, _ none) (admin.AuditVerdict, error) {
	return c.api.UseCases.VerifyAudit(c.ctx)
}

// PastedToken carries a token in the body: a path would be logged.
type PastedToken struct {
	Token string `json:"token"`
}

// inspect reads a token; one of a key that the caller may not see is like one that is not
// this server's.
func (c *call) inspect(in PastedToken) (admin.Inspection, error) {
	seen, err := c.api.UseCases.InspectToken(c.ctx, in.Token)
	if err == nil && c.caller.key.Owner != "" {
		_, err = c.reach(seen.ClientID)
	}
	if err != nil && c.caller.key.Owner != "" {
		return admin.Inspection{}, unavailableOr(err, &web.Problem{
			Status: http.StatusUnprocessableEntity, Field: "token", Detail: "the token is none of your keys",
			Hint: "check that it is one whole token alone",
		})
	}
	return seen, err
}

func inspectToken(c *call, _ none, in PastedToken) (admin.Inspection, error) { return c.inspect(in) }

func revokeToken(c *call, _ none, in PastedToken) (admin.RevokedToken, error) {
	_, err := c.inspect(in)
	if err != nil {
		return admin.RevokedToken{}, err
	}
	return c.api.UseCases.RevokeToken(c.ctx, c.actor(), in.Token)
}

func revokeAllTokens(c *call, _ none, in admin.TokenRevocation) (admin.RevokedTokens, error) {
	return c.api.UseCases.RevokeAllTokens(c.ctx, c.actor(), in)
}

func explain(c *call, _ none, in admin.ExplainQuestion) (admin.Explanation, error) {
	if c.caller.key.Owner != "" && in.ClientID != "" {
		_, err := c.reach(in.ClientID)
		if err != nil {
			return admin.Explanation{}, err
		}
	}
	if c.caller.key.Owner != "" && in.Token != "" {
		_, err := c.inspect(PastedToken{in.Token})
		if err != nil {
			return admin.Explanation{}, err
		}
	}
	return c.api.UseCases.Explain(c.ctx, in)
}

func listSigningKeys(c *call, _, _ none) (admin.Page[admin.SigningKey], error) {
	return c.api.UseCases.ListSigningKeys(c.ctx)
}

func rotateSigningKey(c *call, _ none, in admin.SigningKeyRotation) (admin.SigningKey, error) {
	return c.api.UseCases.RotateSigningKey(c.ctx, c.actor(), in)
}

func revokeSigningKey(c *call, _, _ none) (admin.RevokedSigningKey, error) {
	return c.api.UseCases.RevokeSigningKey(c.ctx, c.actor(), c.path("kid"))
}

func listNodes(c *call, _, _ none) (admin.Page[admin.Node], error) {
	return c.api.UseCases.ListNodes(c.ctx)
}

func health(c *call, _, _ none) (Health, error) { return c.api.Health(), nil }

func restRoutes() []*Route {
	//nolint:gosec // G101: a path, not a credential
	const tokens, signing, audit = "/admin/v1/tokens", "/admin/v1/signing-keys", "/admin/v1/audit"
	return []*Route{
		route(http.MethodPost, tokens+"/inspect", admin.ScopeTokensInspect, "Say what a token says and whether it is good for anything.", inspectToken),
		route(http.MethodPost, tokens+"/revoke", admin.ScopeTokensRevoke, "End a token; a refresh token with its whole family.", revokeToken),
		route(http.MethodPost, "/admin/v1/revoke-tokens", admin.ScopeTokensRevoke, "End the tokens of all keys.", revokeAllTokens).forProvider(),
		route(http.MethodPost, "/admin/v1/explain", admin.ScopeExplain, "Say why a request would be granted or refused.", explain),
		route(http.MethodGet, signing, admin.ScopeSigningKeysRead, "List the signing keys.", listSigningKeys).forProvider(),
		route(http.MethodPost, signing+"/rotate", admin.ScopeSigningKeysWrite, "Make a new signing key that takes over.", rotateSigningKey).forProvider().creates(),
		route(http.MethodPost, signing+"/{kid}/revoke", admin.ScopeSigningKeysWrite, "End a stolen signing key and every token it signed.", revokeSigningKey).forProvider(),
		route(http.MethodGet, audit, admin.ScopeAuditRead, "List the audit trail, the latest first.", listAudit),
		route(http.MethodGet, audit+"/verify", admin.ScopeAuditRead, "Say whether the audit trail is as it was written.", verifyAudit).forProvider(),
		route(http.MethodGet, "/admin/v1/nodes", admin.ScopeNodesRead, "List the nodes, as each has told of itself within the last day.", listNodes).forProvider(),
		route(http.MethodGet, "/admin/v1/nodes/health", admin.ScopeNodesRead, "Say how this node is.", health).forProvider(),
	}
}
