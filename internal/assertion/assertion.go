package assertion

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Assertion is a JWT that was read and not verified yet.
type Assertion struct {
	jws    *jose.JSONWebSignature
	claims claims
	kid    string
	// algorithm is one of [Algorithms].
	algorithm string
}

// What is read before a signature is looked at is bounded: a certificate or two and
// a handful of claims fit in.
const (
	maxHeader    = 4 << 10
	maxPayload   = 8 << 10
	maxSignature = 1 << 10
	maxID        = 256
)

// The errors say for the log why an assertion is none, or not good, and quote
// nothing of it.
var (
	errForm      = errors.New("it is no JWT in the compact form with an algorithm of ours")
	errCritical  = errors.New("its header asks for an extension")
	errType      = errors.New("its typ is that of another kind of JWT")
	errSignature = errors.New("it is not signed with a key that is registered for this client id")
	errSubject   = errors.New("iss and sub are not both the client id")
	errNotOurs   = errors.New("aud is not this server's issuer alone")
	errExpired   = errors.New("exp has passed")
	errTooLong   = errors.New("exp is more than 5 minutes away")
	errFuture    = errors.New("iat or nbf is in the future")
	errID        = errors.New("jti is missing, or longer than 256 bytes")
)

// Parse reads an assertion. Nothing in it is to be believed before Verify.
func Parse(text string) (*Assertion, error) {
	header, rest, _ := strings.Cut(text, ".")
	payload, signature, found := strings.Cut(rest, ".")
	if !found || len(header) > maxHeader || len(payload) > maxPayload || len(signature) > maxSignature ||
		!canonical(header) || !canonical(payload) || !canonical(signature) {
		return nil, errForm
	}
	// RFC 7523 §3: a JWT that is not signed, or with a MAC, is no assertion of a key.
	// RFC 8725 §3.1: which algorithms there are is not up to the JWT.
	jws, err := jose.ParseSignedCompact(text, allowed())
	if err != nil {
		return nil, errForm
	}
	a := &Assertion{jws: jws, kid: jws.Signatures[0].Protected.KeyID, algorithm: jws.Signatures[0].Protected.Algorithm}
	err = checkHeader(jws.Signatures[0].Protected)
	if err != nil {
		return nil, err
	}
	a.claims, err = readClaims(jws.UnsafePayloadWithoutVerification())
	if err != nil {
		return nil, err
	}
	return a, nil
}

// canonical reports whether a part is the one text of its bytes; readers of base64
// forgive line breaks and spare bits. An empty part is none.
//
// RFC 7515 §5.2: nothing but the characters of base64url is in them.
func canonical(part string) bool {
	_, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return part != "" && err == nil && !strings.ContainsAny(part, "\r\n")
}

// checkHeader looks at what beside alg and kid matters. A key, a certificate or an
// address of one in the header is left alone: keys come from the record.
func checkHeader(header jose.Header) error {
	// RFC 7515 §4.1.11: an extension that must be understood is not.
	_, critical := header.ExtraHeaders["crit"]
	if critical {
		return errCritical
	}
	typ, there := header.ExtraHeaders[jose.HeaderType]
	if !there {
		return nil
	}
	text, _ := typ.(string)
	// RFC 8725 §3.11: a JWT that its client signed for something else is no assertion.
	text = strings.TrimPrefix(strings.ToLower(text), "application/")
	if text != "jwt" && text != "client-authentication+jwt" {
		return errType
	}
	return nil
}

// ClientID is who the assertion claims to be.
func (a *Assertion) ClientID() string { return a.claims.subject }

// ID is the jti.
func (a *Assertion) ID() string { return a.claims.id }

// Verify reports whether one of the keys made the signature, and if so nil. Without
// one that could have, it does the work with a decoy.
//
// RFC 7523 §3: the signature must be valid.
func (a *Assertion) Verify(keys, decoys *Keys) error {
	candidates, known := keys.candidates(a.kid, a.algorithm), true
	if len(candidates) == 0 {
		candidates, known = decoys.candidates("", a.algorithm), false
	}
	for _, one := range candidates {
		_, err := a.jws.Verify(one.public)
		if err == nil && known {
			return nil
		}
	}
	return errSignature
}

// Place is where and when an assertion is judged.
type Place struct {
	// Issuer is this server's, and TokenEndpoint the URL of its token endpoint.
	Issuer, TokenEndpoint string
	// Now is the time.
	Now time.Time
}

const (
	// Longest is how far away exp may be.
	Longest = 5 * time.Minute
	// Skew is how far the clock of a client may be apart from ours.
	Skew = time.Minute
)

// Check returns nil when the claims are those of an assertion that is good here and
// now, for a client with these keys.
func (a *Assertion) Check(keys *Keys, here Place) error {
	c := &a.claims
	switch {
	// RFC 7523 §3: for client authentication sub is the client id, and so is iss.
	// RFC 7521 §6.1: the subject is the client.
	case c.subject == "" || c.issuer != c.subject:
		return errSubject
	case !keys.takes(c.audience, here):
		return errNotOurs
	// RFC 7523 §3: an assertion that has expired is refused.
	// RFC 7521 §5.2: so is one without an end.
	case !here.Now.Before(c.expires.Add(Skew)):
		return errExpired
	// RFC 7523 §3: the server may refuse an exp that is unreasonably far away.
	case c.expires.After(here.Now.Add(Longest + Skew)):
		return errTooLong
	// RFC 7523 §3: an assertion is not taken before its nbf.
	case c.notBefore.After(here.Now.Add(Skew)), c.issued.After(here.Now.Add(Skew)):
		return errFuture
	// RFC 7523 §3: jti may be asked for, so that no assertion is used twice.
	case c.id == "" || len(c.id) > maxID:
		return errID
	}
	return nil
}

// takes reports whether the audience is this server and nobody else.
//
// RFC 7523 §3: the audience is this server, by a name that it knows itself by.
func (k *Keys) takes(audience []string, here Place) bool {
	if !k.endpoint {
		return len(audience) == 1 && audience[0] == here.Issuer
	}
	return len(audience) > 0 && !slices.ContainsFunc(audience, func(one string) bool {
		return one != here.Issuer && one != here.TokenEndpoint
	})
}

// Span is from when on and until when the assertion can be good, by our clock:
// before and after, Check refuses it.
func (a *Assertion) Span() (from, until time.Time) {
	c := &a.claims
	from = c.expires.Add(-Longest)
	for _, other := range []time.Time{c.issued, c.notBefore} {
		if other.After(from) {
			from = other
		}
	}
	return from.Add(-Skew), c.expires.Add(Skew)
}
