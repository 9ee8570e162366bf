package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/grantd/grantd/oauth"
)

// loadMode is bench load: one run against one server, for a quick look.
func loadMode(ctx context.Context, args []string, out io.Writer) error {
	flags := newFlags("load")
	target := flags.String("url", "", "where to send, an http URL with a loopback host")
	body := flags.String("body", "grant_type=client_credentials", "the form to send")
	refresh := flags.Bool("refresh", false, "then refresh on each connection, again and again, with what the answer before brought")
	connections := flags.Int("connections", 32, "how many connections to keep open")
	duration := flags.Duration("duration", 3*time.Second, "how long")
	requests := flags.Int64("requests", 0, "how many at most; 0 means only the time ends it")
	var headers list
	flags.Var(&headers, "header", "a header to add, Name: value; may be repeated")
	err := parse(flags, args)
	if err != nil {
		return err
	}
	u, err := url.Parse(*target)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("-url %q is not an http URL", *target)
	}
	form, err := url.ParseQuery(*body)
	if err != nil {
		return fmt.Errorf("-body: %w", err)
	}
	lines := ""
	for _, header := range headers {
		lines += strings.TrimSpace(header) + "\r\n"
	}
	first := formRequest(u.Host, u.RequestURI(), lines, form)
	what := always(first)
	if *refresh {
		form.Set("grant_type", string(oauth.RefreshToken))
		what = chains(first, requestHead(u.Host, u.RequestURI(), lines), form.Encode()+"&refresh_token=")
	}
	r, err := load{
		address: u.Host, scripts: what,
		connections: *connections, duration: *duration, requests: *requests,
	}.run(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d requests in %s: %.0f/s, p50 %s, p99 %s, %d bad\n",
		r.requests(), r.elapsed.Round(time.Millisecond), r.rate(), percentile(r.latencies, 50), percentile(r.latencies, 99), r.bad)
	return nil
}
