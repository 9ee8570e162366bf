package token

import (
	"errors"
	"fmt"

	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/web"
)

// Step is one rule that was held against a request, and what it said.
type Step struct {
	// Rule is one of: key, validity, origin, network, rate, grant_type, token, scope,
	// audience, mode, route.
	Rule     string
	Passed   bool
	Sentence string
}

// The rules, by the names that explanations give them.
const (
	ruleKey       = "key"
	ruleValidity  = "validity"
	ruleOrigin    = "origin"
	ruleNetwork   = "network"
	ruleRate      = "rate"
	ruleGrantType = "grant_type"
	ruleToken     = "token"
	ruleScope     = "scope"
	ruleAudience  = "audience"
	ruleMode      = "mode"
	ruleRoute     = "route"
)

// trail is what a request leaves behind on its way past the rules. The endpoint
// walks that way with a nil trail, which notes nothing and costs nothing; an
// explanation walks the same way with one. Both end at the first rule that refuses.
type trail struct{ steps []Step }

// saw notes what a rule said, and returns the error of the rule.
func (t *trail) saw(rule string, err error, passed string) error {
	if t == nil {
		return err
	}
	if err != nil {
		t.steps = append(t.steps, Step{Rule: rule, Sentence: sentenceOf(err)})
		return err
	}
	t.steps = append(t.steps, Step{Rule: rule, Passed: true, Sentence: passed})
	return nil
}

// passed notes a rule that did not refuse. Its arguments would cost the endpoint an
// allocation: call it with a trail only.
func (t *trail) passed(rule, format string, args ...any) {
	t.steps = append(t.steps, Step{Rule: rule, Passed: true, Sentence: fmt.Sprintf(format, args...)})
}

// refused notes a rule that refused in words of its own.
func (t *trail) refused(rule, sentence string) {
	t.steps = append(t.steps, Step{Rule: rule, Sentence: sentence})
}

// policy notes the parts of what a policy said, which was err.
func (t *trail) policy(rules *policy.Rules, q policy.Request, r *web.Request, err error) {
	if t.saw(ruleValidity, rules.AdmitTime(r.At), "the key is valid at this time") != nil ||
		t.saw(ruleOrigin, rules.AdmitOrigin(q), "the key does not mind this web origin") != nil ||
		t.saw(ruleNetwork, rules.AdmitNetwork(q), "the key does not mind this address") != nil {
		return
	}
	if err != nil {
		// A part of the policy that has no name here decides all the same.
		t.refused(ruleKey, sentenceOf(err))
	}
}

// sentenceOf is what the client is told.
func sentenceOf(err error) string {
	refusal, ok := errors.AsType[*web.Error](err)
	if ok {
		return printable(refusal.Public.Description)
	}
	return "an unexpected error happened; the server log has the cause"
}

// printable keeps a sentence inside the characters that an error_description may
// have, as package web does.
func printable(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			b[i] = '?'
		}
	}
	return string(b)
}
