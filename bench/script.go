package main

import (
	"bytes"
	"strconv"
)

// script is what one connection sends, request by request.
type script interface {
	// next returns the bytes of the next request, good until the next call.
	next() []byte
	// heard takes the body of a 2xx answer to it, good until it returns, and
	// reports whether the answer is one that was wanted.
	heard(body []byte) bool
}

// scripts returns the script of a connection, by its number from 0 on. It is not
// called by several goroutines at once.
type scripts func(connection int) script

// inTurn sends requests one after the other, again and again.
type inTurn struct {
	requests [][]byte
	at       int
	// least and most bound how long the body of a good answer is; most of zero does
	// not.
	least, most int
}

func (s *inTurn) next() []byte {
	request := s.requests[s.at%len(s.requests)]
	s.at++
	return request
}

func (s *inTurn) heard(body []byte) bool {
	return len(body) >= s.least && (s.most == 0 || len(body) <= s.most)
}

// always sends the same bytes on all connections.
func always(request []byte) scripts { return turns([][]byte{request}, 0) }

// turns sends the requests in turn, on each connection from another one on. The
// connections are as far apart as can be, so that a request comes again only
// when about all others were sent.
func turns(requests [][]byte, least int) scripts { return bounded(requests, least, 0) }

// bounded is turns where a good answer is not longer than most either.
func bounded(requests [][]byte, least, most int) scripts {
	// Steps of the golden ratio fall evenly, however many there are.
	const percent = 62
	return func(connection int) script {
		return &inTurn{requests: requests, at: connection * len(requests) * percent / 100, least: least, most: most}
	}
}

// chain is a client that refreshes again and again, each time with the token
// that the answer before brought.
type chain struct {
	// first asks for the first token; head and form, a length between them and
	// the token behind them, ask for every other.
	first      []byte
	head, form string
	token      []byte
	request    []byte
}

// chains refreshes one chain on each connection. They go on where they were when
// the same scripts run again.
func chains(first []byte, head, form string) scripts {
	var kept []*chain
	return func(connection int) script {
		for len(kept) <= connection {
			kept = append(kept, &chain{first: first, head: head, form: form})
		}
		return kept[connection]
	}
}

func (c *chain) next() []byte {
	if len(c.token) == 0 {
		return c.first
	}
	b := append(c.request[:0], c.head...)
	b = strconv.AppendInt(b, int64(len(c.form)+len(c.token)), 10)
	b = append(b, "\r\n\r\n"...)
	b = append(b, c.form...)
	c.request = append(b, c.token...)
	return c.request
}

// heard takes the next token. One that is the same again was not rotated.
func (c *chain) heard(body []byte) bool {
	token := member(body, "refresh_token")
	rotated := len(token) > 0 && !bytes.Equal(token, c.token)
	c.token = append(c.token[:0], token...)
	return rotated
}

// member returns a string of a JSON object that needs no escapes, or nil.
func member(body []byte, name string) []byte {
	_, rest, found := bytes.Cut(body, []byte(`"`+name+`":"`))
	value, _, ends := bytes.Cut(rest, []byte{'"'})
	if !found || !ends {
		return nil
	}
	return value
}

// collector sends one request again and again and keeps the access tokens.
type collector struct {
	request []byte
	tokens  []string
}

func (c *collector) next() []byte { return c.request }

func (c *collector) heard(body []byte) bool {
	token := member(body, "access_token")
	c.tokens = append(c.tokens, string(token))
	return len(token) > 0
}
