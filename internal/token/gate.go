package token

import (
	"net/http"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/web"
)

// admit applies the policy of the key to a request that it has authenticated, the
// same way whatever the request wants, and counts the request.
func admit(w http.ResponseWriter, r *web.Request, client *mirror.Client) error {
	rules := client.Policy
	if r.Origin != "" && !rules.AllowsOrigin(r.Origin) {
		web.DenyOrigin(w.Header())
	}
	err := comply(r, client, nil)
	if err != nil {
		// It is not counted: a secret that leaked must not use up the budget of its
		// owner from where it is of no use.
		rules.Budget(r.At).Write(w.Header())
		return err
	}
	if rules == nil {
		return nil
	}
	budget, err := rules.TakeRequest(r.At)
	budget.Write(w.Header())
	return err
}

// comply holds the request against the policy of the key, and counts nothing.
func comply(r *web.Request, client *mirror.Client, t *trail) error {
	rules := client.Policy
	if rules == nil && t == nil {
		return nil
	}
	q := policy.Request{Origin: r.Origin, Referer: r.Referer, Address: r.Address()}
	err := rules.Admit(q, r.At)
	if t != nil {
		t.policy(rules, q, r, err)
	}
	return err
}

// takeToken counts an access token that is about to be issued. It stays counted
// when the store or the signer fails after that, and it is counted again when a
// client repeats a refresh to get the same answer: so no failure makes a limit
// larger, and a key may now and then get less than its limit says.
func takeToken(w http.ResponseWriter, r *web.Request, client *mirror.Client) error {
	if client.Policy == nil {
		return nil
	}
	budget, err := client.Policy.TakeToken(r.At)
	budget.Write(w.Header())
	return err
}
