package usage

import (
	"encoding/binary"
	"errors"
	"time"
)

// version is the first byte of everything that is encoded.
const version = 1

var errData = errors.New("the data of usage is damaged, or of a later release")

// Encode writes counts compactly, for one key; the times are relative to start.
func (c *Counts) Encode(start time.Time) []byte { return c.append([]byte{version}, start) }

// append writes a mask of what is there, and then that: most keys have one or two
// numbers.
func (c *Counts) append(b []byte, start time.Time) []byte {
	mask := byte(0)
	for i, n := range c.Uses {
		if n > 0 {
			mask |= 1 << i
		}
	}
	failed := c.Failures != [reasons]uint64{} || len(c.Recent) > 0
	if failed {
		mask |= 1 << kinds
	}
	b = appendNonzero(append(b, mask), c.Uses[:])
	if !failed {
		return b
	}
	mask = 0
	for i, n := range c.Failures {
		if n > 0 {
			mask |= 1 << i
		}
	}
	b = appendNonzero(append(b, mask), c.Failures[:])
	b = append(b, byte(len(c.Recent))) //nolint:gosec // at most MaxRecent
	for _, f := range c.Recent {
		b = append(b, byte(f.Reason))
		b = appendText(b, f.From)
		b = binary.AppendUvarint(b, f.Count)
		b = binary.AppendVarint(b, f.Last.Unix()-start.Unix())
	}
	return b
}

func appendNonzero(b []byte, numbers []uint64) []byte {
	for _, n := range numbers {
		if n > 0 {
			b = binary.AppendUvarint(b, n)
		}
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// Decode reads what Encode wrote.
func Decode(data []byte, start time.Time) (Counts, error) {
	r := reader{rest: data}
	if r.byte() != version {
		return Counts{}, errData
	}
	c := r.counts(start)
	if r.bad || len(r.rest) > 0 {
		return Counts{}, errData
	}
	return c, nil
}

// reader takes values off the beginning of data. After the first that is not there,
// all are zero.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) fail() {
	r.bad, r.rest = true, nil
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) unsigned() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) signed() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) text(length uint64) string {
	if length > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	text := string(r.rest[:length])
	r.rest = r.rest[length:]
	return text
}

func (r *reader) counts(start time.Time) Counts {
	var c Counts
	mask := r.byte()
	r.nonzero(mask, c.Uses[:])
	if mask>>(kinds+1) != 0 {
		r.fail()
	}
	if mask&(1<<kinds) == 0 {
		return c
	}
	mask = r.byte()
	r.nonzero(mask, c.Failures[:])
	recent := r.byte()
	if mask>>reasons != 0 || recent > MaxRecent {
		r.fail()
		return c
	}
	for range recent {
		f := Failure{Reason: Reason(r.byte()), From: r.text(r.unsigned()), Count: r.unsigned()}
		f.Last = time.Unix(start.Unix()+r.signed(), 0).UTC()
		if f.Reason >= reasons {
			r.fail()
		}
		c.Recent = append(c.Recent, f)
	}
	return c
}

func (r *reader) nonzero(mask byte, numbers []uint64) {
	for i := range numbers {
		if mask&(1<<i) != 0 {
			numbers[i] = r.unsigned()
		}
	}
}
