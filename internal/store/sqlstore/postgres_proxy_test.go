package sqlstore_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// harm is what a proxy does to the next COMMIT.
type harm int32

const (
	noHarm harm = iota
	// cutBefore closes the connections in place of passing the COMMIT on.
	cutBefore
	// cutAfter passes it on and closes the connections in place of the answer.
	cutAfter
	// cutForGood does the same, and nobody can connect any more.
	cutForGood
	// silent passes nothing on any more and keeps the connections open.
	silent
)

// proxy is between a store and its database and does harm to a COMMIT.
type proxy struct {
	listener net.Listener
	target   string
	next     atomic.Int32
	// harmed is told of every COMMIT that was harmed.
	harmed  chan harm
	mu      sync.Mutex
	conns   []net.Conn
	running sync.WaitGroup
	// freezes counts how often the connections that there were have been frozen.
	freezes atomic.Int32
}

// newProxy returns a proxy before the database of a URL, and the URL through it.
func newProxy(t *testing.T, address string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: u.Host, harmed: make(chan harm, 16)}
	p.listener, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		p.listener.Close()
		p.cut()
		p.running.Wait()
	})
	u.Host = p.listener.Addr().String()
	return p, u.String()
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		commits := make(chan harm, 1)
		p.running.Go(func() { p.forth(client, server, commits) })
		p.running.Go(func() { p.back(client, server, commits) })
	}
}

// cut closes all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.Close()
	}
	p.conns = nil
}

// freeze has nothing more pass on the connections that there are, and leaves them open.
func (p *proxy) freeze() { p.freezes.Add(1) }

// forth passes messages to the server, up to the COMMIT that is to be harmed.
func (p *proxy) forth(client, server net.Conn, commits chan<- harm) {
	defer client.Close()
	defer server.Close()
	started, since := false, p.freezes.Load()
	for {
		message, err := readMessage(client, started)
		if err != nil {
			return
		}
		if p.freezes.Load() != since {
			_, _ = io.Copy(io.Discard, client)
			return
		}
		started = true
		how := noHarm
		if bytes.Equal(message[1:], commitMessage[1:]) && message[0] == 'Q' {
			how = harm(p.next.Swap(int32(noHarm)))
		}
		if how != noHarm {
			p.harmed <- how
		}
		switch how {
		case noHarm:
		case cutBefore:
			p.cut()
			return
		case silent:
			_, _ = io.Copy(io.Discard, client)
			return
		case cutAfter, cutForGood:
			commits <- how
		}
		_, err = server.Write(message)
		if err != nil {
			return
		}
	}
}

// back passes answers to the client, but not the one to a COMMIT that is harmed.
func (p *proxy) back(client, server net.Conn, commits <-chan harm) {
	defer client.Close()
	defer server.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		select {
		case how := <-commits:
			if how == cutForGood {
				p.listener.Close()
			}
			p.cut()
			return
		default:
		}
		_, err = client.Write(buffer[:n])
		if err != nil {
			return
		}
	}
}

var commitMessage = []byte("Q\x00\x00\x00\x0bCOMMIT\x00")

// readMessage reads a message of PostgreSQL's protocol: a letter, unless it is the
// first, and a length that counts itself.
func readMessage(r io.Reader, started bool) ([]byte, error) {
	letter := 0
	if started {
		letter = 1
	}
	message := make([]byte, letter+4)
	_, err := io.ReadFull(r, message)
	if err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(message[letter:])
	message = append(message, make([]byte, length-4)...)
	_, err = io.ReadFull(r, message[letter+4:])
	return message, err
}
