// Command fasthttp is the no-op and the form limit server of bench on fasthttp, for
// the record. It is a module of its own, so that grantd does not depend on it.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/valyala/fasthttp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "fasthttp: error: %v\n", err)
		os.Exit(1)
	}
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

// Set adds to the list.
func (l *list) Set(text string) error {
	*l = append(*l, text)
	return nil
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("fasthttp", flag.ContinueOnError)
	work := flags.String("work", "form", "what to do for a request: noop or form")
	size := flags.Int("size", 700, "how many bytes to answer")
	var lines list
	flags.Var(&lines, "header", "a header to answer with, Name: value; may be repeated")
	err := flags.Parse(args)
	if err != nil {
		return err
	}
	if *work != "noop" && *work != "form" {
		return fmt.Errorf("unknown work %q: noop or form", *work)
	}
	var headers [][2]string
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return fmt.Errorf("-header %q has no colon", line)
		}
		headers = append(headers, [2]string{name, strings.TrimSpace(value)})
	}
	body := bytes.Repeat([]byte("x"), *size)
	return serve(ctx, func(c *fasthttp.RequestCtx) {
		if *work == "form" && !asks(c) {
			c.Error("not a request of a client with what it needs", fasthttp.StatusBadRequest)
			return
		}
		for _, h := range headers {
			c.Response.Header.Set(h[0], h[1])
		}
		c.Response.SetBodyRaw(body)
	})
}

func serve(ctx context.Context, handler fasthttp.RequestHandler) error {
	config := net.ListenConfig{}
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := fasthttp.Server{Handler: handler, NoDefaultServerHeader: true}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Printf("ready http://%s\n", listener.Addr())
	select {
	case err = <-failed:
		return err
	case <-ctx.Done():
	}
	err = server.Shutdown()
	return errors.Join(err, <-failed)
}

// asks parses the request as the limit servers on net/http do.
func asks(c *fasthttp.RequestCtx) bool {
	form := c.PostArgs()
	id, secret := form.Peek("client_id"), form.Peek("client_secret")
	encoded, basic := bytes.CutPrefix(c.Request.Header.Peek("Authorization"), []byte("Basic "))
	if basic {
		pair, err := base64.StdEncoding.DecodeString(string(encoded))
		if err != nil {
			return false
		}
		id, secret, _ = bytes.Cut(pair, []byte(":"))
	}
	wanted := string(form.Peek("grant_type")) == "client_credentials" || len(form.Peek("token")) > 0
	return wanted && len(id) > 0 && len(secret) > 0
}
