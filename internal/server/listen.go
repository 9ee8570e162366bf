package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
)

// listeners are the three doors of a server.
type listeners struct {
	public, operator, socket net.Listener
}

func (l *listeners) close() {
	for _, one := range []net.Listener{l.public, l.operator, l.socket} {
		if one != nil {
			_ = one.Close()
		}
	}
}

func (s *Server) listen(ctx context.Context) (*listeners, error) {
	l := &listeners{}
	var err error
	l.public, err = listenTCP(ctx, s.Config.Listen, "--listen")
	if err == nil {
		l.operator, err = listenTCP(ctx, s.Config.AdminListen, "--admin-listen")
	}
	if err == nil {
		l.socket, err = admin.Listen(ctx, s.Config.DataDir)
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func listenTCP(ctx context.Context, address, flag string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("address %s is in use", address)
		return nil, fault.Hint(err, "stop the other program, or choose another address with %s (port 0 picks a free one)", flag)
	}
	if err != nil {
		return nil, fault.Hint(fmt.Errorf("listen on %s: %w", address, err), "choose another address with %s", flag)
	}
	return listener, nil
}

// issuerFor returns the configured issuer, or in development the address.
func (s *Server) issuerFor(public net.Listener) string {
	if s.Config.Issuer != "" {
		return s.Config.Issuer
	}
	scheme := "http"
	if s.Config.TLS.CertFile != "" {
		scheme = "https"
	}
	return scheme + "://" + dialable(public.Addr())
}

// dialable turns a wildcard address into one that a client on this machine can use.
func dialable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return address.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
}
