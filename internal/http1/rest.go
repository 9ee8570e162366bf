package http1

import (
	"crypto/tls"
	"net"
	"sync"
)

// rest is the listener of the connections that net/http serves.
type rest struct {
	address net.Addr
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (r *rest) open(address net.Addr) {
	r.address = address
	r.conns = make(chan net.Conn)
	r.closed = make(chan struct{})
}

// give hands a connection over, and reports whether somebody took it.
func (r *rest) give(c net.Conn) bool {
	select {
	case r.conns <- c:
		return true
	case <-r.closed:
		return false
	}
}

// Accept waits for a connection.
func (r *rest) Accept() (net.Conn, error) {
	select {
	case c := <-r.conns:
		return c, nil
	case <-r.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept; the listener behind it stays open.
func (r *rest) Close() error {
	r.once.Do(func() { close(r.closed) })
	return nil
}

// Addr is that of the listener behind it.
func (r *rest) Addr() net.Addr { return r.address }

// resume returns a connection that begins with what was read of it.
func resume(c net.Conn, read []byte) net.Conn {
	r := &resumed{Conn: c, read: read}
	secured, ok := c.(*tls.Conn)
	if ok {
		return &resumedTLS{r, secured}
	}
	return r
}

// resumedTLS tells net/http of the TLS below.
type resumedTLS struct {
	*resumed
	secured *tls.Conn
}

// ConnectionState is that of the connection below.
func (r *resumedTLS) ConnectionState() tls.ConnectionState { return r.secured.ConnectionState() }

// resumed is a connection of which something was read already.
type resumed struct {
	net.Conn
	read []byte
}

// Read returns what was read before, and then what comes.
func (r *resumed) Read(p []byte) (int, error) {
	if len(r.read) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.read)
	r.read = r.read[n:]
	return n, nil
}

// CloseWrite ends what is sent and not what is received, as net/http does before it
// closes a connection of which it has not read all: the client would lose the answer.
func (r *resumed) CloseWrite() error {
	half, ok := r.Conn.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	return half.CloseWrite()
}
