package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
)

// handshake makes the handshake of a connection that has one, and reports whether it
// went well. Until then the connection can be ended like one that waits.
func (c *conn) handshake() bool {
	secured, ok := c.rwc.(*tls.Conn)
	if !ok {
		return true
	}
	f := c.front
	// Beyond the read of the handshake this bounds its writes.
	_ = secured.SetDeadline(f.Now().Add(f.FirstTimeout))
	c.idle.Store(true)
	if f.closing.Load() {
		return false
	}
	err := secured.HandshakeContext(context.Background())
	if !c.idle.CompareAndSwap(true, false) {
		return false
	}
	if err != nil {
		explainScheme(err)
		f.Logger.LogAttrs(context.Background(), slog.LevelDebug, "a TLS handshake failed",
			slog.String("peer", c.request.RemoteAddr), slog.String("cause", err.Error()))
		return false
	}
	state := secured.ConnectionState()
	c.request.TLS = &state
	return true
}

// isHTTP2 reports whether client and server agreed on HTTP/2.
func (c *conn) isHTTP2() bool {
	return c.request.TLS != nil && c.request.TLS.NegotiatedProtocol == "h2"
}

// explainScheme answers a client that wrote http:// for https://, as far as it can
// be told from the first bytes.
func explainScheme(err error) {
	plain, ok := errors.AsType[tls.RecordHeaderError](err)
	if !ok || plain.Conn == nil {
		return
	}
	switch string(plain.RecordHeader[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO":
		_, _ = io.WriteString(plain.Conn, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"+
			"this port speaks TLS; write https:// in the URL\n")
	}
}
