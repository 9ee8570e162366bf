package token

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// Inspection is what a token says, for operators.
type Inspection struct {
	// Kind is empty when the token is none of this server.
	Kind Kind
	// Active says that the token is good now.
	Active bool
	// Why says why it is not; empty while it is.
	Why             string
	ClientID, Scope string
	Audience        []string
	// ID is the jti of an access token; Family is there when the token is a refresh
	// token or came with one.
	ID, Family string
	// Generation counts the rotations before this refresh token.
	Generation int64
	// Mode is live or test.
	Mode store.Mode
	// Claims are the static claims, a JSON object; empty without any.
	Claims string
	// Header and Members are all that a JWT says.
	Header, Members []Member
	// KeyID is the signing key of a JWT.
	KeyID               string
	IssuedAt, ExpiresAt time.Time
	// Revocation is what ends the token.
	Revocation store.Revocation
}

// Inspect says what a token of ours says, whether it is active, and if not, why.
// Of a refresh token it knows whether its family is alive, not whether it was
// used already.
func (r *Reader) Inspect(text string) Inspection {
	now := instant(r.Now())
	var c contents
	err := r.read(text, now, &c)
	if err != nil {
		return Inspection{Why: foreign(err)}
	}
	found := r.flaw(&c, now)
	i := Inspection{
		Kind: c.kind, Active: found == sound, ClientID: c.clientID, Scope: c.scope, Audience: c.audience,
		Mode: c.mode, Claims: object(c.static), KeyID: c.keyID, IssuedAt: c.issued, ExpiresAt: c.expires, Revocation: c.revocation(),
	}
	if c.refresh == nil {
		i.ID = string(c.id.append(nil))
	} else {
		i.Generation = c.refresh.generation
	}
	if c.keyID != "" {
		i.Header, i.Members = members(text)
	}
	if c.id.inFamily {
		i.Family = base64.RawURLEncoding.EncodeToString(c.id.family[:])
	}
	if found != sound {
		i.Why = r.why(found, &c, now)
	}
	return i
}

// foreign says why a token was not read. Package keys words it for JWTs.
func foreign(err error) string {
	if errors.Is(err, keys.ErrToken) {
		_, reason, found := strings.Cut(err.Error(), ": ")
		if found {
			return "it is no token of this server: " + reason
		}
	}
	return "it is no token of this server, or was cut or altered"
}

// why is the flaw in words, with the time where it has one.
func (r *Reader) why(found flaw, c *contents, now time.Time) string {
	switch found {
	case expired:
		return "it expired " + ago(now.Sub(c.expires))
	case unused:
		return fmt.Sprintf("it was not used within %s of being issued", c.refresh.idle)
	default:
		return found.String()
	}
}

// ago says how long ago something was, as people say it.
func ago(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		n := int64(d / unit.size)
		if n == 1 {
			return "1 " + unit.name + " ago"
		}
		if n > 1 {
			return fmt.Sprintf("%d %ss ago", n, unit.name)
		}
	}
	return "just now"
}
