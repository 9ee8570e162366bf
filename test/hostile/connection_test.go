package hostile

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// connection is what a client does with a connection of its own.
type connection struct {
	name string
	// send is written at once.
	send string
	// then goes on writing until the server has answered.
	then func(c net.Conn, answered <-chan struct{})
	// half closes our side after send.
	half bool
	// want are the statuses of the answers, in order.
	want []int
}

func (f fixture) testConnection(t *testing.T) {
	const bad = http.StatusBadRequest
	good := f.head("Content-Length: 29") + grantForm
	chunked := f.head("Transfer-Encoding: chunked")
	cases := []connection{
		{name: "a request as it should be", send: good, want: []int{200}},
		{name: "two requests at once", send: good + good, want: []int{200, 200}},
		{name: "rubbish after a request", send: good + "\x00\xffrubbish\r\n\r\n", want: []int{200, bad}},
		{name: "rubbish", send: "\x00\xff\x01\r\n\r\n", want: []int{bad}},
		{name: "a TLS hello", send: "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", want: []int{bad}},
		{name: "a header line without a colon", send: f.head("Content-Length 29") + grantForm, want: []int{bad}},
		{name: "a space before the colon", send: f.head("Content-Length : 29") + grantForm, want: []int{bad}},
		{name: "NUL in a header", send: f.head("X: a\x00b"), want: []int{bad}},
		{name: "no Host", send: "POST /oauth2/token HTTP/1.1\r\nContent-Length: 0\r\n\r\n", want: []int{bad}},
		{name: "two Hosts", send: f.head("Host: b"), want: []int{bad}},
		{name: "a negative length", send: f.head("Content-Length: -1"), want: []int{bad}},
		{name: "a length that is no number", send: f.head("Content-Length: 2x9"), want: []int{bad}},
		{name: "two lengths", send: f.head("Content-Length: 29\r\nContent-Length: 30") + grantForm, want: []int{bad}},
		{name: "a length and chunks that are none", send: f.head("Content-Length: 29\r\nTransfer-Encoding: chunked") + grantForm + "\r\n", want: []int{bad}},
		{name: "a chunk whose size is no number", send: chunked + "zz\r\nx\r\n0\r\n\r\n", want: []int{bad}},
		{name: "a chunk whose size does not fit into 64 bits", send: chunked + "fffffffffffffffff1\r\nx", want: []int{bad}},
		{name: "a chunk longer than it says", send: chunked + "1\r\nxxxx\r\n0\r\n\r\n", want: []int{bad}},
		{name: "chunks that end in the middle", send: chunked + "ff\r\nx", half: true, want: []int{bad}},
		{name: "a body shorter than its length, then the end", send: f.head("Content-Length: 100") + grantForm, half: true, want: []int{bad}},
		{name: "a body shorter than its length, then silence", send: f.head("Content-Length: 100") + grantForm, want: []int{http.StatusRequestTimeout}},
		{name: "no body, then silence", send: f.head("Content-Length: 29"), want: []int{http.StatusRequestTimeout}},
		{name: "a body at one byte in 100 ms", send: f.head("Content-Length: 100"), then: drip, want: []int{http.StatusRequestTimeout}},
		{name: "chunks at one byte in 100 ms", send: chunked, then: dripChunks, want: []int{http.StatusRequestTimeout}},
		{name: "chunks without end", send: chunked, then: flood, want: []int{http.StatusRequestEntityTooLarge}},
		{name: "an expectation nobody knows", send: f.head("Content-Length: 29\r\nExpect: a-miracle") + grantForm, want: []int{http.StatusExpectationFailed}},
		{name: "two Authorization headers", send: f.head("Content-Length: 29\r\nAuthorization: Basic eDp5") + grantForm, want: []int{bad}},
		{name: "two content types", send: f.head("Content-Length: 29\r\nContent-Type: application/json") + grantForm, want: []int{bad}},
		{name: "10 000 header lines", send: f.head(strings.Repeat("X: y\r\n", 10_000) + "X: y"), want: []int{http.StatusRequestHeaderFieldsTooLarge}},
		// These two are answered below our handlers, as HTTP itself asks.
		{name: "a transfer coding nobody knows", send: f.head("Transfer-Encoding: gzip"), want: []int{http.StatusNotImplemented}},
		{name: "a version nobody knows", send: "POST /oauth2/token HTTP/9.9\r\nHost: a\r\n\r\n", want: []int{http.StatusHTTPVersionNotSupported}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range tries {
				if f.converse(t, c) <= time.Second {
					return
				}
			}
			t.Error("got the answers after more than a second, every time")
		})
	}
}

// head is the head of a token request with further header lines.
func (f fixture) head(lines string) string {
	basic := base64.StdEncoding.EncodeToString([]byte(f.plain.ID + ":" + f.plain.Secret))
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Basic %s\r\nContent-Type: %s\r\n%s\r\n\r\n",
		tokenPath, basic, formType, lines)
}

// converse does what the connection does and returns how long the answers took.
func (f fixture) converse(t *testing.T, c connection) time.Duration {
	t.Helper()
	conn := f.dial(t)
	defer conn.Close()
	started := time.Now()
	answered := make(chan struct{})
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		write(conn, c, answered)
	}()
	reader := bufio.NewReader(conn)
	for _, want := range c.want {
		got, err := readAnswer(reader)
		if err != nil {
			t.Errorf("got no answer: %v, want %d", err, want)
			break
		}
		if got.status != want {
			t.Errorf("got %d %.200q, want %d", got.status, got.body, want)
			continue
		}
		f.checkShape(t, got)
	}
	took := time.Since(started)
	close(answered)
	conn.Close()
	<-writing
	return took
}

// checkShape checks an answer that came from our handlers; those from below
// them are not JSON.
func (f fixture) checkShape(t *testing.T, got answer) {
	t.Helper()
	switch {
	case got.status == http.StatusOK:
		f.checkToken(t, got)
	case strings.HasPrefix(got.header.Get("Content-Type"), jsonType):
		checkError(t, got, got.status, "invalid_request")
	}
}

func (f fixture) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", f.Options.Address)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	err = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if err != nil {
		t.Fatalf("set a deadline: %v", err)
	}
	return conn
}

func write(conn net.Conn, c connection, answered <-chan struct{}) {
	// The server may answer and hang up at any byte; what it answered is what counts.
	_, err := io.WriteString(conn, c.send)
	if err != nil {
		return
	}
	tcp, ok := conn.(*net.TCPConn)
	if c.half && ok {
		_ = tcp.CloseWrite()
	}
	if c.then != nil {
		c.then(conn, answered)
	}
}

func readAnswer(r *bufio.Reader) (answer, error) {
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return answer{}, fmt.Errorf("read the head: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read the body: %w", err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(body)}, nil
}

func drip(c net.Conn, answered <-chan struct{})       { every100ms(c, answered, "x") }
func dripChunks(c net.Conn, answered <-chan struct{}) { every100ms(c, answered, "1\r\nx\r\n") }

func every100ms(c net.Conn, answered <-chan struct{}, piece string) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := io.WriteString(c, piece)
		if err != nil {
			return
		}
		select {
		case <-answered:
			return
		case <-tick.C:
		}
	}
}

func flood(c net.Conn, _ <-chan struct{}) {
	chunk := "1000\r\n" + strings.Repeat("x", 0x1000) + "\r\n"
	for {
		_, err := io.WriteString(c, chunk)
		if err != nil {
			return
		}
	}
}
