package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// answer is what the generator looks at of an HTTP/1.1 response.
type answer struct {
	status int
	// closes: the server will not take another request on this connection.
	closes bool
	size   int
}

var errNotHTTP = errors.New("the answer is not HTTP/1.1")

// readAnswer reads one response and throws its body away. It allocates nothing
// and knows only what a final answer to a POST needs.
func readAnswer(r *bufio.Reader) (answer, error) {
	status, err := readStatus(r)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: status, size: -1}
	chunked := false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return a, fmt.Errorf("read a header: %w", err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case is(name, "Content-Length"):
			a.size, err = strconv.Atoi(string(value))
			if err != nil || a.size < 0 {
				return a, errNotHTTP
			}
		case is(name, "Transfer-Encoding"):
			chunked = is(value, "chunked")
		case is(name, "Connection"):
			a.closes = is(value, "close")
		}
	}
	if chunked {
		a.size, err = discardChunks(r)
		return a, err
	}
	if status == 204 {
		a.size = 0
	}
	if a.size < 0 {
		return a, errors.New("the answer has no length")
	}
	_, err = r.Discard(a.size)
	return a, err
}

func is(got []byte, want string) bool {
	return len(got) == len(want) && bytes.EqualFold(got, []byte(want))
}

func readStatus(r *bufio.Reader) (int, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	rest, found := bytes.CutPrefix(line, []byte("HTTP/1.1 "))
	if !found || len(rest) < 3 {
		return 0, errNotHTTP
	}
	status, err := strconv.Atoi(string(rest[:3]))
	if err != nil {
		return 0, errNotHTTP
	}
	return status, nil
}

func discardChunks(r *bufio.Reader) (int, error) {
	total := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return total, fmt.Errorf("read a chunk: %w", err)
		}
		text, _, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(";"))
		size, err := strconv.ParseInt(string(text), 16, 31)
		if err != nil || size < 0 {
			return total, errNotHTTP
		}
		// The chunk and the line end after it.
		_, err = r.Discard(int(size) + 2)
		if err != nil && !errors.Is(err, io.EOF) || size == 0 {
			return total, err
		}
		total += int(size)
	}
}
