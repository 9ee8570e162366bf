package token

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/telemetry"
	"github.com/grantd/grantd/internal/web"
)

// Introspection is the introspection endpoint (RFC 7662 §2).
type Introspection struct {
	// Authenticator says who is calling.
	Authenticator Authenticator
	// Reader reads the token.
	Reader *Reader
	// Directory has the APIs and their resource servers.
	Directory Directory
	// MaxStaleness is how old the directory may be before nothing is answered.
	MaxStaleness time.Duration
	// Ring signs the answers that are asked for as a JWT.
	Ring *keys.Ring
	// Issuer is the iss claim of those.
	Issuer string
	// Metrics counts the answers.
	Metrics *telemetry.Metrics

	workspaces workspaces
}

// Serve answers one introspection request.
func (e *Introspection) Serve(ctx context.Context, w http.ResponseWriter, r *web.Request) error {
	// 1. Refuse to guess when what we know is too old.
	age := e.Directory.Staleness()
	err := fresh(age, e.MaxStaleness)
	if err != nil {
		return err
	}
	// 2. Authenticate the caller.
	// RFC 7662 §2.1: whoever asks must authenticate, or tokens could be guessed.
	// RFC 7662 §2.3: a caller that fails to is told so with 401.
	// RFC 9701 §5: no anonymous caller gets a signed answer, either.
	caller, err := e.Authenticator.Authenticate(ctx, r)
	if err != nil {
		return err
	}
	err = admit(w, r, caller)
	if err != nil {
		return err
	}
	// 3. Say how old the answer may be, and read the token.
	tellAge(w.Header(), age)
	text := r.Params.Get("token")
	if text == "" {
		// RFC 7662 §2.1: token is required.
		return noToken()
	}
	now := instant(r.At)
	work := e.workspaces.take()
	defer e.workspaces.giveBack(work)
	c := &work.contents
	*c = contents{}
	err = e.Reader.read(text, now, c)
	// 4. See that the caller may know, and that the token is good.
	// RFC 7662 §2.2: whoever may not know learns no more than of a token that is dead.
	active := err == nil && e.mayKnow(caller, c) && e.Reader.flaw(c, now) == sound
	e.Metrics.Introspection(active)
	if active {
		c.scope = e.concerning(caller, c)
	}
	// 5. Write.
	if prefersJWT(r.Accept) {
		signed, err := e.sign(work, caller, c, active, now)
		if err != nil {
			return err
		}
		web.WriteAs(w, r.Record, http.StatusOK, introspectionType, []byte(signed))
		return nil
	}
	work.answer = appendIntrospection(work.answer[:0], c, active, e.Issuer)
	web.WriteJSON(w, r.Record, http.StatusOK, work.answer)
	return nil
}

// mayKnow reports whether the caller may see what the token says: its owner and
// the resource servers it is meant for.
//
// RFC 7662 §4: a token is only active for a resource server that it is meant for.
// RFC 9701 §5: nor is it active in a signed answer for anybody else.
func (e *Introspection) mayKnow(caller *mirror.Client, c *contents) bool {
	if c.clientID == caller.ID {
		return true
	}
	// A refresh token is for its key and for this server, for nobody else.
	if c.refresh != nil {
		return false
	}
	for _, audience := range c.audience {
		api := e.Directory.API(audience)
		if api != nil && api.MayIntrospect(caller.ID) {
			return true
		}
	}
	return false
}

// concerning is the part of the scope that is the caller's business: all of it for
// the owner, what belongs to its APIs for a resource server.
//
// RFC 9701 §5: the scope is narrowed down to what is relevant to the one who asks.
func (e *Introspection) concerning(caller *mirror.Client, c *contents) string {
	if c.clientID == caller.ID || len(c.audience) == 1 {
		return c.scope
	}
	var own []string
	index := e.Directory.Scopes(c.mode)
	for one := range strings.SplitSeq(c.scope, " ") {
		api, _, found := index.Find(one)
		if found && api.MayIntrospect(caller.ID) {
			own = append(own, one)
		}
	}
	return strings.Join(own, " ")
}

// sign makes the answer a JWT. The algorithm follows from the caller, never from
// the token, so that it tells nothing about it.
func (e *Introspection) sign(w *workspace, caller *mirror.Client, c *contents, active bool, now time.Time) (string, error) {
	algorithm := keys.ES256
	api := e.Directory.ServedBy(caller.ID)
	if api != nil {
		algorithm = api.Algorithm
	}
	signer := e.Ring.Active(algorithm, now)
	if signer == nil {
		return "", fmt.Errorf("there is no %s signing key for an introspection response", algorithm)
	}
	b := append(w.payload[:0], `{"iss":`...)
	// RFC 9701 §5: iss, aud, iat and token_introspection are there, sub and exp are
	// not, so that nobody takes the answer for an access token.
	b = appendString(b, e.Issuer)
	b = append(b, `,"aud":`...)
	b = appendString(b, caller.ID)
	b = append(b, `,"iat":`...)
	b = strconv.AppendInt(b, now.Unix(), 10)
	b = append(b, `,"token_introspection":`...)
	b = appendIntrospection(b, c, active, e.Issuer)
	w.payload = append(b, '}')
	return w.sign(signer, "token-introspection+jwt", false)
}

// ageHeader carries how many seconds old the answer may be: what was revoked
// elsewhere since then is not in it.
const ageHeader = "Grantd-Data-Age"

func tellAge(header http.Header, age time.Duration) {
	ms := max(age.Milliseconds(), 0)
	b := strconv.AppendInt(make([]byte, 0, 16), ms/1000, 10)
	b = append(b, '.', byte('0'+ms/100%10), byte('0'+ms/10%10), byte('0'+ms%10))
	header[ageHeader] = []string{string(b)}
}
