package main

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestReadAnswer(t *testing.T) {
	tests := []struct {
		name string
		text string
		want answer
		body string
		bad  bool
	}{
		{name: "a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", want: answer{status: 200, size: 2}, body: "ok"},
		{name: "a length in lower case", text: "HTTP/1.1 401 No\r\ncontent-length:2\r\n\r\nok", want: answer{status: 401, size: 2}, body: "ok"},
		{name: "the connection ends", text: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", want: answer{status: 200, closes: true}},
		{name: "chunks", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\none\r\nA\r\n0123456789\r\n0\r\n\r\n", want: answer{status: 200, size: 13}, body: "one0123456789"},
		{name: "no content", text: "HTTP/1.1 204 No Content\r\n\r\n", want: answer{status: 204}},
		{name: "no length", text: "HTTP/1.1 200 OK\r\n\r\nok", bad: true},
		{name: "a length that is none", text: "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", bad: true},
		{name: "another protocol", text: "SSH-2.0-OpenSSH\r\n", bad: true},
		{name: "an older protocol", text: "HTTP/1.0 200 OK\r\n\r\n", bad: true},
		{name: "a body that is cut", text: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", bad: true},
		{name: "a chunk that is cut", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nok", bad: true},
		{name: "a body larger than the generator holds", text: "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", bad: true},
		{name: "a chunk larger than the generator holds", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", bad: true},
		{name: "nothing", text: "", bad: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			const next = "HTTP/1.1 "
			reader := bufio.NewReader(strings.NewReader(test.text + next))
			if test.bad {
				reader = bufio.NewReader(strings.NewReader(test.text))
			}
			got, body, err := readAnswer(reader, nil)
			if (err != nil) != test.bad {
				t.Fatalf("got the error %v", err)
			}
			if test.bad {
				return
			}
			if got != test.want || string(body) != test.body {
				t.Errorf("got %+v with %q, want %+v with %q", got, body, test.want, test.body)
			}
			rest, _ := io.ReadAll(reader)
			if string(rest) != next {
				t.Errorf("got %q after the answer, want %q", rest, next)
			}
		})
	}
}

func TestReadAnswerAllocatesNothing(t *testing.T) {
	text := []byte("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\nok")
	source := bytes.NewReader(nil)
	reader := bufio.NewReader(nil)
	buffer := make([]byte, 0, 16)
	allocations := testing.AllocsPerRun(100, func() {
		source.Reset(text)
		reader.Reset(source)
		_, _, err := readAnswer(reader, buffer)
		if err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 0 {
		t.Errorf("got %v allocations an answer, want none", allocations)
	}
}
