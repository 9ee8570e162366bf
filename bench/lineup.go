package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// limits are the limit servers that run beside grantd.
type limits map[work]*process

// startLimits starts one process for each kind of work; they answer as many
// bytes and the same headers as the example. What it returns must be stopped,
// also after an error.
func startLimits(ctx context.Context, folder string, example sample) (limits, error) {
	running := limits{}
	self, err := os.Executable()
	if err != nil {
		return running, err
	}
	for _, w := range []work{noop, form, sign} {
		p, err := start(ctx, filepath.Join(folder, string(w)+".log"), self, limitArguments(w, example)...)
		if err != nil {
			return running, err
		}
		running[w] = p
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

func (l limits) contender(name string, w work, request func(string, credentials) []byte, who credentials) contender {
	address := strings.TrimPrefix(l[w].url, "http://")
	return contender{name: name, address: address, pid: l[w].pid(), request: request(address, who)}
}

// The names of the contenders; each of grantd's is measured against the limit
// server that signs and gets the same bytes.
const (
	grantdPost  = "grantd ES256 JWT, secret in the body"
	grantdBasic = "grantd ES256 JWT, Basic"
	signPost    = "limit: form + P-256 signature"
	signBasic   = "limit: form + P-256 signature, Basic"
)

func lineUp(g *grantd, l limits, who credentials) []contender {
	return []contender{
		{name: grantdPost, address: g.address, pid: g.pid(), request: postRequest(g.address, who), base: signPost},
		l.contender(signPost, sign, postRequest, who),
		{name: grantdBasic, address: g.address, pid: g.pid(), request: basicRequest(g.address, who), base: signBasic},
		l.contender(signBasic, sign, basicRequest, who),
		l.contender("limit: form", form, postRequest, who),
		l.contender("limit: no-op", noop, postRequest, who),
	}
}
