package token

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// errPayload is the answer to a payload that no version of ours wrote.
var errPayload = errors.New("malformed payload")

// What is sealed into a handle is a version byte and then numbers, ids and
// texts, each with its length before it. JSON would double the tokens.

func appendTime(b []byte, at time.Time) []byte {
	return binary.AppendVarint(b, at.UnixMilli())
}

func appendModeFlag(b []byte, mode store.Mode) []byte {
	if mode == store.Test {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendText(b []byte, text string) []byte {
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

func appendTexts(b []byte, texts []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(texts)))
	for _, text := range texts {
		b = appendText(b, text)
	}
	return b
}

// payload reads what was written that way; once broken it gives zero values.
// The texts share the memory of the whole.
type payload struct {
	rest    string
	version byte
	broken  bool
}

// open checks the version, which has to be the newest or the one before it.
func open(plain []byte, newest byte) payload {
	if len(plain) == 0 || plain[0] > newest || plain[0] < newest-1 {
		return payload{broken: true}
	}
	return payload{rest: string(plain[1:]), version: plain[0]}
}

// ended reports whether everything was read and nothing was malformed.
func (p *payload) ended() bool { return !p.broken && p.rest == "" }

func (p *payload) take(n uint64) string {
	if p.broken || n > uint64(len(p.rest)) {
		p.broken = true
		return ""
	}
	text := p.rest[:n]
	p.rest = p.rest[n:]
	return text
}

func (p *payload) text() string { return p.take(p.unsigned()) }

func (p *payload) id() store.TokenID {
	var id store.TokenID
	copy(id[:], p.take(uint64(len(id))))
	return id
}

func (p *payload) flag() bool {
	b := p.take(1)
	p.broken = p.broken || b[0] > 1
	return !p.broken && b[0] == 1
}

// mode reads what appendModeFlag wrote. The versions before had none.
func (p *payload) mode(since byte) store.Mode {
	if p.version >= since && p.flag() {
		return store.Test
	}
	return store.Live
}

func (p *payload) time() time.Time {
	ms := p.signed()
	if p.broken {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// unsigned reads a number of up to 64 bits, seven in a byte.
func (p *payload) unsigned() uint64 {
	var value uint64
	for shift := 0; shift < 64; shift += 7 {
		b := p.take(1)
		if p.broken {
			return 0
		}
		value |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			return value
		}
	}
	p.broken = true
	return 0
}

func (p *payload) signed() int64 {
	value := p.unsigned()
	return int64(value>>1) ^ -int64(value&1)
}

// duration reads a number of milliseconds; one that a Duration cannot hold is
// none that we wrote.
func (p *payload) duration() time.Duration {
	ms := p.signed()
	d := time.Duration(ms) * time.Millisecond
	p.broken = p.broken || d.Milliseconds() != ms
	return d
}
