package token

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// refreshHandle is what a refresh token says, under its seal.
type refreshHandle struct {
	clientID  string
	scopes    []string
	resources []string
	issued    time.Time
	expires   time.Time
}

// refreshVersion is the first byte of the payload.
const refreshVersion = 1

var errPayload = errors.New("malformed payload")

// encode writes version, the two times in seconds, and the texts, each with its
// length before it.
func (h *refreshHandle) encode() []byte {
	b := make([]byte, 0, 128)
	b = append(b, refreshVersion)
	b = binary.AppendVarint(b, h.issued.Unix())
	b = binary.AppendVarint(b, h.expires.Unix())
	b = appendText(b, h.clientID)
	b = appendText(b, strings.Join(h.scopes, " "))
	return appendText(b, strings.Join(h.resources, " "))
}

func decodeRefreshHandle(b []byte) (refreshHandle, error) {
	if len(b) == 0 || b[0] != refreshVersion {
		return refreshHandle{}, errPayload
	}
	p := payload{rest: b[1:]}
	h := refreshHandle{
		issued:    time.Unix(p.number(), 0),
		expires:   time.Unix(p.number(), 0),
		clientID:  p.text(),
		scopes:    strings.Fields(p.text()),
		resources: strings.Fields(p.text()),
	}
	if p.broken || len(p.rest) != 0 {
		return refreshHandle{}, errPayload
	}
	return h, nil
}

func appendText(b []byte, text string) []byte {
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

// payload reads what encode wrote; once broken it gives zero values.
type payload struct {
	rest   []byte
	broken bool
}

func (p *payload) number() int64 {
	value, n := binary.Varint(p.rest)
	p.skip(n)
	if p.broken {
		return 0
	}
	return value
}

func (p *payload) text() string {
	length, n := binary.Uvarint(p.rest)
	p.skip(n)
	if p.broken || length > uint64(len(p.rest)) {
		p.broken = true
		return ""
	}
	text := string(p.rest[:length])
	p.rest = p.rest[length:]
	return text
}

// skip goes past a number of n bytes; n is not positive when it was malformed.
func (p *payload) skip(n int) {
	if n <= 0 {
		p.broken = true
		return
	}
	p.rest = p.rest[n:]
}
