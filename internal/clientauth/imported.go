package clientauth

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/mirror"
)

// Imported compares secrets with hashes that other servers made. People may have
// chosen those secrets, so the hashes are slow, and a flood of requests must not
// turn that against us:
//
//   - whether a secret is right is found out once and remembered;
//   - few slow hashes run at once, and one for each key;
//   - whoever has used up the failures of a key gets none: see [Authenticator];
//   - requests wait for their turn for a while, and so many of them at most.
//
// A wrong secret of such a key is refused later than an unknown id, which tells
// a stranger that the key exists.
type Imported struct {
	pepper *Pepper
	// right and wrong hold what was found out. There are two of them so that a
	// flood of wrong secrets does not crowd out a right one.
	right, wrong memory
	gate         gate
	// compare runs the slow hash.
	compare func(h slowHash, secret string) bool
}

const (
	// The most that is remembered is twice these.
	rememberedRight = 1 << 18
	rememberedWrong = 1 << 13
	// maxSecret is the longest secret that is compared with an imported hash.
	maxSecret = 512
)

// NewImported makes one; the pepper keys what it remembers.
func NewImported(pepper *Pepper) *Imported {
	return &Imported{
		pepper:  pepper,
		right:   memory{limit: rememberedRight},
		wrong:   memory{limit: rememberedWrong},
		gate:    newGate(),
		compare: slowHash.matches,
	}
}

// claim is that the secret has the hash phc, which the record of client lists.
type claim struct {
	client  *mirror.Client
	secret  string
	phc     string
	expired bool
	key     memoryKey
}

// match looks for an imported secret among the readings of the credentials; with
// exhausted, among those only that are known to be right. Its only error is that it
// could not be found out now.
func (i *Imported) match(ctx context.Context, clients Clients, pairs []pair, now time.Time, exhausted bool) (proof, error) {
	var claims []claim
	for _, p := range pairs {
		claims = i.appendClaims(claims, clients.Client(p.id), p, now)
	}
	// A secret that is known to be right is found before another reading of the
	// credentials costs a slow hash.
	for _, c := range claims {
		if !c.expired && i.right.has(c.key) {
			return c.proof(), nil
		}
	}
	for _, c := range claims {
		remembered := i.right.has(c.key)
		if exhausted && !remembered {
			continue
		}
		right, err := i.holds(ctx, c)
		if err != nil {
			return proof{}, err
		}
		if right {
			found := c.proof()
			found.late = !remembered
			return found, nil
		}
	}
	return proof{}, nil
}

func (i *Imported) appendClaims(claims []claim, client *mirror.Client, p pair, now time.Time) []claim {
	live, expired := client.Imported(now), client.ImportedExpired(now)
	if len(live)+len(expired) == 0 || !plausible(p.secret) {
		return claims
	}
	hash := i.pepper.Hash(p.id, p.secret)
	for _, phc := range live {
		claims = append(claims, claim{client, p.secret, phc, false, newMemoryKey(&hash, phc)})
	}
	for _, phc := range expired {
		claims = append(claims, claim{client, p.secret, phc, true, newMemoryKey(&hash, phc)})
	}
	return claims
}

// plausible refuses what no server lets people choose. HMAC and bcrypt take a
// secret with some NULs added for the same one.
func plausible(secret string) bool {
	return len(secret) <= maxSecret && strings.IndexByte(secret, 0) < 0
}

func (c *claim) proof() proof {
	return proof{client: c.client, imported: c.phc, expired: c.expired}
}

// holds reports whether the claim is true.
func (i *Imported) holds(ctx context.Context, c claim) (bool, error) {
	right, known := i.recall(c.key)
	if known {
		return right, nil
	}
	h, err := parsePHC(c.phc)
	if err != nil || len(c.secret) > h.maxSecret() {
		// No secret matches a hash that we would not have taken.
		return false, nil //nolint:nilerr // as said
	}
	leave, err := i.gate.enter(ctx, c.client.ID)
	if err != nil {
		return false, err
	}
	defer leave()
	// The one before us may have found it out.
	right, known = i.recall(c.key)
	if known {
		return right, nil
	}
	right = i.compare(h, c.secret)
	if right {
		i.right.add(c.key)
	} else {
		i.wrong.add(c.key)
	}
	return right, nil
}

func (i *Imported) recall(key memoryKey) (right, known bool) {
	if i.right.has(key) {
		return true, true
	}
	return false, i.wrong.has(key)
}

// newMemoryKey stands for a secret of a key and the hash it is compared with.
// Whether they match never changes, so what is remembered is never stale; a hash
// that the record no longer lists is not asked for.
func newMemoryKey(hash *[HashSize]byte, phc string) memoryKey {
	b := make([]byte, 0, 256)
	b = append(b, hash[:]...)
	sum := sha256.Sum256(append(b, phc...))
	return memoryKey(sum[:])
}
