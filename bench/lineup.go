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
}

// startLimits starts one process for each. What it returns must be stopped, also
// after an error.
func startLimits(ctx context.Context, folder string, all []imitation) (limits, error) {
	running := limits{}
	self, err := os.Executable()
	if err != nil {
		return running, err
	}
	for i, one := range all {
		log := filepath.Join(folder, fmt.Sprintf("limit%d.log", i))
		p, err := start(ctx, log, self, limitArguments(one.work, one.example)...)
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

// The names of the limit servers.
const (
	limitSign      = "limit: form + P-256 signature"
	limitSignBasic = "limit: form + P-256 signature, Basic"
	limitForm      = "limit: form"
	limitNoop      = "limit: no-op"
	limitOpaque    = "limit: no-op, as for an opaque token"
	limitAboutJWT  = "limit: no-op, as for introspection of a JWT"
	limitAbout     = "limit: no-op, as for introspection, opaque"
)

// examples are answers of grantd for the limit servers to imitate.
type examples struct {
	jwt, opaque           sample
	aboutJWT, aboutOpaque sample
}

func (e examples) imitations() []imitation {
	return []imitation{
		{limitSign, sign, e.jwt},
		{limitForm, form, e.jwt},
		{limitNoop, noop, e.jwt},
		{limitOpaque, noop, e.opaque},
		{limitAboutJWT, noop, e.aboutJWT},
		{limitAbout, noop, e.aboutOpaque},
	}
}

// field is everybody who takes part.
type field struct {
	grantd  *grantd
	limits  limits
	tenants tenants
	// jwts and opaques are tokens to introspect; known is how many of the former
	// stand for those that resource servers ask about again and again.
	jwts, opaques []string
	known         int
}

func (f field) ours(name string, what scripts, base string, ratio float64) contender {
	return contender{name: name, address: f.grantd.address, pid: f.grantd.pid(), scripts: what, base: base, ratio: ratio}
}

// limit is the limit server of that process, under a name of its own.
func (f field) limit(name, process string, what scripts) contender {
	return contender{name: name, address: f.limits.host(process), pid: f.limits[process].pid(), scripts: what}
}

// signing are the contenders that issue JWTs; one connection shows what the
// signature costs, many how it spreads.
func (f field) signing() []contender {
	host, who := f.grantd.address, f.tenants.jwt
	post, basic := always(postRequest(host, who)), always(basicRequest(host, who))
	ours := "grantd ES256 JWT, secret in the body"
	return []contender{
		f.ours(ours, post, limitSign, goalSigning),
		f.ours("grantd ES256 JWT, key with every rule", always(originRequest(host, f.tenants.jwtRuled)), ours, 0),
		f.limit(limitSign, limitSign, post),
		f.ours("grantd ES256 JWT, Basic", basic, limitSignBasic, goalSigning),
		f.limit(limitSignBasic, limitSign, basic),
		f.limit(limitForm, limitForm, post),
		f.limit(limitNoop, limitNoop, post),
	}
}

// least is how long the answer about an active token is at least.
const least = 50

// sealing are the contenders that sign nothing, or only look at signatures.
func (f field) sealing() []contender {
	host, t := f.grantd.address, f.tenants
	opaque := always(postRequest(host, t.opaque))
	about := turns(introspections(host, t.reader, f.opaques), least)
	one := turns(introspections(host, t.reader, f.jwts[:1]), least)
	some := turns(introspections(host, t.reader, f.jwts[:f.known]), least)
	ours := "grantd opaque token"
	return []contender{
		f.ours(ours, opaque, limitOpaque, goalOpaque),
		f.ours("grantd opaque token, key with every rule", always(originRequest(host, t.opaqueRuled)), ours, 0),
		f.limit(limitOpaque, limitOpaque, opaque),
		f.ours(fmt.Sprintf("grantd introspection, %d opaque tokens in turn", len(f.opaques)), about, limitAbout, goalAboutOpaque),
		f.limit(limitAbout, limitAbout, about),
		f.ours("grantd introspection, one JWT", one, limitAboutJWT, goalAboutJWT),
		f.ours(jwtsInTurn(f.known), some, limitAboutJWT, goalAboutJWT),
		f.limit(limitAboutJWT, limitAboutJWT, some),
	}
}

// verifying are the contenders for whom hardly any token is an old acquaintance.
// There is no goal: it is the price of a signature, shown for what it is. They
// run by themselves, because they make the server forget the tokens of others.
func (f field) verifying() []contender {
	all := turns(introspections(f.grantd.address, f.tenants.reader, f.jwts), least)
	return []contender{
		f.ours(jwtsInTurn(len(f.jwts)), all, limitAboutJWT, 0),
		f.limit(limitAboutJWT, limitAboutJWT, all),
	}
}

func jwtsInTurn(count int) string { return fmt.Sprintf("grantd introspection, %d JWTs in turn", count) }

// refreshing are the contenders that write: each refresh is a row, made durable
// before the answer.
func (f field) refreshing() []contender {
	host, t := f.grantd.address, f.tenants
	all := []contender{
		f.ours("grantd refresh with rotation, opaque token", refreshes(host, t.opaqueRefresher), "", 0),
		f.ours("grantd refresh with rotation, ES256 JWT", refreshes(host, t.jwtRefresher), "", 0),
	}
	for i := range all {
		all[i].rate = goalRefresh
	}
	return all
}
