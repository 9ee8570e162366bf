package server

import (
	"net/netip"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/token"
)

// explainer shows operators what the endpoints would decide, by asking them.
type explainer struct {
	mirror   *mirror.Mirror
	endpoint *token.Endpoint
	reader   *token.Reader
}

// ExplainRequest says what would become of a token request of the key.
func (e explainer) ExplainRequest(clientID string, q admin.ExplainQuestion) (admin.Explanation, bool) {
	client := e.mirror.Client(clientID)
	if client == nil {
		return admin.Explanation{}, false
	}
	// It was looked at when the question came in; without one this is the zero Addr.
	address, _ := netip.ParseAddr(q.Address)
	return explanation(e.endpoint.Explain(client, token.Question{
		GrantType: q.GrantType,
		Scope:     q.Scope,
		Resources: q.Resources,
		Origin:    q.Origin,
		Referer:   q.Referer,
		Address:   address,
		At:        q.At,
		Method:    q.Method,
		Path:      q.Path,
		API:       q.Audience,
	})), true
}

// ExplainAccess says whether the token is good for a request to an API.
func (e explainer) ExplainAccess(text, method, path, audience string) admin.Explanation {
	return explanation(e.reader.ExplainAccess(text, method, path, audience))
}

func explanation(x token.Explanation) admin.Explanation {
	steps := make([]admin.ExplainedStep, len(x.Steps))
	for i, step := range x.Steps {
		steps[i] = admin.ExplainedStep{Rule: step.Rule, Passed: step.Passed, Sentence: step.Sentence}
	}
	return admin.Explanation{Granted: x.Granted, Sentence: x.Sentence, Steps: steps, Scopes: x.Scopes, Audience: x.Audience}
}
