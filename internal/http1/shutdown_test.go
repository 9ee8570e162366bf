package http1

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// waiting is a handler that says when it began and answers when it is told to.
type waiting struct{ began, finish chan struct{} }

func (h waiting) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h.began <- struct{}{}
	<-h.finish
	io.WriteString(w, "done")
}

func TestShutdownEndsIdleConnectionsAndLetsRequestsFinish(t *testing.T) {
	h := waiting{make(chan struct{}), make(chan struct{})}
	s := serve(t, h, listen(t))
	idle, idleReader := connect(t, s.Listener.Addr())
	busy, busyReader := connect(t, s.Listener.Addr())
	io.WriteString(idle, plainRequest)
	<-h.began
	h.finish <- struct{}{}
	first, err := http.ReadResponse(idleReader, nil)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, first.Body)
	first.Body.Close()
	io.WriteString(busy, plainRequest)
	<-h.began
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.stop(t)
	}()
	_, err = idleReader.ReadByte()
	if !errors.Is(err, io.EOF) {
		t.Errorf("the idle connection: got %v, want its end", err)
	}
	select {
	case <-stopped:
		t.Error("Shutdown did not wait for the request under way")
	default:
	}
	h.finish <- struct{}{}
	response, err := http.ReadResponse(busyReader, nil)
	if err != nil {
		t.Fatalf("the request under way: %v", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if string(body) != "done" || err != nil || !response.Close {
		t.Errorf("the request under way: got %q, close %t, %v", body, response.Close, err)
	}
	<-stopped
}

func TestShutdownCutsWhatOutlastsIt(t *testing.T) {
	h := waiting{make(chan struct{}), make(chan struct{})}
	s := serve(t, h, listen(t))
	c, reader := connect(t, s.Listener.Addr())
	io.WriteString(c, plainRequest)
	<-h.began
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cut := make(chan error, 1)
	go func() { cut <- s.Shutdown(ctx) }()
	_, err := reader.ReadByte()
	if err == nil {
		t.Error("the request under way was answered, want it cut")
	}
	h.finish <- struct{}{}
	err = <-cut
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: got %v, want that its time was over", err)
	}
}

// pipes is a listener whose connections are in memory, so that time can be made up.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	close(p.closed)
	return nil
}

func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

func TestConnectionsThatSendNothingEnd(t *testing.T) {
	tests := []struct {
		name        string
		send        string
		least, most time.Duration
	}{
		{"before the first request", "", 10 * time.Second, 12 * time.Second},
		{"after a request", plainRequest, 2 * time.Minute, 136 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := pipes{make(chan net.Conn), make(chan struct{})}
				f := &Front{
					Listener: l, Handler: http.HandlerFunc(echo), Now: time.Now,
					FirstTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
				}
				f.Rest()
				ended := make(chan error, 1)
				go func() { ended <- f.Run() }()
				ours, theirs := net.Pipe()
				l.conns <- theirs
				start := time.Now()
				if tt.send != "" {
					go io.WriteString(ours, tt.send)
				}
				io.Copy(io.Discard, ours)
				took := time.Since(start)
				if took < tt.least || took > tt.most {
					t.Errorf("it ended after %v, want %v to %v", took, tt.least, tt.most)
				}
				f.Shutdown(t.Context())
				err := <-ended
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
}
