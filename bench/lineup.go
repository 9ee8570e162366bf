package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// limits are the limit servers that run beside grantd, by their names.
type limits map[string]*process

// imitation is a limit server to start: what it does, and the answer that its
// own are as long as.
type imitation struct {
	name    string
	work    work
	example sample
	// program is another one than this; it takes the same flags.
	program string
}

// startLimits starts one process for each, with more flags. What it returns must be
// stopped, also after an error.
func startLimits(ctx context.Context, folder string, all []imitation, more ...string) (limits, error) {
	running := limits{}
	self, err := os.Executable()
	if err != nil {
		return running, err
	}
	for i, one := range all {
		l := launch{
			program: one.program,
			args:    append(limitArguments(one), more...),
			log:     filepath.Join(folder, fmt.Sprintf("limit%d.log", i)),
		}
		if one.program == "" {
			l.program, l.args = self, append([]string{"limit"}, l.args...)
		}
		p, err := l.start(ctx)
		if err != nil {
			return running, err
		}
		running[one.name] = p
	}
	return running, nil
}

func (l limits) stop() error {
	var errs []error
	for _, p := range l {
		errs = append(errs, p.stop())
	}
	return errors.Join(errs...)
}

func (l limits) host(name string) string { return strings.TrimPrefix(l[name].url, "http://") }

// The names of the limit servers. What is said after "as for" is whose answers they
// are as long as; the others answer as many bytes as an ES256 JWT takes.
const (
	limitNoop = "limit: no-op"
	limitForm = "limit: form"
	limitP256 = "limit: form + P-256 signature"
	// Its nonce is random.
	limitRandom = "limit: form + P-256 signature, random nonce"

	limitFormEdDSA = "limit: form, as for an EdDSA JWT"
	limitEd25519   = "limit: form + Ed25519 signature"
	limitFormRSA   = "limit: form, as for an RS256 JWT"
	limitRSA       = "limit: form + RSA-2048 signature"

	limitOpaque     = "limit: no-op, as for an opaque token"
	limitFormOpaque = "limit: form, as for an opaque token"

	limitAbout        = "limit: no-op, as for introspection, opaque"
	limitFormAbout    = "limit: form, as for introspection, opaque"
	limitAboutJWT     = "limit: no-op, as for introspection of a JWT"
	limitFormAboutJWT = "limit: form, as for introspection of a JWT"
	limitVerify       = "limit: form + P-256 verification, as for introspection of a JWT"
	limitFormInactive = "limit: form, as for introspection, not active"

	limitExchange = "limit: form + P-256 verification + P-256 signature"

	limitJWKS = "limit: no-op, as for the JWKS"

	limitFastNoop = "limit: no-op, on fasthttp"
	limitFastForm = "limit: form, on fasthttp"
)

// basic is the name of a limit server that gets the secret in Authorization: Basic.
func basic(limit string) string { return limit + ", Basic" }

// examples are answers of grantd for the limit servers to imitate.
type examples struct {
	jwt, edDSA, rsa, opaque         sample
	aboutJWT, aboutOpaque, inactive sample
	jwks                            sample
}

func (e examples) imitations() []imitation {
	return []imitation{
		{limitNoop, noop, e.jwt, ""},
		{limitForm, form, e.jwt, ""},
		{limitP256, signP256, e.jwt, ""},
		{limitRandom, signRandom, e.jwt, ""},
		{limitFormEdDSA, form, e.edDSA, ""},
		{limitEd25519, signEd25519, e.edDSA, ""},
		{limitFormRSA, form, e.rsa, ""},
		{limitRSA, signRSA, e.rsa, ""},
		{limitOpaque, noop, e.opaque, ""},
		{limitFormOpaque, form, e.opaque, ""},
		{limitAbout, noop, e.aboutOpaque, ""},
		{limitFormAbout, form, e.aboutOpaque, ""},
		{limitAboutJWT, noop, e.aboutJWT, ""},
		{limitFormAboutJWT, form, e.aboutJWT, ""},
		{limitVerify, verifyP256, e.aboutJWT, ""},
		{limitExchange, exchangeP256, e.jwt, ""},
		{limitFormInactive, form, e.inactive, ""},
		{limitJWKS, noop, e.jwks, ""},
	}
}

// onFasthttp are the limit servers that the program fasthttp is.
func (e examples) onFasthttp(program string) []imitation {
	return []imitation{
		{limitFastNoop, noop, e.jwt, program},
		{limitFastForm, form, e.jwt, program},
	}
}

// encrypted are those that also run behind TLS.
func (e examples) encrypted() []imitation {
	return []imitation{
		{limitForm, form, e.jwt, ""},
		{limitP256, signP256, e.jwt, ""},
		{limitFormOpaque, form, e.opaque, ""},
	}
}

// field is everybody who takes part.
type field struct {
	grantd  *grantd
	limits  limits
	tenants tenants
	// jwts and opaques are tokens to introspect, and revoked some that have ended;
	// known is how many of the first stand for those that resource servers ask about
	// again and again.
	jwts, opaques, revoked []string
	known                  int
}

func (f field) ours(name string, what scripts, with ...against) contender {
	return contender{name: name, address: f.grantd.address, pid: f.grantd.pid(), scripts: what, against: with}
}

// limit is a limit server with what it gets.
func (f field) limit(name string, what scripts, with ...against) contender {
	return f.limitAs(name, name, what, with...)
}

// limitAs is the limit server of that process, under a name of its own.
func (f field) limitAs(name, process string, what scripts, with ...against) contender {
	return contender{name: name, address: f.limits.host(process), pid: f.limits[process].pid(), scripts: what, against: with}
}
