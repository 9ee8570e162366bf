package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// work is what a limit server does for a request.
type work string

const (
	// noop answers and does not look at the request.
	noop work = "noop"
	// form parses the form and the Authorization header, and answers.
	form work = "form"
	// sign does what form does and one P-256 signature.
	sign work = "sign"
)

// limitServer answers every request with the same bytes. It is the most that
// net/http gives on this machine for such requests.
type limitServer struct {
	work    work
	headers http.Header
	body    []byte
	key     *ecdsa.PrivateKey
	// input is as long as what a token's signature covers.
	input []byte
}

func newLimitServer(w work, headers http.Header, size int) (*limitServer, error) {
	if w != noop && w != form && w != sign {
		return nil, fmt.Errorf("unknown work %q: noop, form or sign", w)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	return &limitServer{
		work:    w,
		headers: headers,
		body:    []byte(strings.Repeat("x", size)),
		key:     key,
		input:   []byte(strings.Repeat("y", size)),
	}, nil
}

func (s *limitServer) answer(w http.ResponseWriter, r *http.Request) {
	if s.work != noop && !s.asks(r) {
		http.Error(w, "not a token request", http.StatusBadRequest)
		return
	}
	if s.work == sign {
		digest := sha256.Sum256(s.input)
		_, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
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

// asks parses the request and reports whether it is a token request with
// credentials.
func (s *limitServer) asks(r *http.Request) bool {
	err := r.ParseForm()
	if err != nil {
		return false
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	return r.PostForm.Get("grant_type") == "client_credentials" && id != "" && secret != ""
}

// limitMode is bench limit: serves until it is told to end.
func limitMode(ctx context.Context, args []string, out io.Writer) error {
	flags := newFlags("limit")
	w := flags.String("work", string(form), "what to do for a request: noop, form or sign")
	size := flags.Int("size", 700, "how many bytes to answer")
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
	server := http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	fmt.Fprintf(out, "ready http://%s\n", listener.Addr())
	err = server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// limitArguments are the arguments that make this program a limit server.
func limitArguments(w work, example sample) []string {
	args := []string{"limit", "-work", string(w), "-size", strconv.Itoa(len(example.body))}
	for name, values := range example.headers {
		for _, value := range values {
			args = append(args, "-header", name+": "+value)
		}
	}
	return args
}
