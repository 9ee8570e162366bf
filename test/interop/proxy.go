package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// proxy ends TLS in front of grantd, offers HTTP/1.1 only, and passes the bytes
// on as they are while it records them.
type proxy struct {
	listener net.Listener
	ca       *authority
	// upstream is grantd's address, once it runs.
	upstream string

	mu      sync.Mutex
	current *recording
	done    chan struct{}
}

func newProxy(ca *authority) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the proxy: %w", err)
	}
	p := &proxy{listener: listener, ca: ca, done: make(chan struct{})}
	go p.accept()
	return p, nil
}

// host is localhost with the port.
func (p *proxy) host() string {
	_, port, err := net.SplitHostPort(p.listener.Addr().String())
	if err != nil {
		return p.listener.Addr().String()
	}
	return net.JoinHostPort("localhost", port)
}

// begin starts a new recording.
func (p *proxy) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = newRecording()
}

// end returns the recording when all its connections have ended.
func (p *proxy) end() *recording {
	p.mu.Lock()
	r := p.current
	p.current = nil
	p.mu.Unlock()
	r.finish()
	return r
}

func (p *proxy) close() {
	p.listener.Close()
	<-p.done
}

func (p *proxy) accept() {
	defer close(p.done)
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		r := p.current
		if r == nil {
			// Nobody is asked to connect between two recordings.
			conn.Close()
		} else {
			r.conns.Add(1)
			go p.serve(conn, r)
		}
		p.mu.Unlock()
	}
}

// serve joins one connection to a new one of grantd.
func (p *proxy) serve(raw net.Conn, r *recording) {
	defer r.conns.Done()
	r.hold(raw)
	defer r.release(raw)
	client := tls.Server(raw, &tls.Config{
		Certificates: []tls.Certificate{p.ca.pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := client.HandshakeContext(ctx)
	if err != nil {
		r.problem("TLS handshake", err)
		return
	}
	server, err := p.dial(ctx)
	if err != nil {
		r.problem("connect to grantd", err)
		return
	}
	r.hold(server)
	defer r.release(server)
	r.join(client, server)
}

func (p *proxy) dial(ctx context.Context) (net.Conn, error) {
	dialer := tls.Dialer{Config: &tls.Config{
		RootCAs: p.ca.roots, ServerName: "localhost", MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}}
	return dialer.DialContext(ctx, "tcp", p.upstream)
}

// join passes bytes on both ways until the connection ends. What is passed on
// was parsed before, so that a program that has its answer is in the recording.
func (r *recording) join(client, server net.Conn) {
	asked, askedIn := io.Pipe()
	answered, answeredIn := io.Pipe()
	next := make(chan *exchange, 100)
	var parsers sync.WaitGroup
	parsers.Go(func() { r.requests(asked, next) })
	parsers.Go(func() { r.answers(answered, next) })
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = io.Copy(server, io.TeeReader(client, askedIn))
		askedIn.Close()
		halfClose(server)
	}()
	_, _ = io.Copy(client, io.TeeReader(server, answeredIn))
	answeredIn.Close()
	// A server that closes has said all it wants to say.
	client.Close()
	<-sent
	parsers.Wait()
}

func halfClose(conn net.Conn) {
	half, can := conn.(interface{ CloseWrite() error })
	if can {
		_ = half.CloseWrite()
	}
}
