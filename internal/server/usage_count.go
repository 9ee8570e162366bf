package server

import (
	"net/http"

	counting "github.com/grantd/grantd/internal/usage"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// Count implements [web.Usage]: what the key got, or why it was refused. An id that
// is nobody's is counted under "", whatever it was, and what failed on our side is
// not counted.
func (u *usage) Count(route string, rec *web.Record) {
	if rec.ClientID == "" && rec.Claimed == "" {
		return
	}
	switch {
	case rec.Status == http.StatusOK:
		u.countUse(route, rec)
	case rec.Status >= http.StatusBadRequest && rec.Status < http.StatusInternalServerError:
		id := rec.ClientID
		if id == "" && rec.Claimed != unknownKey {
			id = rec.Claimed
		}
		u.counters.Fail(id, reason(rec), rec.Address(), rec.At())
	}
}

// unknownKey is what a record claims that names no key.
const unknownKey = "unknown"

func (u *usage) countUse(route string, rec *web.Record) {
	switch route {
	case tokenPath:
		u.counters.Count(rec.ClientID, counting.Tokens)
		if rec.GrantType == oauth.RefreshToken {
			u.counters.Count(rec.ClientID, counting.Refreshes)
		}
	case introspectionPath:
		u.counters.Count(rec.ClientID, counting.Introspections)
	}
}

func reason(rec *web.Record) counting.Reason {
	switch {
	case rec.Status == http.StatusTooManyRequests:
		return counting.RateLimited
	case rec.ClientID == "":
		return counting.WrongSecret
	case rec.Disabled:
		return counting.Disabled
	case rec.Error == string(oauth.InvalidScope):
		return counting.ScopeRefused
	case rec.Error == string(oauth.AccessDenied):
		return counting.PolicyRefused
	case rec.Error == string(oauth.UnauthorizedClient):
		return counting.GrantNotAllowed
	}
	return counting.Other
}
