package mirror

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"time"
)

// coder goes through the fields of records, and either writes or reads them. One
// function a kind of record does both, so that they cannot differ. Writing leaves the
// record alone: others read it at the same time.
//
// What is wrong once stays so: the fields after it are zero, and err says why.
type coder struct {
	// to is what is written to; nil when it reads.
	to  io.Writer
	out []byte
	// next gives more to read; nil when there is no more than in.
	next func() ([]byte, error)
	in   []byte
	// size is how much there is to read at most. Nothing is longer than that, and no
	// list has more elements: so a mistake does not ask for all the memory there is.
	size int64
	// pieces and joined are for what spreads over two chunks.
	pieces, joined []byte
	err            error
}

var errMalformed = errors.New("it is malformed")

func newWriting(to io.Writer) *coder { return &coder{to: to} }

func newReading(next func() ([]byte, error), size int64) *coder {
	return &coder{next: next, size: size}
}

// newReadingOf reads what is in memory.
func newReadingOf(b []byte) *coder { return &coder{in: b, size: int64(len(b))} }

func (c *coder) reading() bool { return c.to == nil }

// fail notes what went wrong first.
func (c *coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// flush hands on what was written. Call it after every record.
func (c *coder) flush() {
	if c.err == nil && len(c.out) > 0 {
		_, c.err = c.to.Write(c.out)
	}
	c.out = c.out[:0]
}

// more reports whether there is something to read.
func (c *coder) more() bool {
	for len(c.in) == 0 && c.err == nil && c.next != nil {
		var err error
		c.in, err = c.next()
		if errors.Is(err, io.EOF) {
			return false
		}
		if err != nil {
			c.fail(err)
		}
	}
	return len(c.in) > 0 && c.err == nil
}

// take reads n bytes, which are good until the next call.
func (c *coder) take(n int) []byte {
	if n <= len(c.in) {
		taken := c.in[:n]
		c.in = c.in[n:]
		return taken
	}
	c.pieces = c.pieces[:0]
	for len(c.pieces) < n && c.more() {
		part := min(n-len(c.pieces), len(c.in))
		c.pieces = append(c.pieces, c.in[:part]...)
		c.in = c.in[part:]
	}
	if len(c.pieces) < n {
		c.fail(errMalformed)
		return nil
	}
	return c.pieces
}

// raw is for what has a length of its own.
func (c *coder) raw(b []byte) {
	if c.reading() {
		copy(b, c.take(len(b)))
		return
	}
	c.out = append(c.out, b...)
}

func (c *coder) uint(n *uint64) {
	if !c.reading() {
		c.out = binary.AppendUvarint(c.out, *n)
		return
	}
	if len(c.in) < binary.MaxVarintLen64 {
		c.join()
	}
	value, size := binary.Uvarint(c.in)
	if size <= 0 {
		c.fail(errMalformed)
		*n = 0
		return
	}
	*n = value
	c.in = c.in[size:]
}

// join makes one piece of what is left of a chunk and the next one, for a number
// that may lie in both.
func (c *coder) join() {
	c.joined = append(c.joined[:0], c.in...)
	c.in = nil
	for len(c.joined) < binary.MaxVarintLen64 && c.more() {
		c.joined = append(c.joined, c.in...)
		c.in = nil
	}
	c.in = c.joined
}

// length is for how many there are of something.
func (c *coder) length(n *int) {
	wide := uint64(max(*n, 0))
	c.uint(&wide)
	if !c.reading() {
		return
	}
	if wide > uint64(max(c.size, 0)) {
		c.fail(errMalformed)
		wide = 0
	}
	*n = int(wide)
}

func (c *coder) flag(b *bool) {
	one := []byte{0}
	if *b {
		one[0] = 1
	}
	c.raw(one)
	if c.reading() {
		*b = one[0] == 1
	}
}

// instant keeps milliseconds, which is what a store keeps, and the zero time.
func (c *coder) instant(at *time.Time) {
	ms := int64(math.MinInt64)
	if !at.IsZero() {
		ms = at.UnixMilli()
	}
	number(c, &ms)
	if !c.reading() {
		return
	}
	*at = time.Time{}
	if ms != math.MinInt64 && c.err == nil {
		*at = time.UnixMilli(ms).UTC()
	}
}

// number is for all signed numbers.
func number[T ~int | ~int64](c *coder, n *T) {
	zigzag := uint64(*n)<<1 ^ uint64(int64(*n)>>63) //nolint:gosec // the bits are what counts
	c.uint(&zigzag)
	if c.reading() {
		*n = T(int64(zigzag>>1) ^ -int64(zigzag&1))
	}
}

func text[T ~string](c *coder, s *T) {
	n := len(*s)
	c.length(&n)
	if c.reading() {
		*s = T(c.take(n))
		return
	}
	c.out = append(c.out, *s...)
}

func binaries(c *coder, b *[]byte) {
	s := string(*b)
	text(c, &s)
	if c.reading() && s != "" {
		*b = []byte(s)
	}
}

func list[T any](c *coder, items *[]T, each func(c *coder, one *T)) {
	n := len(*items)
	c.length(&n)
	if !c.reading() {
		for i := range *items {
			each(c, &(*items)[i])
		}
		return
	}
	*items = nil
	for len(*items) < n && c.err == nil {
		var one T
		each(c, &one)
		*items = append(*items, one)
	}
}
