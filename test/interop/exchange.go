package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
)

// exchange is one request as it was on the wire, and its answer.
type exchange struct {
	// head is the request line and the headers, in their order and case.
	head []string
	body []byte
	// status is 0 when no answer came.
	status int
	answer []byte
}

// readRequest reads one request as it is, and nothing behind it. The head is
// handed over before the body is read, since an answer may come first.
func readRequest(r *bufio.Reader, begun func(*exchange)) error {
	head, err := readLines(r)
	if err != nil {
		return err
	}
	e := &exchange{head: head}
	begun(e)
	body, err := readBody(r, e)
	e.body = body
	return err
}

// readLines reads up to an empty line, which is left out.
func readLines(r *bufio.Reader) ([]string, error) {
	var lines []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return lines, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return lines, nil
		}
		lines = append(lines, line)
	}
}

func readBody(r *bufio.Reader, e *exchange) ([]byte, error) {
	if strings.EqualFold(e.header("Transfer-Encoding"), "chunked") {
		body, err := io.ReadAll(httputil.NewChunkedReader(r))
		if err != nil {
			return body, err
		}
		_, err = readLines(r)
		return body, err
	}
	length := e.header("Content-Length")
	if length == "" {
		return nil, nil
	}
	n, err := strconv.ParseUint(length, 10, 24)
	if err != nil {
		return nil, fmt.Errorf("read Content-Length: %w", err)
	}
	body := make([]byte, n)
	_, err = io.ReadFull(r, body)
	return body, err
}

func (e *exchange) header(name string) string {
	for _, line := range e.head[1:] {
		field, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(field, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// target returns the method and the path with its query.
func (e *exchange) target() (string, *url.URL) {
	words := strings.Fields(e.head[0])
	if len(words) < 2 {
		return "", &url.URL{}
	}
	u, err := url.Parse(words[1])
	if err != nil {
		return words[0], &url.URL{}
	}
	return words[0], u
}

// is reports whether the request went to a path by a method.
func (e *exchange) is(method, path string) bool {
	m, u := e.target()
	return m == method && u.Path == path
}

// parameters returns what the body holds, and whether it is a JSON object.
func (e *exchange) parameters() (map[string]string, bool) {
	params := map[string]string{}
	if bytes.HasPrefix(bytes.TrimSpace(e.body), []byte("{")) {
		// What is no object of strings has no parameters, and is refused by grantd.
		_ = json.Unmarshal(e.body, &params)
		return params, true
	}
	// Of a broken pair the rest is still there.
	values, _ := url.ParseQuery(string(e.body))
	for name := range values {
		params[name] = values.Get(name)
	}
	return params, false
}

// basic returns the client id of Authorization: Basic. It is encoded in as many
// ways as there are clients; ours holds nothing that decoding could change.
func (e *exchange) basic() (string, bool) {
	scheme, text, _ := strings.Cut(e.header("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", false
	}
	pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return "", false
	}
	id, _, ok := strings.Cut(string(pair), ":")
	id, err = url.QueryUnescape(id)
	return id, ok && err == nil
}

// readAnswers reads the answers to the requests of one connection, in their order.
func readAnswers(r *bufio.Reader, requests <-chan *exchange, answered func(*exchange, int, []byte)) error {
	for e := range requests {
		method, _ := e.target()
		status := http.StatusContinue
		var body []byte
		for status < http.StatusOK {
			resp, err := http.ReadResponse(r, &http.Request{Method: method})
			if err != nil {
				return err
			}
			status = resp.StatusCode
			body, err = io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil {
				return err
			}
		}
		answered(e, status, body)
	}
	return nil
}

// values returns the string members of the answer's JSON object.
func (e *exchange) values() map[string]string {
	var members map[string]any
	err := json.Unmarshal(e.answer, &members)
	if err != nil {
		return nil
	}
	found := map[string]string{}
	for name, value := range members {
		text, isText := value.(string)
		if isText {
			found[name] = text
		}
	}
	return found
}
