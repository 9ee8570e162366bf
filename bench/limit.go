package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grantd/grantd/oauth"
)

// limitServer answers every request with the same bytes. It is the most that
// net/http gives on this machine for such requests.
type limitServer struct {
	work    work
	headers http.Header
	body    []byte
	// labour is what it does beside parsing; it may be nil.
	labour func() error
	// certFile and keyFile make it serve TLS, with HTTP/2; empty means it does not.
	certFile, keyFile string
}

func newLimitServer(w work, headers http.Header, size int) (*limitServer, error) {
	// The text is as long as what a token's signature covers.
	labour, err := w.labour([]byte(strings.Repeat("y", size)))
	if err != nil {
		return nil, fmt.Errorf("make a limit server: %w", err)
	}
	return &limitServer{
		work:    w,
		headers: headers,
		body:    []byte(strings.Repeat("x", size)),
		labour:  labour,
	}, nil
}

func (s *limitServer) answer(w http.ResponseWriter, r *http.Request) {
	if s.work != noop && !asks(r) {
		http.Error(w, "not a request of a client with what it needs", http.StatusBadRequest)
		return
	}
	if s.labour != nil {
		err := s.labour()
		if err != nil {
			http.Error(w, "no signature", http.StatusInternalServerError)
			return
		}
	}
	for name, values := range s.headers {
		w.Header()[name] = values
	}
	// A lost connection is the generator's to notice.
	_, _ = w.Write(s.body)
}

// asks parses the request and reports whether it has credentials, and asks for a
// token or about one.
func asks(r *http.Request) bool {
	err := r.ParseForm()
	if err != nil {
		return false
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	wanted := r.PostForm.Get("grant_type") == string(oauth.ClientCredentials) || r.PostForm.Get("token") != ""
	known := id != "" && secret != "" || r.PostForm.Get("client_assertion") != ""
	return wanted && known
}

// limitMode is bench limit: serves until it is told to end.
func limitMode(ctx context.Context, args []string, out io.Writer) error {
	flags := newFlags("limit")
	w := flags.String("work", string(form), "what to do for a request: noop, form, p256, p256random, ed25519, rsa2048, verify or verifysign")
	size := flags.Int("size", 700, "how many bytes to answer")
	cert := flags.String("tls-cert", "", "certificate, to serve HTTP/1.1 and HTTP/2 over TLS")
	key := flags.String("tls-key", "", "private key of the certificate")
	var lines list
	flags.Var(&lines, "header", "a header to answer with, Name: value; may be repeated")
	err := parse(flags, args)
	if err != nil {
		return err
	}
	headers := http.Header{}
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return fmt.Errorf("-header %q has no colon", line)
		}
		headers.Add(name, strings.TrimSpace(value))
	}
	s, err := newLimitServer(work(*w), headers, *size)
	if err != nil {
		return err
	}
	s.certFile, s.keyFile = *cert, *key
	return s.serve(ctx, out)
}

func (s *limitServer) serve(ctx context.Context, out io.Writer) error {
	config := net.ListenConfig{}
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+tokenPath, s.answer)
	mux.HandleFunc("POST "+introspectionPath, s.answer)
	mux.HandleFunc("GET "+jwksPath, s.answer)
	server := http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	fmt.Fprintf(out, "ready http://%s\n", listener.Addr())
	if s.certFile != "" {
		err = server.ServeTLS(listener, s.certFile, s.keyFile)
	} else {
		err = server.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// limitArguments are the arguments of a limit server that answers like this one.
func limitArguments(one imitation) []string {
	args := []string{"-work", string(one.work), "-size", strconv.Itoa(len(one.example.body))}
	for name, values := range one.example.headers {
		for _, value := range values {
			args = append(args, "-header", name+": "+value)
		}
	}
	return args
}
