package clientauth

import (
	"context"
	"time"

	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/policy"
	"github.com/grantd/grantd/internal/web"
)

// Clients finds keys by their client id.
type Clients interface {
	Client(id string) *mirror.Client
}

// Authenticator decides who is calling.
type Authenticator struct {
	// Clients are the keys of this server.
	Clients Clients
	// Pepper is the key of the secrets' hashes.
	Pepper *Pepper
	// Imported compares secrets with hashes that other servers made.
	Imported *Imported
	// Uses is told of every secret that opened the door.
	Uses *Uses
	// Assertions checks what keys have signed.
	Assertions *Assertions
	// Failures counts the attempts that failed; nil lets them fail without end.
	Failures *policy.Failures
	// Now is the clock; secrets expire by it.
	Now func() time.Time
}

// Authenticate returns the key whose credentials the request carries. An
// unknown id and a wrong secret get the same bytes after the same work, but for
// the keys with imported secrets: see [Imported]. A right secret is let in however
// many wrong ones were tried before it.
func (a *Authenticator) Authenticate(ctx context.Context, r *web.Request) (*mirror.Client, error) {
	if asserted(r) {
		client, err := a.byAssertion(ctx, r)
		if err != nil {
			return nil, err
		}
		return admitted(client, r)
	}
	return a.bySecret(ctx, r)
}

// bySecret is Authenticate for a request with a secret.
func (a *Authenticator) bySecret(ctx context.Context, r *web.Request) (*mirror.Client, error) {
	offered, err := read(r)
	if err != nil {
		return nil, err
	}
	proof, err := a.prove(ctx, r, offered.pairs)
	if err != nil {
		r.Record.Claimed = a.claimed(offered.pairs)
		return nil, err
	}
	client := proof.client
	if client == nil {
		r.Record.Claimed = a.claimed(offered.pairs)
		return nil, a.fail(r, offered.pairs, "client authentication failed; check the client id and its secret")
	}
	// From here on the caller has proved that it holds the secret, so that it
	// may be told more.
	if proof.expired {
		r.Record.Claimed = client.ID
		return nil, refused("this secret has expired; use another one of the key, or ask whoever issued it for a new one")
	}
	r.Record.ClientID, r.Record.Disabled = client.ID, client.Disabled()
	// Whoever is refused below still has the secret in use.
	a.Uses.note(usedSecret{client.ID, proof.hash, proof.imported}, newMoment(r.At, r.Peer))
	if !client.AllowsMethod(offered.method) {
		return nil, refused("this key may not authenticate with " + string(offered.method) + "; use another method or change the key")
	}
	return admitted(client, r)
}

// admitted returns a key whose caller is known, if it may be used now.
func admitted(client *mirror.Client, r *web.Request) (*mirror.Client, error) {
	err := AdmitEnabled(client)
	if err != nil {
		return nil, err
	}
	err = client.Policy.AdmitTime(r.At)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// AdmitEnabled returns nil unless the key is disabled, and otherwise the error to
// answer with.
func AdmitEnabled(client *mirror.Client) error {
	if client.Disabled() {
		return refused("this key is disabled; ask whoever issued it to enable it")
	}
	return nil
}

// claimed names the key whose id was offered, for the log.
func (a *Authenticator) claimed(pairs []pair) string {
	for _, p := range pairs {
		if a.Clients.Client(p.id) != nil {
			return p.id
		}
	}
	return "unknown"
}

// proof is what credentials turned out to be.
type proof struct {
	// client is the key whose secret was offered; nil if it was nobody's.
	client *mirror.Client
	// hash is that of the secret, unless imported is its PHC string.
	hash     [HashSize]byte
	imported string
	// expired says that the secret was right once.
	expired bool
	// late says that it took a slow hash to find out, and the wait for one.
	late bool
}

// prove compares the credentials with the secrets we made, which is fast, and
// only then with those of another server. What that takes seconds to find out is
// remembered and looked at again: meanwhile the key may have been disabled, or the
// secret have expired.
func (a *Authenticator) prove(ctx context.Context, r *web.Request, pairs []pair) (proof, error) {
	now := r.At
	for {
		own := a.match(pairs, now)
		if own.client != nil {
			return own, nil
		}
		imported, err := a.Imported.match(ctx, a.Clients, pairs, now, a.exhausted(r, pairs))
		if err != nil || !imported.late {
			return imported, err
		}
		now = a.Now()
	}
}

// match tries every reading of the credentials, always all of them.
func (a *Authenticator) match(pairs []pair, now time.Time) proof {
	var matched proof
	for _, p := range pairs {
		client := a.Clients.Client(p.id)
		hash := a.Pepper.Hash(p.id, p.secret)
		// A key without a record compares with one that no secret matches.
		live, expired := client.Matches(&hash, now), client.MatchesExpired(&hash, now)
		if (live || expired) && matched.client == nil {
			matched = proof{client: client, hash: hash, expired: expired}
		}
	}
	return matched
}
