package admin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/grantd/grantd/internal/web"
)

// CreateAPI adds an API.
func (c *Client) CreateAPI(ctx context.Context, in NewAPI) (API, error) {
	return exchange[API](ctx, c, http.MethodPost, "apis", in)
}

// ShowAPI returns the API with this id or audience.
func (c *Client) ShowAPI(ctx context.Context, idOrAudience string) (API, error) {
	return exchange[API](ctx, c, http.MethodGet, "apis/"+segment(idOrAudience), nil)
}

// ListAPIs returns a part of the list of APIs.
func (c *Client) ListAPIs(ctx context.Context, r Range) (Page[API], error) {
	return exchange[Page[API]](ctx, c, http.MethodGet, "apis?"+r.query(), nil)
}

// UpdateAPI changes the API with this id or audience.
func (c *Client) UpdateAPI(ctx context.Context, idOrAudience string, in APIChange) (API, error) {
	return exchange[API](ctx, c, http.MethodPatch, "apis/"+segment(idOrAudience), in)
}

// DeleteAPI removes the API with this id or audience for good.
func (c *Client) DeleteAPI(ctx context.Context, idOrAudience string) error {
	_, err := exchange[web.NoBody](ctx, c, http.MethodDelete, "apis/"+segment(idOrAudience), nil)
	return err
}

// AddResourceServer lets a key introspect the tokens of an API.
func (c *Client) AddResourceServer(ctx context.Context, api, clientID string) (API, error) {
	return exchange[API](ctx, c, http.MethodPut, "apis/"+segment(api)+"/resource-servers/"+segment(clientID), nil)
}

// RemoveResourceServer takes that back.
func (c *Client) RemoveResourceServer(ctx context.Context, api, clientID string) error {
	_, err := exchange[web.NoBody](ctx, c, http.MethodDelete, "apis/"+segment(api)+"/resource-servers/"+segment(clientID), nil)
	return err
}

// CreateKey adds a key.
func (c *Client) CreateKey(ctx context.Context, in NewKey) (CreatedKey, error) {
	return exchange[CreatedKey](ctx, c, http.MethodPost, "keys", in)
}

// ShowKey returns the key with this client id.
func (c *Client) ShowKey(ctx context.Context, id string) (Key, error) {
	return exchange[Key](ctx, c, http.MethodGet, "keys/"+segment(id), nil)
}

// ListKeys returns a part of the list of keys.
func (c *Client) ListKeys(ctx context.Context, r Range) (Page[Key], error) {
	return exchange[Page[Key]](ctx, c, http.MethodGet, "keys?"+r.query(), nil)
}

// UpdateKey changes a key.
func (c *Client) UpdateKey(ctx context.Context, id string, in KeyChange) (Key, error) {
	return exchange[Key](ctx, c, http.MethodPatch, "keys/"+segment(id), in)
}

// SetKeyDisabled disables or enables a key.
func (c *Client) SetKeyDisabled(ctx context.Context, id string, disabled bool) (Key, error) {
	verb := "enable"
	if disabled {
		verb = "disable"
	}
	return exchange[Key](ctx, c, http.MethodPost, "keys/"+segment(id)+"/"+verb, nil)
}

// DeleteKey removes a key for good.
func (c *Client) DeleteKey(ctx context.Context, id string) error {
	_, err := exchange[web.NoBody](ctx, c, http.MethodDelete, "keys/"+segment(id), nil)
	return err
}

// Apply makes the APIs and keys as a manifest says.
func (c *Client) Apply(ctx context.Context, in Apply) (Plan, error) {
	return exchange[Plan](ctx, c, http.MethodPost, "apply", in)
}

// Export returns the APIs and keys as a manifest.
func (c *Client) Export(ctx context.Context) (Manifest, error) {
	return exchange[Manifest](ctx, c, http.MethodGet, "export", nil)
}

// Explain says why a request would be granted or refused.
func (c *Client) Explain(ctx context.Context, in ExplainQuestion) (Explanation, error) {
	return exchange[Explanation](ctx, c, http.MethodPost, "explain", in)
}

