package clientauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// Assertions decides who is calling with a JWT that the caller has signed
// (private_key_jwt). All fields are required.
type Assertions struct {
	// Issuer is this server's, and TokenEndpoint the URL of its token endpoint.
	Issuer, TokenEndpoint string
	// Replay remembers which assertions were used.
	Replay Replay
	// Decoys are verified with where there is no key, so that it takes as long.
	Decoys *assertion.Keys
}

// Replay is the part of a store that remembers what was used.
type Replay interface {
	Use(ctx context.Context, u store.OneTime) error
}

// The parameters of an assertion (RFC 7521 §4.2).
const (
	assertionParam     = "client_assertion"
	assertionTypeParam = "client_assertion_type"
)

// asserted reports whether the request authenticates with an assertion.
func asserted(r *web.Request) bool {
	return r.Params.Get(assertionParam) != "" || r.Params.Get(assertionTypeParam) != ""
}

// readAssertion takes the assertion out of the request. Its errors depend on the
// request alone, never on a key.
func readAssertion(r *web.Request) (string, error) {
	text := r.Params.Get(assertionParam)
	switch {
	// RFC 6749 §2.3: a client must not use more than one method in a request.
	// RFC 7521 §4.2: nor an assertion beside another method.
	case r.Authorization != "" || r.Params.Get("client_secret") != "":
		return "", web.Refuse(oauth.InvalidRequest, "client_assertion was sent together with Authorization or client_secret; send one of them")
	// RFC 7523 §2.2: the type is exactly this.
	case r.Params.Get(assertionTypeParam) != oauth.JWTBearerAssertion:
		return "", web.Refuse(oauth.InvalidRequest, "client_assertion_type is not "+oauth.JWTBearerAssertion+"; send it with this value")
	// RFC 7521 §4.2: client_assertion is required beside its type.
	case text == "":
		return "", web.Refuse(oauth.InvalidRequest, "client_assertion is missing; send the JWT in it")
	}
	return text, nil
}

// byAssertion returns the key that signed the assertion of the request. Whatever is
// wrong with an assertion, the answer has the same bytes; the log says what it was.
func (a *Authenticator) byAssertion(ctx context.Context, r *web.Request) (*mirror.Client, error) {
	text, err := readAssertion(r)
	if err != nil {
		return nil, err
	}
	id := r.Params.Get("client_id")
	read, err := assertion.Parse(text)
	if err != nil {
		return nil, a.refuseAssertion(r, id, err)
	}
	// RFC 7521 §4.2: a client_id beside the assertion names the same client.
	if id != "" && id != read.ClientID() {
		return nil, web.Refuse(oauth.InvalidRequest, "client_id differs from the sub of client_assertion; send one of them, or the same")
	}
	id = read.ClientID()
	client := a.Clients.Client(id)
	err = read.Verify(client.Keys(), a.Assertions.Decoys)
	if err == nil {
		here := assertion.Place{Issuer: a.Assertions.Issuer, TokenEndpoint: a.Assertions.TokenEndpoint, Now: r.At}
		err = read.Check(client.Keys(), here)
	}
	if err != nil {
		return nil, a.refuseAssertion(r, id, err)
	}
	err = a.Assertions.spend(ctx, client, read, r.At)
	if errors.Is(err, store.ErrUsed) {
		return nil, a.refuseAssertion(r, id, err)
	}
	if err != nil {
		r.Record.Claimed = id
		return nil, err
	}
	r.Record.ClientID = id
	return client, nil
}

// spend notes that the assertion is used. Without an answer of the store nothing is
// let in.
//
// RFC 7523 §3: an assertion whose jti was seen before is refused.
// RFC 7521 §8.2: an id is what tells that it is used again.
func (a *Assertions) spend(ctx context.Context, client *mirror.Client, read *assertion.Assertion, now time.Time) error {
	from, until := read.Span()
	// A client that hangs up has shown its assertion all the same.
	err := a.Replay.Use(context.WithoutCancel(ctx), store.OneTime{
		Kind: store.UsedAssertion, Owner: client.ID, ID: read.ID(), At: now, From: from, Until: until,
	})
	forgotten, crashed := errors.AsType[*store.ForgottenError](err)
	switch {
	case crashed:
		return &web.Error{
			Public: oauth.Error{
				Code:        oauth.TemporarilyUnavailable,
				Description: "the server has lost track of which assertions were used; wait, and send a new one",
			},
			RetryAfter: max(forgotten.Until.Add(assertion.Skew).Sub(now), time.Second),
			Cause:      err,
		}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrUnknown):
		return &web.Error{
			Public: oauth.Error{
				Code:        oauth.TemporarilyUnavailable,
				Description: "the server cannot find out whether the assertion was used before; send a new one shortly",
			},
			RetryAfter: time.Second,
			Cause:      err,
		}
	}
	return err
}

// refuseAssertion counts a failure and returns what the caller is told, which is the
// same for an id that is not ours.
//
// RFC 7523 §3.2: an assertion that is not good is invalid_client.
// RFC 7521 §4.2.1: as any other is.
func (a *Authenticator) refuseAssertion(r *web.Request, id string, cause error) error {
	pairs := []pair{{id: id}}
	r.Record.Claimed = a.claimed(pairs)
	refusal := a.fail(r, pairs, "client authentication failed; check that the assertion is signed with a key that is registered for its client, "+
		"has the client id as iss and sub, this server's issuer as aud, an exp at most 5 minutes away, and a jti that was not used before")
	refusal.Cause = fmt.Errorf("the assertion is refused: %w", cause)
	return refusal
}
