package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// explained is the page that answers why a request of a key is granted or refused.
type explained struct {
	Key, Scope, Origin, Address string
	Answer                      *admin.Explanation
	Wrong                       map[string]string
}

func (v *visit) explainPage() error {
	q := v.r.URL.Query()
	shown := explained{Key: strings.TrimSpace(q.Get("key")), Scope: q.Get("scope"), Origin: q.Get("from"), Address: strings.TrimSpace(q.Get("address"))}
	if shown.Key == "" {
		return v.render(http.StatusOK, "explain", "Explain", "explain", shown)
	}
	answer, err := v.c.UseCases.Explain(v.r.Context(), admin.ExplainQuestion{
		ClientID: shown.Key, Scope: shown.Scope, Origin: shown.Origin, Address: shown.Address,
	})
	if p := refusal(err); p != nil {
		at := p.Field
		if at == "" {
			at = "client_id"
		}
		shown.Wrong = map[string]string{at: sentence(p.Detail + "; " + p.Hint)}
		return v.render(p.Status, "explain", "Explain", "explain", shown)
	}
	if err != nil {
		return err
	}
	shown.Answer = &answer
	return v.render(http.StatusOK, "explain", "Explain", "explain", shown)
}

// inspected is the page that says what is in a token. The token is not in it: it is
// neither shown again nor kept.
type inspected struct {
	Seen  *admin.Inspection
	Wrong string
}

func (v *visit) inspectPage() error {
	return v.render(http.StatusOK, "inspect", "Token inspector", "inspect", inspected{})
}

func (v *visit) inspect() error {
	seen, err := v.c.UseCases.InspectToken(v.r.Context(), v.r.PostForm.Get("token"))
	if p := refusal(err); p != nil {
		return v.render(p.Status, "inspect", "Token inspector", "inspect", inspected{Wrong: sentence(p.Detail + "; " + p.Hint)})
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "inspect", "Token inspector", "inspect", inspected{Seen: &seen})
}

func (v *visit) signingKeysPage() error {
	found, err := v.c.UseCases.ListSigningKeys(v.r.Context())
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "signingkeys", "Signing keys", "signing", found.Items)
}

func (v *visit) rotateSigningKey() error {
	_, err := v.c.UseCases.RotateSigningKey(v.r.Context(), v.actor(), admin.SigningKeyRotation{Algorithm: v.r.PostForm.Get("alg")})
	return v.then(err, "/console/signing-keys?done=rotated")
}

func (v *visit) nodesPage() error {
	return v.render(http.StatusOK, "nodes", "Nodes", "nodes", v.c.Node())
}

// overview is the dashboard.
type overview struct {
	Node     Node
	Unused   []admin.Key
	Expiring []admin.Key
	Recent   []admin.AuditRow
	Newest   []admin.Key
}

const attention = 5

func (v *visit) dashboard() error {
	ctx := v.r.Context()
	shown := overview{Node: v.c.Node()}
	unused, err := v.c.UseCases.SearchKeys(ctx, admin.KeySearch{
		UnusedFor: admin.Seconds(unusedDays * 24 * time.Hour / time.Second), State: admin.StateEnabled, Limit: attention,
	})
	if err != nil {
		return err
	}
	newest, err := v.c.UseCases.SearchKeys(ctx, admin.KeySearch{Sort: admin.SortNewest, Limit: keysOnPage})
	if err != nil {
		return err
	}
	recent, err := v.c.UseCases.SearchAudit(ctx, admin.AuditSearch{Limit: attention})
	if err != nil {
		return err
	}
	soon := v.c.Now().Add(14 * 24 * time.Hour)
	for _, key := range newest.Items {
		for _, s := range key.Secrets {
			if !s.ExpiresAt.IsZero() && s.ExpiresAt.Before(soon) && !s.Expired {
				shown.Expiring = append(shown.Expiring, key)
				break
			}
		}
	}
	shown.Unused, shown.Recent = unused.Items, recent.Items
	shown.Newest = newest.Items[:min(attention, len(newest.Items))]
	return v.render(http.StatusOK, "dashboard", "Dashboard", "dashboard", shown)
}