// AddSecret gives a key one more secret.
func (c *Client) AddSecret(ctx context.Context, clientID string, in NewSecret) (CreatedSecret, error) {
	return exchange[CreatedSecret](ctx, c, http.MethodPost, "keys/"+segment(clientID)+"/secrets", in)
}

// ListSecrets returns all secrets of a key, the oldest first, each with the
// verdict whether it may go.
func (c *Client) ListSecrets(ctx context.Context, clientID string, r SecretRange) (Page[SecretStatus], error) {
	return exchange[Page[SecretStatus]](ctx, c, http.MethodGet, "keys/"+segment(clientID)+"/secrets"+r.query(), nil)
}

// RetireSecret ends the secret with this name or id.
func (c *Client) RetireSecret(ctx context.Context, clientID, nameOrID string, in Retirement) (RetiredSecret, error) {
	path := "keys/" + segment(clientID) + "/secrets/" + segment(nameOrID) + "/retire"
	return exchange[RetiredSecret](ctx, c, http.MethodPost, path, in)
}

// RevokeKeyTokens ends the tokens of a key.
func (c *Client) RevokeKeyTokens(ctx context.Context, clientID string, in TokenRevocation) (RevokedTokens, error) {
	return exchange[RevokedTokens](ctx, c, http.MethodPost, "keys/"+segment(clientID)+"/revoke-tokens", in)
}

// RevokeAPITokens ends the tokens of the API with this id or audience.
func (c *Client) RevokeAPITokens(ctx context.Context, idOrAudience string, in TokenRevocation) (RevokedTokens, error) {
	return exchange[RevokedTokens](ctx, c, http.MethodPost, "apis/"+segment(idOrAudience)+"/revoke-tokens", in)
}

// RevokeAllTokens ends the tokens of everyone.
func (c *Client) RevokeAllTokens(ctx context.Context, in TokenRevocation) (RevokedTokens, error) {
	return exchange[RevokedTokens](ctx, c, http.MethodPost, "revoke-tokens", in)
}

// RevokeToken ends one access token, or the whole family of a refresh token. It
// returns the token as it is now.
func (c *Client) RevokeToken(ctx context.Context, token string) (RevokedToken, error) {
	return exchange[RevokedToken](ctx, c, http.MethodPost, "tokens/revoke", pastedToken{token})
}

// InspectToken says what a token says, and whether it is good for anything.
func (c *Client) InspectToken(ctx context.Context, token string) (Inspection, error) {
	return exchange[Inspection](ctx, c, http.MethodPost, "tokens/inspect", pastedToken{token})
}

// ListSigningKeys returns all signing keys, the oldest first.
func (c *Client) ListSigningKeys(ctx context.Context) (Page[SigningKey], error) {
	return exchange[Page[SigningKey]](ctx, c, http.MethodGet, "signing-keys", nil)
}

// RotateSigningKey makes a new signing key and returns it.
func (c *Client) RotateSigningKey(ctx context.Context, in SigningKeyRotation) (SigningKey, error) {
	return exchange[SigningKey](ctx, c, http.MethodPost, "signing-keys/rotate", in)
}

// RevokeSigningKey ends a signing key and everything it has signed, at once.
func (c *Client) RevokeSigningKey(ctx context.Context, kid string) (RevokedSigningKey, error) {
	return exchange[RevokedSigningKey](ctx, c, http.MethodPost, "signing-keys/"+segment(kid)+"/revoke", nil)
}

// ListAudit returns a part of the audit trail.
func (c *Client) ListAudit(ctx context.Context, r Range) (Page[AuditRow], error) {
	return exchange[Page[AuditRow]](ctx, c, http.MethodGet, "audit?"+r.query(), nil)
}

// VerifyAudit says whether the audit trail is as it was written.
func (c *Client) VerifyAudit(ctx context.Context) (AuditVerdict, error) {
	return exchange[AuditVerdict](ctx, c, http.MethodGet, "audit/verify", nil)
}

func (r Range) query() string {
	query := url.Values{"limit": {strconv.Itoa(r.Limit)}}
	if r.After != "" {
		query.Set("after", r.After)
	}
	return query.Encode()
}

func (r SecretRange) query() string {
	if r.UnusedFor == 0 {
		return ""
	}
	return "?unused_for=" + strconv.FormatInt(int64(r.UnusedFor), 10)
}
