// Package serve is what the peers written in Go have in common: how they listen,
// their one client, their key.
package serve

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The client of every peer, and its one scope.
const (
	ClientID     = "bench"
	ClientSecret = "a-secret-of-the-benchmark-and-of-nothing-else"
	Scope        = "read"
)

// TokenLifetime is how long the tokens of every peer are good.
const TokenLifetime = time.Hour

// Key returns a new P-256 key.
func Key() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// Secret is a client secret kept as its SHA-256, which suffices for a random one.
type Secret [sha256.Size]byte

// SecretOf returns what is kept of a secret.
func SecretOf(secret string) Secret { return sha256.Sum256([]byte(secret)) }

// Is tells in constant time whether secret is the one that is kept.
func (s Secret) Is(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(sum[:], s[:]) == 1
}

// Run serves the handler on the loopback port in PORT until SIGTERM or SIGINT. Once it
// listens, it says so in a line "ready URL".
func Run(handler http.Handler) {
	err := run(handler)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(handler http.Handler) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Getenv("PORT")))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	fmt.Printf("ready http://%s\n", listener.Addr())
	err = server.Serve(listener)
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
