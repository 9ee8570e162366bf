package http1

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// bufferSize is as much as is read of a connection ahead; a request that is larger is
// left to net/http, which has a buffer of the same size.
const bufferSize = 4 << 10

// promptly is how long the rest of a body is waited for. Many clients send it right
// behind the head, in a packet of its own.
const promptly = 20 * time.Millisecond

// slack is by how much of a timeout a deadline may fall later than asked: setting it
// anew for each request is 1.5 µs of 20.
func slack(timeout time.Duration) time.Duration { return timeout / 8 }

// conn is a connection that is served here. What a request needs is made once for all
// of them.
type conn struct {
	front *Front
	rwc   net.Conn
	// buffer holds what was read and not yet used, at [used:filled].
	buffer       []byte
	used, filled int
	request      *http.Request
	url          url.URL
	fields       fields
	body         body
	answer       answer
	out          []byte
	// readBy and writeBy are the deadlines in force.
	readBy, writeBy time.Time
	// idle says that it waits for a request; whoever sets it to false first may end it.
	idle atomic.Bool
}

// outcome is how serving a connection ended.
type outcome int

const (
	// over means that it can be closed.
	over outcome = iota
	// toRest means that net/http goes on with it.
	toRest
)

func newConn(f *Front, rwc net.Conn) *conn {
	c := &conn{front: f, rwc: rwc, buffer: make([]byte, bufferSize)}
	c.fields.header = make(http.Header, usualFields)
	c.answer.header = make(http.Header, usualFields)
	r := http.Request{
		Method: http.MethodPost, URL: &c.url,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		RemoteAddr: rwc.RemoteAddr().String(),
	}
	c.request = r.WithContext(context.WithValue(context.Background(), http.LocalAddrContextKey, rwc.LocalAddr()))
	return c
}

// serve answers one plain request after the other.
func (c *conn) serve() outcome {
	if !c.handshake() {
		return over
	}
	if c.isHTTP2() {
		return toRest
	}
	timeout := c.front.FirstTimeout
	for {
		if c.used == c.filled && !c.wait(timeout) {
			return over
		}
		now := c.front.Now()
		h, plain := parseHead(c.buffer[c.used:c.filled], &c.fields)
		if !plain || !c.complete(h, now) {
			return toRest
		}
		c.respond(h)
		if !c.write(now) {
			return over
		}
		timeout = c.front.IdleTimeout
	}
}

// wait reads until something comes, and reports whether it did.
func (c *conn) wait(timeout time.Duration) bool {
	now := c.front.Now()
	left, most := c.readBy.Sub(now), timeout+slack(timeout)
	if left < timeout || left > most {
		c.setReadDeadline(now.Add(most))
	}
	c.idle.Store(true)
	if c.front.closing.Load() {
		return false
	}
	n, _ := c.rwc.Read(c.buffer)
	c.used, c.filled = 0, n
	// Whoever ended it has closed it.
	return c.idle.CompareAndSwap(true, false) && n > 0
}

// endIdle closes the connection if it waits for a request.
func (c *conn) endIdle() {
	if c.idle.CompareAndSwap(true, false) {
		_ = c.rwc.Close()
	}
}

// complete waits a moment for the rest of the body, and reports whether it came.
func (c *conn) complete(h head, now time.Time) bool {
	whole := c.used + h.size + h.length
	if whole <= c.filled {
		return true
	}
	if whole > len(c.buffer) {
		return false
	}
	c.setReadDeadline(now.Add(promptly))
	n, err := io.ReadAtLeast(c.rwc, c.buffer[c.filled:], whole-c.filled)
	c.filled += n
	return err == nil
}

func (c *conn) setReadDeadline(at time.Time) {
	c.readBy = at
	// A connection that takes no deadline does not read either.
	_ = c.rwc.SetReadDeadline(at)
}

// respond lets the handler answer.
func (c *conn) respond(h head) {
	start := c.used + h.size
	c.used = start + h.length
	c.url.Path = h.path
	r := c.request
	r.RequestURI, r.Host, r.Header = h.path, c.fields.host, c.fields.header
	r.ContentLength = int64(h.length)
	c.body.rest = c.buffer[start:c.used]
	r.Body = &c.body
	if h.length == 0 {
		r.Body = http.NoBody
	}
	c.answer.reset()
	c.front.Handler.ServeHTTP(&c.answer, r)
}

// write sends the answer, and reports whether the connection goes on.
func (c *conn) write(now time.Time) bool {
	last := c.answer.last() || c.front.closing.Load()
	c.out = c.answer.append(c.out[:0], c.front.date.text(now), last)
	if c.writeBy.Sub(now) < c.front.WriteTimeout {
		c.writeBy = now.Add(c.front.WriteTimeout + slack(c.front.WriteTimeout))
		_ = c.rwc.SetWriteDeadline(c.writeBy)
	}
	_, err := c.rwc.Write(c.out)
	if cap(c.out) > 2*bufferSize {
		c.out = nil
	}
	return err == nil && !last
}

// handOver returns the connection as it was before the request that is not plain.
func (c *conn) handOver() net.Conn {
	// net/http sets deadlines of its own.
	_ = c.rwc.SetDeadline(time.Time{})
	if c.used == c.filled {
		return c.rwc
	}
	return resume(c.rwc, c.buffer[c.used:c.filled])
}

// body is what is left of the body of a request.
type body struct{ rest []byte }

// Read returns the next bytes of the body.
func (b *body) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// Close does nothing: the body is in memory.
func (*body) Close() error { return nil }
