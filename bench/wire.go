package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"time"
)

// protocol is how requests are sent.
type protocol string

const (
	// plain is HTTP/1.1 as it stands.
	plain protocol = ""
	// overTLS is HTTP/1.1 over TLS 1.3.
	overTLS protocol = "TLS"
	// overHTTP2 is HTTP/2 over TLS 1.3, all connections of a load as streams of one.
	overHTTP2 protocol = "HTTP/2"
)

// wire is a connection that carries one request at a time.
type wire interface {
	// exchange sends the bytes of one request, as HTTP/1.1 has them, and returns its
	// answer with its body, in the buffer or in a larger one.
	exchange(request, buffer []byte) (answer, []byte, error)
	close()
}

// dialer makes the connections of one load.
type dialer struct {
	address  string
	protocol protocol
	// roots are who may have signed the server's certificate.
	roots *x509.CertPool
	// end is when whoever still waits for an answer gives up.
	end time.Time
	// shared is the one connection pool of HTTP/2.
	shared *streams
}

// newDialer makes a dialer for a load that takes so long.
func newDialer(address string, p protocol, roots *x509.CertPool, duration time.Duration) *dialer {
	d := &dialer{address: address, protocol: p, roots: roots, end: time.Now().Add(patience + duration + patience)}
	if p == overHTTP2 {
		d.shared = newStreams(address, d.tlsConfig())
	}
	return d
}

func (d *dialer) close() {
	if d.shared != nil {
		d.shared.client.CloseIdleConnections()
	}
}

func (d *dialer) tlsConfig() *tls.Config {
	return &tls.Config{RootCAs: d.roots, MinVersion: tls.VersionTLS13}
}

// dial opens a connection.
func (d *dialer) dial(ctx context.Context) (wire, error) {
	if d.protocol == overHTTP2 {
		return &stream{shared: d.shared, end: d.end}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	err = conn.SetDeadline(d.end)
	return &line{conn: conn, reader: bufio.NewReader(conn)}, err
}

func (d *dialer) connect(ctx context.Context) (net.Conn, error) {
	tcp := net.Dialer{}
	if d.protocol == plain {
		return tcp.DialContext(ctx, "tcp", d.address)
	}
	secure := tls.Dialer{NetDialer: &tcp, Config: d.tlsConfig()}
	return secure.DialContext(ctx, "tcp", d.address)
}

// patience is how long a connection may take, and one answer after the run has ended:
// a server that hashes secrets slowly lets dozens of requests wait for each other.
const patience = 30 * time.Second

// line is a connection of HTTP/1.1.
type line struct {
	conn   net.Conn
	reader *bufio.Reader
}

func (l *line) exchange(request, buffer []byte) (answer, []byte, error) {
	_, err := l.conn.Write(request)
	if err != nil {
		return answer{}, buffer, err
	}
	return readAnswer(l.reader, buffer)
}

func (l *line) close() { l.conn.Close() }
