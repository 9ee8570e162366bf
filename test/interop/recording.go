package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// recording is what the proxy saw between two moments.
type recording struct {
	mu        sync.Mutex
	exchanges []*exchange
	// problems are handshakes that failed and bytes that were no HTTP.
	problems []string
	open     map[net.Conn]bool
	conns    sync.WaitGroup
}

func newRecording() *recording { return &recording{open: map[net.Conn]bool{}} }

// finish waits for the connections to end, as those of a dead program do at
// once, and closes the others.
func (r *recording) finish() {
	ended := make(chan struct{})
	go func() {
		r.conns.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return
	case <-time.After(2 * time.Second):
	}
	r.mu.Lock()
	for conn := range r.open {
		conn.Close()
	}
	r.mu.Unlock()
	<-ended
}

func (r *recording) hold(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range conns {
		r.open[conn] = true
	}
}

func (r *recording) release(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range conns {
		conn.Close()
		delete(r.open, conn)
	}
}

func (r *recording) problem(what string, err error) {
	// The end of a connection is none, however rude.
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, fmt.Sprintf("%s: %v", what, err))
}

// requests parses what a client wrote and hands each request on to who parses
// the answers.
func (r *recording) requests(from *io.PipeReader, next chan<- *exchange) {
	defer close(next)
	reader := bufio.NewReader(from)
	var err error
	for err == nil {
		err = readRequest(reader, func(e *exchange) {
			r.mu.Lock()
			r.exchanges = append(r.exchanges, e)
			r.mu.Unlock()
			next <- e
		})
	}
	r.problem("read a request", err)
	// Whatever is left must flow on to grantd.
	_, _ = io.Copy(io.Discard, reader)
}

// answers parses what grantd wrote.
func (r *recording) answers(from *io.PipeReader, requests <-chan *exchange) {
	reader := bufio.NewReader(from)
	err := readAnswers(reader, requests, func(e *exchange, status int, body []byte) {
		r.mu.Lock()
		defer r.mu.Unlock()
		e.status, e.answer = status, body
	})
	r.problem("read an answer", err)
	_, _ = io.Copy(io.Discard, reader)
}
