package keys

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// Ring holds the signing keys of this node, opened. Its zero value with a
// Sealer is empty; [Ring.Load] fills it, and lookups take no lock.
type Ring struct {
	// Sealer opens and seals the private keys.
	Sealer *Sealer
	// Schedule says when keys take over from each other.
	Schedule Schedule
	// Now tells Load which keys are gone: those need not open any more. Without it
	// every key must.
	Now func() time.Time

	current  atomic.Pointer[ringState]
	verified memory
	// revoked holds the ids of keys that were ever loaded as revoked.
	revoked sync.Map
}

// Active is the key that signs for an algorithm now.
type Active struct {
	// ID is the kid.
	ID string
	// Algorithm is the JWA name.
	Algorithm string
	Signer
}

// ringState is what one Load made of the keys.
type ringState struct {
	signers   map[string]timeline[*Active]
	documents timeline[Document]
	verifiers map[string]*verifier
}

// New makes a signing key: generated, named by its thumbprint, sealed.
func (r *Ring) New(algorithm string, created, activates time.Time) (store.SigningKey, error) {
	for {
		private, err := generate(algorithm)
		if err != nil {
			return store.SigningKey{}, fmt.Errorf("generate a signing key: %w", err)
		}
		jwk := jose.JSONWebKey{Key: private.Public()}
		thumbprint, err := jwk.Thumbprint(crypto.SHA256)
		if err != nil {
			return store.SigningKey{}, fmt.Errorf("name a signing key: %w", err)
		}
		id := kid(thumbprint)
		// On a command line it would look like an option.
		if strings.HasPrefix(id, "-") {
			continue
		}
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return store.SigningKey{}, fmt.Errorf("encode a signing key: %w", err)
		}
		return store.SigningKey{
			ID:          id,
			Algorithm:   algorithm,
			Sealed:      r.Sealer.Seal(SigningKey, id, der),
			CreatedAt:   created,
			ActivatesAt: activates,
		}, nil
	}
}

// Load replaces the keys by these, oldest first. On an error the ring stays as it
// was.
func (r *Ring) Load(records []store.SigningKey) error {
	usable, err := r.openAll(records)
	if err != nil {
		return err
	}
	state, err := newRingState(r.Schedule, usable)
	if err != nil {
		return err
	}
	r.current.Store(state)
	return nil
}

// opened is a signing key that can be used.
type opened struct {
	record  store.SigningKey
	private crypto.Signer
	signer  Signer
}

// openAll opens every key that is used or may come to be used.
func (r *Ring) openAll(records []store.SigningKey) ([]opened, error) {
	gone := map[string]bool{}
	if r.Now != nil {
		for _, status := range r.Schedule.Statuses(records, r.Now()) {
			gone[status.ID] = status.State == StateGone
		}
	}
	var usable []opened
	for _, record := range records {
		if r.everRevoked(record) {
			continue
		}
		key, err := r.open(record)
		if err != nil && gone[record.ID] {
			continue
		}
		if err != nil {
			return nil, err
		}
		usable = append(usable, key)
	}
	return usable, nil
}

// everRevoked says whether the key is revoked, or was by an earlier Load: a store
// that went back to a former state does not make it good again.
func (r *Ring) everRevoked(record store.SigningKey) bool {
	if !record.RevokedAt.IsZero() {
		r.revoked.Store(record.ID, true)
		return true
	}
	_, was := r.revoked.Load(record.ID)
	return was
}

// unseal returns the private key in PKCS #8.
func (r *Ring) unseal(record store.SigningKey) ([]byte, error) {
	der, err := r.Sealer.Open(SigningKey, record.ID, record.Sealed)
	if err != nil {
		err = fmt.Errorf("open signing key %s: %w", record.ID, err)
		return nil, fault.Hint(err, "it opens with the master key that sealed it: put that one back from your backup, after the one that is there")
	}
	return der, nil
}

func (r *Ring) open(record store.SigningKey) (opened, error) {
	der, err := r.unseal(record)
	if err != nil {
		return opened{}, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return opened{}, fmt.Errorf("decode signing key %s: %w", record.ID, err)
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return opened{}, fmt.Errorf("decode signing key %s: a %T does not sign", record.ID, parsed)
	}
	signer, err := newSigner(record.Algorithm, private)
	if err != nil {
		return opened{}, fmt.Errorf("load signing key %s: %w", record.ID, err)
	}
	return opened{record: record, private: private, signer: signer}, nil
}

// Reseal seals a key anew under the first master key. It returns false when that
// is what it is sealed under already.
func (r *Ring) Reseal(record store.SigningKey) ([]byte, bool, error) {
	der, err := r.unseal(record)
	if err != nil {
		return nil, false, err
	}
	if !r.Sealer.old(record.Sealed) {
		return nil, false, nil
	}
	return r.Sealer.Seal(SigningKey, record.ID, der), true, nil
}

// Active returns the key that signs for the algorithm at an instant, or nil.
func (r *Ring) Active(algorithm string, at time.Time) *Active {
	signer, _ := r.current.Load().signers[algorithm].at(at)
	return signer
}

// JWKS returns the key set that is published at an instant.
func (r *Ring) JWKS(at time.Time) Document {
	document, until := r.current.Load().documents.at(at)
	document.MaxAge = maxAge(r.Schedule.MaxAge, until.Sub(at), !until.IsZero())
	return document
}
