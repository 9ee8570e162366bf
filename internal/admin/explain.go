package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/grantd/grantd/oauth"
)

// Explain says why a token request of a key, or a request to an API with a token,
// would be granted or refused, or both, one after the other. No error ever holds a part of the token.
func (u *UseCases) Explain(_ context.Context, q ExplainQuestion) (Explanation, error) {
	err := q.check()
	if err != nil {
		return Explanation{}, err
	}
	token := strings.TrimSpace(q.Token)
	if token != "" {
		return u.Explainer.ExplainAccess(token, q.Method, q.Path, q.Audience), nil
	}
	q.GrantType = cmp.Or(q.GrantType, oauth.ClientCredentials)
	if q.At.IsZero() {
		q.At = u.now()
	}
	answer, there := u.Explainer.ExplainRequest(q.ClientID, q)
	if !there {
		return Explanation{}, notFound("key", q.ClientID, "list the keys to see their client ids")
	}
	return answer, nil
}

// check looks at whether the question is one that can be asked.
func (q ExplainQuestion) check() error {
	const hint = "ask with client_id about a token request, with token, method and path about a request to an API, or with client_id, method and path about both"
	token := strings.TrimSpace(q.Token)
	ofKey := q.GrantType != "" || q.Scope != "" || len(q.Resources) > 0 || q.Origin != "" || q.Referer != "" || q.Address != "" || !q.At.IsZero()
	ofAPI := token != "" || q.Method != "" || q.Path != "" || q.Audience != ""
	switch {
	case q.ClientID == "" && token == "":
		return invalid("client_id", "there is neither a client_id nor a token", hint)
	case q.ClientID != "" && token != "":
		return invalid("token", "there is a token beside a client_id", hint)
	case token != "" && ofKey:
		return invalid("token", "a token has been issued already: grant_type, scope, resources, origin, referer, address and at are about a client_id", hint)
	case len(token) > maxTokenBytes:
		return invalid("token", fmt.Sprintf("the token is longer than %d bytes", maxTokenBytes), "check that it is one token alone")
	case ofAPI && q.Method == "":
		return invalid("method", "the method is missing", "send the method of the request, such as GET")
	case ofAPI && !strings.HasPrefix(q.Path, "/"):
		return invalid("path", "the path does not begin with a slash", "send the path of the request, such as /accounts/a1/wallets")
	case q.Address != "":
		_, err := netip.ParseAddr(q.Address)
		if err != nil {
			return invalid("address", fmt.Sprintf("%s is not an IP address", quoted(q.Address)), "write it like 192.0.2.7 or 2001:db8::7")
		}
	}
	return nil
}
