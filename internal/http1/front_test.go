package http1

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo answers what it saw, so that two servers can be compared by their answers.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = []byte(err.Error())
	}
	switch r.URL.Path {
	case "/panic":
		panic(http.ErrAbortHandler)
	case "/nothing":
		w.WriteHeader(http.StatusNoContent)
		return
	case "/silent":
		return
	case "/close":
		w.Header().Set("Connection", "close")
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Add("X-Twice", "a")
	w.Header().Add("X-Twice", "b\r\nX-Injected: c")
	w.WriteHeader(http.StatusTeapot)
	fmt.Fprintf(w, "%s %s %s %s %s %d %v %v %q", r.Method, r.URL, r.RequestURI, r.Host, r.Proto, r.ContentLength, r.Close, r.Header, body)
}

// serving is a front with its net/http behind it.
type serving struct {
	*Front
	server *http.Server
	// plain counts the requests that the front served.
	plain atomic.Int64
	ended chan error
}

func serve(t *testing.T, handler http.Handler, listener net.Listener) *serving {
	t.Helper()
	return serveBehind(t, handler, listener, nil)
}

func serveBehind(t *testing.T, handler http.Handler, listener net.Listener, config *tls.Config) *serving {
	t.Helper()
	s := &serving{ended: make(chan error, 1)}
	s.Front = &Front{
		Listener: listener,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.plain.Add(1)
			handler.ServeHTTP(w, r)
		}),
		FirstTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second,
		IdleTimeout:  2 * time.Minute,
		Logger:       slog.New(slog.DiscardHandler),
		Now:          time.Now,
	}
	s.server = &http.Server{Handler: handler, ReadTimeout: 10 * time.Second, TLSConfig: config}
	rest := s.Rest()
	behind := make(chan error, 1)
	go func() { behind <- s.server.Serve(rest) }()
	go func() { s.ended <- s.Run() }()
	t.Cleanup(func() {
		s.stop(t)
		s.server.Close()
		<-behind
	})
	return s
}

