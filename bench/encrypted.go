package main

import (
	"context"
	"errors"
)

// encrypted are the contenders behind TLS. The limit servers have the same
// certificate and net/http's TLS and HTTP/2.
func (f field) encrypted(p protocol, c certificate) []contender {
	named := func(name string) string { return name + ", " + string(p) }
	beside := func(a against) against {
		a.name = named(a.name)
		return a
	}
	signed, sealed := f.post(f.tenants.jwt), f.post(f.tenants.opaque)
	all := []contender{
		f.limit(limitP256, signed),
		f.ours(oursES256, signed, against{name: limitP256, ratio: goalSigning, p99: goalP99}),
		f.limit(limitFormOpaque, sealed),
		f.ours(oursOpaque, sealed, against{name: limitFormOpaque, ratio: goalOpaque, p99: goalP99}),
	}
	for i := range all {
		all[i].name, all[i].protocol, all[i].roots = named(all[i].name), p, c.roots
		for n := range all[i].against {
			all[i].against[n] = beside(all[i].against[n])
		}
	}
	return all
}

// measureEncrypted measures a server that serves TLS, on a used data directory that
// no server runs on.
func (r runner) measureEncrypted(ctx context.Context, folder, data string, t tenants, result *report) error {
	if !r.wants(oursES256+", "+string(overTLS), oursES256+", "+string(overHTTP2), oursOpaque+", "+string(overTLS), oursOpaque+", "+string(overHTTP2)) {
		return nil
	}
	c, err := newCertificate(folder)
	if err != nil {
		return err
	}
	secure := []string{"-tls-cert", c.certFile, "-tls-key", c.keyFile}
	f := field{tenants: t}
	f.limits, err = startLimits(ctx, folder, result.examples.encrypted(), secure...)
	defer f.limits.stop()
	if err != nil {
		return err
	}
	f.grantd, err = startGrantd(ctx, r.program, data, "--tls-cert", c.certFile, "--tls-key", c.keyFile)
	if err != nil {
		return err
	}
	for _, p := range []protocol{overTLS, overHTTP2} {
		err = r.race(ctx, f.encrypted(p, c), r.usual, result)
		if err != nil {
			break
		}
	}
	return errors.Join(err, f.grantd.stop())
}
