package hostile

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// testCrowd opens many hostile connections at once; an honest client beside them
// gets its tokens within a second each.
func (f fixture) testCrowd(t *testing.T) {
	const each = 100
	kinds := []struct {
		name string
		send string
		then func(net.Conn, <-chan struct{})
		want []int
	}{
		{"slow bodies", f.head("Content-Length: 100"), drip, []int{http.StatusRequestTimeout}},
		{"bodies without end", f.head("Transfer-Encoding: chunked"), flood, []int{http.StatusRequestEntityTooLarge}},
		// After so many the answer is to wait.
		{
			"wrong secrets", strings.Replace(f.head("Content-Length: 29"), "Basic ", "Basic AAAA", 1) + grantForm, nil,
			[]int{http.StatusUnauthorized, http.StatusTooManyRequests},
		},
	}
	var running sync.WaitGroup
	for _, kind := range kinds {
		for range each {
			conn := f.dial(t)
			running.Go(func() {
				defer conn.Close()
				err := single(conn, connection{send: kind.send, then: kind.then}, kind.want)
				if err != nil {
					t.Errorf("%s: %v", kind.name, err)
				}
			})
		}
	}
	idle := make([]net.Conn, 0, each)
	for range each {
		conn := f.dial(t)
		idle = append(idle, conn)
		_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHos", tokenPath)
		if err != nil {
			t.Errorf("write half a head: %v", err)
		}
	}
	for range 20 {
		f.checkToken(t, f.send(t, request{body: grantForm, key: f.plain}))
	}
	running.Wait()
	for _, conn := range idle {
		conn.Close()
	}
}

// single has one answer on a connection.
func single(conn net.Conn, c connection, want []int) error {
	answered := make(chan struct{})
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		write(conn, c, answered)
	}()
	got, err := readAnswer(bufio.NewReader(conn))
	close(answered)
	conn.Close()
	<-writing
	if err != nil {
		return err
	}
	if !slices.Contains(want, got.status) {
		return fmt.Errorf("got %d %.200q, want one of %d", got.status, got.body, want)
	}
	return nil
}

// testRandom sends bodies that nobody thought of, the same ones in every run.
func (f fixture) testRandom(t *testing.T) {
	source := rand.New(rand.NewPCG(6749, 7159))
	seeds := []string{
		grantForm + "&scope=%2Fa.read+%2Fa.write&resource=https%3A%2F%2Fapi.example",
		`{"grant_type":"client_credentials","scope":"/a.read /a.write","refresh_token":null}`,
		"grant_type=refresh_token&refresh_token=",
	}
	client := f.Client(t)
	for n := range 1500 {
		body := []byte(seeds[source.IntN(len(seeds))])
		for range 1 + source.IntN(4) {
			mutate(source, &body)
		}
		kind := []string{formType, jsonType}[source.IntN(2)]
		resp, err := client.Do(f.build(t, request{kind: kind, body: string(body), key: f.refresher}))
		if err != nil {
			t.Fatalf("request %d, %q: got no answer: %v", n, body, err)
		}
		got, err := drain(resp)
		if err != nil {
			t.Fatalf("request %d, %q: %v", n, body, err)
		}
		if got.status == http.StatusOK && tokenShape.MatchString(got.body) {
			f.ParseToken(t, []byte(got.body))
			continue
		}
		if got.status != http.StatusBadRequest || !errorShape.MatchString(got.body) {
			t.Errorf("request %d, %q: got %d %q, want a token or an error with 400", n, body, got.status, got.body)
		}
	}
}

// mutate changes, removes, adds or repeats something.
func mutate(source *rand.Rand, body *[]byte) {
	b := *body
	if len(b) == 0 {
		*body = []byte{byte(source.Uint32())}
		return
	}
	at := source.IntN(len(b))
	switch source.IntN(5) {
	case 0:
		b[at] = byte(source.Uint32())
	case 1:
		b = append(b[:at], b[at+1:]...)
	case 2:
		const sharp = "{}[]\"\\&=%+:,\x00\xff \n"
		b = append(b[:at], append([]byte{sharp[source.IntN(len(sharp))]}, b[at:]...)...)
	case 3:
		b = append(b, b[at:]...)
	case 4:
		b = b[:at]
	}
	*body = b
}
