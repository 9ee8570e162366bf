package keys

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/grantd/grantd/internal/store"
)

// Ring holds the signing keys of this node, opened. Its zero value with a
// Sealer is empty; [Ring.Load] fills it, and lookups take no lock.
type Ring struct {
	// Sealer opens and seals the private keys.
	Sealer *Sealer

	current atomic.Pointer[ringState]
}

// Active is the key that signs for an algorithm now.
type Active struct {
	// ID is the kid.
	ID string
	// Algorithm is the JWA name.
	Algorithm string
	Signer
}

type ringState struct {
	active map[string]*Active
	jwks   Document
}

// New makes a signing key: generated, named by its thumbprint, sealed.
func (r *Ring) New(algorithm string, at time.Time) (store.SigningKey, error) {
	private, err := generate(algorithm)
	if err != nil {
		return store.SigningKey{}, fmt.Errorf("generate a signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return store.SigningKey{}, fmt.Errorf("encode a signing key: %w", err)
	}
	jwk := jose.JSONWebKey{Key: private.Public()}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return store.SigningKey{}, fmt.Errorf("name a signing key: %w", err)
	}
	id := kid(thumbprint)
	return store.SigningKey{
		ID:        id,
		Algorithm: algorithm,
		Sealed:    r.Sealer.Seal(SigningKey, id, der),
		CreatedAt: at,
	}, nil
}

// Load replaces the keys by these, oldest first. On an error the ring stays as
// it was.
func (r *Ring) Load(records []store.SigningKey) error {
	state := &ringState{active: map[string]*Active{}}
	set := jose.JSONWebKeySet{}
	for _, record := range records {
		private, err := r.open(record)
		if err != nil {
			return err
		}
		signer, err := newSigner(record.Algorithm, private)
		if err != nil {
			return fmt.Errorf("load signing key %s: %w", record.ID, err)
		}
		// The newest key of an algorithm signs; the older ones still verify.
		state.active[record.Algorithm] = &Active{ID: record.ID, Algorithm: record.Algorithm, Signer: signer}
		set.Keys = append(set.Keys, jose.JSONWebKey{
			Key:       private.Public(),
			KeyID:     record.ID,
			Algorithm: record.Algorithm,
			Use:       "sig",
		})
	}
	document, err := newDocument(set)
	if err != nil {
		return err
	}
	state.jwks = document
	r.current.Store(state)
	return nil
}

func (r *Ring) open(record store.SigningKey) (crypto.Signer, error) {
	der, err := r.Sealer.Open(SigningKey, record.ID, record.Sealed)
	if err != nil {
		return nil, fmt.Errorf("open signing key %s: %w", record.ID, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("decode signing key %s: %w", record.ID, err)
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("decode signing key %s: a %T does not sign", record.ID, parsed)
	}
	return private, nil
}

// Active returns the key that signs for the algorithm, or nil.
func (r *Ring) Active(algorithm string) *Active {
	return r.current.Load().active[algorithm]
}

// JWKS returns the published key set.
func (r *Ring) JWKS() Document { return r.current.Load().jwks }

// order puts the default algorithm's newest key first: some readers try the
// keys one after the other.
func order(set *jose.JSONWebKeySet) {
	slices.Reverse(set.Keys)
	slices.SortStableFunc(set.Keys, func(a, b jose.JSONWebKey) int {
		return slices.Index(Algorithms(), a.Algorithm) - slices.Index(Algorithms(), b.Algorithm)
	})
}
