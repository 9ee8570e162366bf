package adminapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// keyQuery is the query of a list of keys.
type keyQuery struct {
	Search     string         `query:"search"`
	Contains   string         `query:"contains"`
	Owner      string         `query:"owner"`
	Mode       store.Mode     `query:"mode" enum:"live,test"`
	State      admin.KeyState `query:"state" enum:"enabled,disabled,expired"`
	UsedFrom   time.Time      `query:"used_from"`
	UsedBefore time.Time      `query:"used_before"`
	NeverUsed  bool           `query:"never_used"`
	UnusedFor  admin.Seconds  `query:"unused_for" max:"315360000"`
	Sort       admin.KeySort  `query:"sort" enum:"id,name,newest,unused"`
	Cursor     string         `query:"cursor"`
	Limit      int            `query:"limit" max:"200"`
}

func listKeys(c *call, q keyQuery, _ none) (admin.Page[admin.Key], error) {
	owner := c.caller.key.Owner
	if owner != "" {
		// What it asks for beside is empty, as if there were no others.
		if q.Owner != "" && q.Owner != owner {
			return admin.Page[admin.Key]{Items: []admin.Key{}}, nil
		}
		q.Owner = owner
		if q.Contains == "" {
			// The keys of one owner are few enough to be looked through.
			q.Contains, q.Search = q.Search, ""
		}
	}
	page, err := c.api.UseCases.SearchKeys(c.ctx, admin.KeySearch{
		Search: q.Search, Contains: q.Contains, Owner: q.Owner, Mode: q.Mode, State: q.State, UsedFrom: q.UsedFrom,
		UsedBefore: q.UsedBefore, NeverUsed: q.NeverUsed, UnusedFor: q.UnusedFor, Sort: q.Sort, Cursor: q.Cursor, Limit: q.Limit,
	})
	c.linkNext(page.Next)
	return page, err
}

// linkNext says where the list goes on.
func (c *call) linkNext(cursor string) {
	if cursor == "" {
		return
	}
	next := c.r.URL.Query()
	next.Set("cursor", cursor)
	target := url.URL{Path: c.r.URL.Path, RawQuery: next.Encode()}
	c.w.Header().Set("Link", "<"+target.String()+`>; rel="next"`)
}

func createKey(c *call, _ none, in admin.NewKey) (admin.CreatedKey, error) {
	err := c.mayCreate(&in)
	if err != nil {
		return admin.CreatedKey{}, err
	}
	key, err := c.api.UseCases.CreateKey(c.ctx, c.actor(), in)
	c.etag = key.Version
	return key, err
}

// mayCreate looks at whether the caller may make the key, and gives it its owner.
func (c *call) mayCreate(in *admin.NewKey) error {
	if owner := c.caller.key.Owner; owner != "" {
		if in.Owner != "" && in.Owner != owner {
			return forbidden("owner", "a key with an owner makes only keys of that owner", "leave the owner out")
		}
		if in.ClientID != "" {
			// Whether an id is taken tells of keys that are not its own.
			return forbidden("client_id", "a key with an owner cannot import others", "leave client_id out to get a new one")
		}
		in.Owner = owner
	}
	if len(in.ResourceServerOf) > 0 && (c.caller.key.Owner != "" || !slices.Contains(c.caller.scopes, admin.ScopeAPIsWrite)) {
		return forbidden("resource_server_of", "to make a resource server takes the scope "+admin.ScopeAPIsWrite+" and a key without an owner", "leave it out")
	}
	for _, name := range in.ResourceServerOf {
		_, err := c.other(name)
		if err != nil {
			return err
		}
	}
	err := c.caller.holds(in.Scopes, "scopes")
	if err != nil || !c.caller.hasLimits() {
		return err
	}
	key, err := in.Draft()
	if err != nil {
		return err
	}
	return cmp.Or(c.caller.within(key), c.caller.maySay(key.Claims))
}

func showKey(c *call, _, _ none) (admin.Key, error) {
	key, err := c.reach(c.path("id"))
	c.etag = key.Version
	return key, err
}

func updateKey(c *call, _ none, in admin.KeyChange) (admin.Key, error) {
	key, err := c.reach(c.path("id"))
	if err != nil {
		return admin.Key{}, err
	}
	if in.Owner != nil && c.caller.key.Owner != "" && *in.Owner != c.caller.key.Owner {
		return admin.Key{}, forbidden("owner", "a key with an owner cannot give keys away", "leave the owner out")
	}
	if in.Scopes != nil {
		err = c.caller.holds(*in.Scopes, "scopes")
	}
	if err != nil {
		return admin.Key{}, err
	}
	allowed := func(old, wanted admin.Key) error {
		err := cmp.Or(c.mayChange(old), c.caller.within(wanted))
		if err == nil && in.Claims != nil {
			err = c.caller.maySay(wanted.Claims)
		}
		return err
	}
	changed, err := c.api.UseCases.UpdateKeyIf(c.ctx, c.actor(), key.ClientID, in, c.version, allowed)
	c.etag = changed.Version
	return changed, err
}

