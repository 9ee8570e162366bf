package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// answer is what the generator looks at of an HTTP/1.1 response.
type answer struct {
	status int
	// closes: the server will not take another request on this connection.
	closes bool
	size   int
}

// maxBody bounds what an answer can make the generator hold.
const maxBody = 1 << 20

var errNotHTTP = errors.New("the answer is not HTTP/1.1")

// readAnswer reads one response and puts its body into the buffer, or into a
// larger one. It allocates nothing else and knows only what a final answer to a
// POST needs.
func readAnswer(r *bufio.Reader, buffer []byte) (answer, []byte, error) {
	a, chunked, err := readHead(r)
	if err != nil {
		return a, nil, err
	}
	if chunked {
		body, err := readChunks(r, buffer[:0])
		a.size = len(body)
		return a, body, err
	}
	if a.status == 204 {
		a.size = 0
	}
	if a.size < 0 {
		return a, nil, errors.New("the answer has no length")
	}
	body := slices.Grow(buffer[:0], a.size)[:a.size]
	_, err = io.ReadFull(r, body)
	return a, body, err
}

// readHead reads the status line and the headers, and says whether chunks
// follow. A size of -1 means that no header told it.
func readHead(r *bufio.Reader) (answer, bool, error) {
	status, err := readStatus(r)
	if err != nil {
		return answer{}, false, err
	}
	a := answer{status: status, size: -1}
	chunked := false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return a, false, fmt.Errorf("read a header: %w", err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return a, chunked, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case is(name, "Content-Length"):
			a.size, err = strconv.Atoi(string(value))
			if err != nil || a.size < 0 || a.size > maxBody {
				return a, false, errNotHTTP
			}
		case is(name, "Transfer-Encoding"):
			chunked = is(value, "chunked")
		case is(name, "Connection"):
			a.closes = is(value, "close")
		}
	}
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

func readChunks(r *bufio.Reader, body []byte) ([]byte, error) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return body, fmt.Errorf("read a chunk: %w", err)
		}
		text, _, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(";"))
		size, err := strconv.ParseInt(string(text), 16, 31)
		if err != nil || size < 0 || size > maxBody {
			return body, errNotHTTP
		}
		before := len(body)
		body = slices.Grow(body, int(size))[:before+int(size)]
		_, err = io.ReadFull(r, body[before:])
		if err == nil {
			// The line end after the chunk.
			_, err = r.Discard(2)
		}
		if err != nil || size == 0 {
			return body, err
		}
	}
}
