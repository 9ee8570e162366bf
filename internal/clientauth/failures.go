package clientauth

import (
	"iter"
	"net/http"
	"time"

	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// exhausted reports whether the failures of the ids that were offered are used up
// where the request comes from. It is the same work for ids that are not ours.
func (a *Authenticator) exhausted(r *web.Request, pairs []pair) bool {
	if a.Failures == nil {
		return false
	}
	some := false
	for id := range distinct(pairs) {
		if a.Failures.Exhausted(id, r.Address(), r.At) {
			some = true
		}
	}
	return some
}

// fail counts that the credentials were nobody's, for every id that they can be
// read as, and returns what the caller is told: the sentence, as long as there is room. It looks at no key: an id that is
// not ours has a budget as well, and gets the same answers out of it.
func (a *Authenticator) fail(r *web.Request, pairs []pair, sentence string) *web.Error {
	var wait time.Duration
	// RFC 6749 §2.3.1: an endpoint that takes secrets is protected against brute force.
	if a.Failures != nil {
		for id := range distinct(pairs) {
			one, _ := a.Failures.Note(id, r.Address(), r.At)
			wait = max(wait, one)
		}
	}
	if wait == 0 {
		return web.Refuse(oauth.InvalidClient, sentence)
	}
	// RFC 6585 §4: too many requests are 429, and the answer may say how long to wait.
	return &web.Error{
		Public: oauth.Error{
			Code:        oauth.TemporarilyUnavailable,
			Description: "client authentication failed too often for this client id from your network; wait, and check the client id and its secret",
		},
		Status:     http.StatusTooManyRequests,
		RetryAfter: wait,
	}
}

// distinct yields the ids that credentials can be read as, each once: a secret with
// an escape in it makes two readings of one id.
func distinct(pairs []pair) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i, p := range pairs {
			if i > 0 && p.id == pairs[i-1].id {
				continue
			}
			if !yield(p.id) {
				return
			}
		}
	}
}
