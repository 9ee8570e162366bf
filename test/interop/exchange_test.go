package main

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRequestsAreReadAsTheyAre(t *testing.T) {
	stream := "POST /oauth2/token HTTP/1.1\r\nhost: a\r\nContent-Length: 3\r\n\r\na=b" +
		"POST /oauth2/token?x=1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n2\r\n&c\r\n0\r\n\r\n" +
		"GET / HTTP/1.1\r\nHost:  a \r\n\r\n"
	reader := bufio.NewReader(strings.NewReader(stream))
	type request struct {
		Head []string
		Body string
	}
	var got []request
	var err error
	for err == nil {
		var e *exchange
		err = readRequest(reader, func(begun *exchange) { e = begun })
		if e != nil {
			got = append(got, request{e.head, string(e.body)})
		}
	}
	want := []request{
		{[]string{"POST /oauth2/token HTTP/1.1", "host: a", "Content-Length: 3"}, "a=b"},
		{[]string{"POST /oauth2/token?x=1 HTTP/1.1", "Transfer-Encoding: chunked"}, "a=b&c"},
		{[]string{"GET / HTTP/1.1", "Host:  a "}, ""},
	}
	diff := cmp.Diff(want, got)
	if diff != "" || !errors.Is(err, io.EOF) {
		t.Errorf("got %v and (-want +got):\n%s", err, diff)
	}
}

func TestAnswersFindTheirRequests(t *testing.T) {
	stream := "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" +
		"HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"
	first, second := &exchange{head: []string{"POST / HTTP/1.1"}}, &exchange{head: []string{"POST / HTTP/1.1"}}
	requests := make(chan *exchange, 2)
	requests <- first
	requests <- second
	close(requests)
	err := readAnswers(bufio.NewReader(strings.NewReader(stream)), requests, func(e *exchange, status int, body []byte) {
		e.status, e.answer = status, body
	})
	if err != nil || first.status != 200 || string(first.answer) != "{}" || second.status != 401 || string(second.answer) != "no" {
		t.Errorf("got %v, %d %s and %d %s, want 200 {} and 401 no", err, first.status, first.answer, second.status, second.answer)
	}
}