// stop ends the front, if it has not ended yet.
func (s *serving) stop(t *testing.T) {
	err := s.Shutdown(context.Background())
	if err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	err = <-s.ended
	if err != nil {
		t.Errorf("Run: %v", err)
	}
	s.ended <- nil
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// connect opens a connection that fails rather than waits for long.
func connect(t *testing.T, address net.Addr) (net.Conn, *bufio.Reader) {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return c, bufio.NewReader(c)
}

// answers sends all at once and reads that many answers, and whether the connection
// goes on after them.
func answers(t *testing.T, address net.Addr, send string, count int) ([]string, bool) {
	t.Helper()
	c, reader := connect(t, address)
	io.WriteString(c, send)
	var all []string
	for range count {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatalf("answer to %q: %v", send, err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		response.Header.Del("Date")
		all = append(all, fmt.Sprint(response.Status, response.Proto, response.Header, response.ContentLength, response.Close, string(body)))
	}
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	response, err := http.ReadResponse(reader, nil)
	if err == nil {
		response.Body.Close()
	}
	return all, err == nil
}

// Whatever is sent, the answer is the one that net/http alone gives.
func TestAnswersAreThoseOfNetHTTP(t *testing.T) {
	request := func(path, fields, body string) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n%s", path, fields, len(body), body)
	}
	tests := []struct {
		name, send string
		count      int
		// plain is how many requests the front must have served, the last one that
		// asks whether the connection goes on included.
		plain int64
	}{
		{"a plain request", request("/a", "Accept: b\r\n", "a=b"), 1, 2},
		{"no body", request("/a", "", ""), 1, 2},
		{"three at once", request("/a", "", "1") + request("/b", "", "") + request("/c", "A: b\r\nA: c\r\n", "3"), 3, 4},
		{"RFC 9110 §8.6: an answer without a body has no length", request("/nothing", "", "a"), 1, 2},
		{"RFC 9112 §4: a handler that says nothing says 200", request("/silent", "", "a"), 1, 2},
		{"RFC 9112 §9.6: the handler ends the connection", request("/close", "", "a"), 1, 1},
		{"RFC 9112 §9.3: a client that ends it", request("/a", "Connection: close\r\n", "a"), 1, 0},
		{"a plain request, then a chunked one", request("/a", "", "1") + "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 2, 1},
		{"another method, then a plain request", "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n" + request("/b", "", "1"), 2, 0},
		{"a request that is larger than the buffer", request("/a", "", strings.Repeat("x", 2*bufferSize)), 1, 0},
		{"RFC 9112 §3.2: two Hosts are a bad request", request("/a", "Host: y\r\n", "1"), 1, 0},
		{"no HTTP at all", "hello\r\n\r\n", 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := listen(t)
			alone := &http.Server{Handler: http.HandlerFunc(echo), ReadTimeout: 10 * time.Second}
			go alone.Serve(l)
			defer alone.Close()
			want, wantOn := answers(t, l.Addr(), tt.send, tt.count)
			s := serve(t, http.HandlerFunc(echo), listen(t))
			got, gotOn := answers(t, s.Listener.Addr(), tt.send, tt.count)
			if diff := cmp.Diff(want, got); diff != "" || wantOn != gotOn {
				t.Errorf("goes on %t, want %t\n%s", gotOn, wantOn, diff)
			}
			if s.plain.Load() != tt.plain {
				t.Errorf("the front served %d requests, want %d", s.plain.Load(), tt.plain)
			}
		})
	}
}

func TestRFC9110HasADate(t *testing.T) {
	s := serve(t, http.HandlerFunc(echo), listen(t))
	c, reader := connect(t, s.Listener.Addr())
	io.WriteString(c, plainRequest)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	t.Run("RFC 9110 §6.6.1: every answer says when it was made", func(t *testing.T) {
		at, err := http.ParseTime(response.Header.Get("Date"))
		if err != nil || time.Since(at).Abs() > time.Minute {
			t.Errorf("got Date %q, %v", response.Header.Get("Date"), err)
		}
	})
	t.Run("RFC 9110 §5.6.7: in the format for dates, in UTC", func(t *testing.T) {
		var d date
		got := d.text(time.Date(2027, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)))
		if want := "Sat, 02 Jan 2027 02:04:05 GMT"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestABodyInAPacketOfItsOwn(t *testing.T) {
	head := "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
	tests := []struct {
		name  string
		pause time.Duration
		plain int64
	}{
		{"right behind", 0, 1},
		{"after a while", 10 * promptly, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, http.HandlerFunc(echo), listen(t))
			c, reader := connect(t, s.Listener.Addr())
			io.WriteString(c, head)
			time.Sleep(tt.pause)
			io.WriteString(c, "a=b")
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || !strings.HasSuffix(string(body), `"a=b"`) {
				t.Errorf("got %s, %v", body, err)
			}
			// The first may be late on a busy machine, and goes to net/http then.
			if s.plain.Load() > tt.plain {
				t.Errorf("the front served %d requests, want at most %d", s.plain.Load(), tt.plain)
			}
		})
	}
}

func TestAPanicEndsOneConnection(t *testing.T) {
	s := serve(t, http.HandlerFunc(echo), listen(t))
	other, otherReader := connect(t, s.Listener.Addr())
	c, reader := connect(t, s.Listener.Addr())
	io.WriteString(c, "POST /panic HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	_, err := reader.ReadByte()
	if !errors.Is(err, io.EOF) {
		t.Errorf("after the panic: got %v, want the end", err)
	}
	io.WriteString(other, plainRequest)
	response, err := http.ReadResponse(otherReader, nil)
	if err != nil {
		t.Fatalf("the other connection: %v", err)
	}
	response.Body.Close()
}