func deleteKey(c *call, _, _ none) (none, error) {
	key, err := c.reach(c.path("id"))
	if err != nil {
		return none{}, err
	}
	return none{}, c.api.UseCases.DeleteKey(c.ctx, c.actor(), key.ClientID)
}

func setDisabled(disabled bool) func(c *call, _, _ none) (admin.Key, error) {
	return func(c *call, _, _ none) (admin.Key, error) {
		key, err := c.reach(c.path("id"))
		if err == nil && !disabled {
			err = c.mayChange(key)
		}
		if err != nil {
			return admin.Key{}, err
		}
		key, err = c.api.UseCases.SetKeyDisabled(c.ctx, c.actor(), key.ClientID, disabled)
		c.etag = key.Version
		return key, err
	}
}

func revokeKeyTokens(c *call, _ none, in admin.TokenRevocation) (admin.RevokedTokens, error) {
	key, err := c.reach(c.path("id"))
	if err != nil {
		return admin.RevokedTokens{}, err
	}
	return c.api.UseCases.RevokeKeyTokens(c.ctx, c.actor(), key.ClientID, in)
}

// secretQuery is the query of a list of secrets.
type secretQuery struct {
	UnusedFor admin.Seconds `query:"unused_for" max:"315360000"`
}

func listSecrets(c *call, q secretQuery, _ none) (admin.Page[admin.SecretStatus], error) {
	key, err := c.reach(c.path("id"))
	if err != nil {
		return admin.Page[admin.SecretStatus]{}, err
	}
	return c.api.UseCases.ListSecrets(c.ctx, key.ClientID, admin.SecretRange(q))
}

func addSecret(c *call, _ none, in admin.NewSecret) (admin.CreatedSecret, error) {
	key, err := c.reach(c.path("id"))
	if err == nil {
		err = c.mayChange(key)
	}
	if err != nil {
		return admin.CreatedSecret{}, err
	}
	return c.api.UseCases.AddSecret(c.ctx, c.actor(), key.ClientID, in)
}

func retireSecret(c *call, _ none, in admin.Retirement) (admin.RetiredSecret, error) {
	key, err := c.reach(c.path("id"))
	if err != nil {
		return admin.RetiredSecret{}, err
	}
	return c.api.UseCases.RetireSecret(c.ctx, c.actor(), key.ClientID, c.path("secret"), in)
}

// usageQuery is the query of the usage of a key.
type usageQuery struct {
	From time.Time `query:"from"`
	To   time.Time `query:"to"`
}

func keyUsage(c *call, q usageQuery, _ none) (admin.Usage, error) {
	key, err := c.reach(c.path("id"))
	if err != nil {
		return admin.Usage{}, err
	}
	r := admin.UsageRange{From: q.From, To: q.To}
	if r.To.IsZero() {
		r.To = c.api.Now().UTC()
	}
	if r.From.IsZero() {
		r.From = r.To.Add(-24 * time.Hour)
	}
	const longest = 400 * 24 * time.Hour
	if !r.From.Before(r.To) || r.To.Sub(r.From) > longest {
		return admin.Usage{}, badQuery("from", "from and to do not bound a time", "leave both out for the last day; at most 400 days apart")
	}
	return c.api.UseCases.Usage(c.ctx, key.ClientID, r)
}

func keyRoutes() []*Route {
	const list, one = "/admin/v1/keys", "/admin/v1/keys/{id}"
	const read, write = admin.ScopeKeysRead, admin.ScopeKeysWrite
	return []*Route{
		route(http.MethodGet, list, read, "List keys.", listKeys),
		route(http.MethodPost, list, write, "Create a key; its secret is in this answer and nowhere else.", createKey).creates(),
		route(http.MethodGet, one, read, "Show a key.", showKey),
		route(http.MethodPatch, one, write, "Change a key: members that are left out stay as they are, lists are replaced.", updateKey).ifMatch(),
		route(http.MethodDelete, one, write, "Delete a key for good.", deleteKey),
		route(http.MethodPost, one+"/disable", write, "Disable a key.", setDisabled(true)),
		route(http.MethodPost, one+"/enable", write, "Enable a key.", setDisabled(false)),
		route(http.MethodPost, one+"/revoke-tokens", admin.ScopeTokensRevoke, "End the tokens of a key.", revokeKeyTokens),
		route(http.MethodGet, one+"/secrets", read, "List the secrets of a key, without their text, and say which may go.", listSecrets),
		route(http.MethodPost, one+"/secrets", write, "Give a key one more secret; it is in this answer and nowhere else.", addSecret).creates(),
		route(http.MethodPost, one+"/secrets/{secret}/retire", write, "End a secret, now or later.", retireSecret),
		route(http.MethodGet, one+"/usage", admin.ScopeUsageRead, "Show what a key was used for.", keyUsage),
	}
}
