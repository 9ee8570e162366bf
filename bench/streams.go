package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// streams is a client of HTTP/2. It is net/http's, and costs as much as a server
// does; every server is asked by the same.
type streams struct {
	address string
	client  *http.Client
	// first is held until the first answer is there: whoever came before would open a
	// connection of its own.
	first     sync.Mutex
	connected atomic.Bool
}

func newStreams(address string, config *tls.Config) *streams {
	return &streams{address: address, client: &http.Client{
		Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableCompression: true},
	}}
}

func (s *streams) do(req *http.Request) (*http.Response, error) {
	if s.connected.Load() {
		return s.client.Do(req)
	}
	s.first.Lock()
	defer s.first.Unlock()
	resp, err := s.client.Do(req)
	s.connected.Store(err == nil)
	return resp, err
}

// stream sends one request at a time on the connection that all of them share.
type stream struct {
	shared *streams
	end    time.Time
}

// exchange sends what the bytes of HTTP/1.1 say as a request of HTTP/2.
func (s *stream) exchange(request, buffer []byte) (answer, []byte, error) {
	ctx, cancel := context.WithDeadline(context.Background(), s.end)
	defer cancel()
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		return answer{}, buffer, err
	}
	req = req.WithContext(ctx)
	req.RequestURI, req.URL.Scheme, req.URL.Host = "", "https", s.shared.address
	resp, err := s.shared.do(req)
	if err != nil {
		return answer{}, buffer, err
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, size: int(resp.ContentLength)}
	switch {
	case resp.ProtoMajor != 2:
		err = fmt.Errorf("the server speaks %s, not HTTP/2", resp.Proto)
	case a.size < 0 || a.size > maxBody:
		err = fmt.Errorf("an answer of %d bytes", a.size)
	}
	if err != nil {
		return a, buffer, err
	}
	body := slices.Grow(buffer[:0], a.size)[:a.size]
	_, err = io.ReadFull(resp.Body, body)
	return a, body, err
}

func (*stream) close() {}
