package admin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/grantd/grantd/internal/web"
)

func (r routes) mountUsage() {
	const one = "/admin/v1/keys/{id}/usage"
	r.resource(one, methods{
		http.MethodGet: web.Call(r.p, one, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Usage, error) {
			part, err := r.u.parseUsageRange(c.Query)
			if err != nil {
				return Usage{}, err
			}
			return r.u.Usage(ctx, c.Path("id"), part)
		}),
	})
	const unused = "/admin/v1/unused-keys"
	r.resource(unused, methods{
		http.MethodGet: web.Call(r.p, unused, http.StatusOK, func(ctx context.Context, c web.CallInfo, _ web.NoBody) (Page[UnusedKey], error) {
			part, err := parseUnusedRange(c.Query)
			if err != nil {
				return Page[UnusedKey]{}, err
			}
			return r.u.ListUnusedKeys(ctx, part)
		}),
	})
}

// KeyUsage returns what a key was used for.
func (c *Client) KeyUsage(ctx context.Context, clientID string, r UsageRange) (Usage, error) {
	query := url.Values{"from": {r.From.Format(time.RFC3339)}, "to": {r.To.Format(time.RFC3339)}}
	return exchange[Usage](ctx, c, http.MethodGet, "keys/"+segment(clientID)+"/usage?"+query.Encode(), nil)
}

// ListUnusedKeys returns a part of the list of keys that nobody has used for so long.
func (c *Client) ListUnusedKeys(ctx context.Context, r UnusedRange) (Page[UnusedKey], error) {
	query := "unused_for=" + strconv.FormatInt(int64(r.UnusedFor), 10) + "&" + r.Range.query()
	return exchange[Page[UnusedKey]](ctx, c, http.MethodGet, "unused-keys?"+query, nil)
}
