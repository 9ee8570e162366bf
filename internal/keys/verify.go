package keys

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Verified is a token with a signature of ours.
type Verified struct {
	// KeyID is the kid, and Algorithm the key's.
	KeyID, Algorithm string
	// Type is the typ of the header.
	Type string
	// Payload is what was signed.
	Payload []byte
}

// ErrToken is the answer to every JWT without a valid signature of a key of ours.
// What wraps it says why, in a sentence that quotes nothing of the token.
var ErrToken = errors.New("not a token of this server")

var (
	errForm      = fmt.Errorf("%w: it is no JWT in the compact form with an algorithm of ours", ErrToken)
	errCritical  = fmt.Errorf("%w: its header asks for an extension", ErrToken)
	errKey       = fmt.Errorf("%w: its signing key is unknown, revoked or gone", ErrToken)
	errAlgorithm = fmt.Errorf("%w: its algorithm is not that of its signing key", ErrToken)
	errSignature = fmt.Errorf("%w: its signature is not valid", ErrToken)
)

// verifier is the public half of a signing key.
type verifier struct {
	id, algorithm string
	public        crypto.PublicKey
	// gone is from when on it is not in the JWKS; zero when that is not known yet.
	gone time.Time
}

func newVerifier(key opened, gone time.Time) *verifier {
	return &verifier{id: key.record.ID, algorithm: key.record.Algorithm, public: key.private.Public(), gone: gone}
}

// verifier returns the key with this kid if it is in the JWKS at the instant. One
// that does not sign yet by our clock is: another node's may be ahead.
func (r *Ring) verifier(kid string, at time.Time) *verifier {
	key := r.current.Load().verifiers[kid]
	if key == nil || !key.gone.IsZero() && !at.Before(key.gone) {
		return nil
	}
	return key
}

// Verify checks the signature of a JWT with the key of ours that it names, if
// that one is in the JWKS at the instant. It does not look at the claims. A token
// that was verified before costs a hash instead of a signature, but its key is
// looked at each time.
func (r *Ring) Verify(token string, at time.Time) (Verified, error) {
	parts, ok := split(token)
	if !ok {
		return Verified{}, errForm
	}
	sum := sha256.Sum256([]byte(token))
	seen := r.verified.get(&sum)
	if seen == nil {
		return r.verify(token, parts, &sum, at)
	}
	key := r.verifier(seen.keyID, at)
	if key == nil {
		return Verified{}, errKey
	}
	payload, err := strict.DecodeString(parts[1])
	if err != nil {
		return Verified{}, errForm
	}
	return Verified{KeyID: key.id, Algorithm: key.algorithm, Type: seen.typ, Payload: payload}, nil
}

// verify does so for a token that is not remembered.
func (r *Ring) verify(token string, parts [3]string, sum *[sha256.Size]byte, at time.Time) (Verified, error) {
	if !canonical(parts) {
		return Verified{}, errForm
	}
	// RFC 8725 §3.1: which algorithms there are is not up to the token.
	// RFC 8725 §3.2: none is not among them.
	// RFC 7515 §4: go-jose refuses a header with a member twice.
	jws, err := jose.ParseSignedCompact(token, allowedAlgorithms())
	if err != nil {
		return Verified{}, errForm
	}
	header := jws.Signatures[0].Protected
	// RFC 7515 §4.1.11: an extension that must be understood is not.
	_, critical := header.ExtraHeaders["crit"]
	if critical {
		return Verified{}, errCritical
	}
	// RFC 8725 §3.10: the kid finds a key of ours or none; a key or an address of
	// one inside the token is left alone.
	key := r.verifier(header.KeyID, at)
	if key == nil {
		return Verified{}, errKey
	}
	// RFC 8725 §3.1: a key is used with the one algorithm it is meant for.
	if header.Algorithm != key.algorithm {
		return Verified{}, errAlgorithm
	}
	payload, err := jws.Verify(key.public)
	if err != nil {
		return Verified{}, errSignature
	}
	typ, _ := header.ExtraHeaders[jose.HeaderType].(string)
	r.verified.put(&remembered{sum: *sum, keyID: key.id, typ: typ})
	return Verified{KeyID: key.id, Algorithm: key.algorithm, Type: typ, Payload: payload}, nil
}

const (
	// maxToken bounds the work a made-up token can cause.
	maxToken = 16 << 10
	// maxHeader does so for a header, which is read before the signature; ours
	// have about a hundred characters.
	maxHeader = 512
)

// split cuts the compact form of a token (RFC 7515 §7.1) at its two dots.
func split(token string) ([3]string, bool) {
	if len(token) > maxToken {
		return [3]string{}, false
	}
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, found := strings.Cut(rest, ".")
	ok := found && header != "" && len(header) <= maxHeader && payload != "" && signature != "" && !strings.Contains(signature, ".")
	return [3]string{header, payload, signature}, ok
}

// canonical reports whether each part is the one text of its bytes; readers of
// base64 forgive line breaks and spare bits.
//
// RFC 7515 §5.2: nothing but the characters of base64url is in them.
func canonical(parts [3]string) bool {
	for _, part := range parts {
		_, err := strict.DecodeString(part)
		if err != nil || strings.ContainsAny(part, "\r\n") {
			return false
		}
	}
	return true
}
