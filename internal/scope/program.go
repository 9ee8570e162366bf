package scope

import (
	"math/bits"
	"regexp/syntax"
)

// alphabet is every character that a value may have, the plainest first, because
// an example is made of the first that fit.
const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.~!#$%&'()*+,:;<>?@[]^`"

// The types without a pattern of their own as patterns. What no type allows, such
// as a value of 200 characters, is left to common.
const (
	anyValue    = `.+`
	slugPattern = `[A-Za-z0-9._~-]+`
	uuidPattern = `[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`
)

// characters is a set of the alphabet's characters, one bit each.
type characters [2]uint64

func (c characters) and(other characters) characters {
	return characters{c[0] & other[0], c[1] & other[1]}
}

func (c characters) empty() bool { return c[0]|c[1] == 0 }

// first returns the plainest character of the set, which is not empty.
func (c characters) first() byte {
	if c[0] != 0 {
		return alphabet[bits.TrailingZeros64(c[0])]
	}
	return alphabet[64+bits.TrailingZeros64(c[1])]
}

func (c characters) without(one byte) characters {
	return c.and(charactersOf(func(r rune) bool { return r != rune(one) }))
}

func charactersOf(belongs func(rune) bool) characters {
	var set characters
	for i := range len(alphabet) {
		if belongs(rune(alphabet[i])) {
			set[i/64] |= 1 << (i % 64)
		}
	}
	return set
}

// program is a pattern as a machine that reads one character after the other.
type program struct {
	steps []instruction
	start uint16
}

// instruction reads one of its characters, or goes on without one.
type instruction struct {
	reads characters
	// next is where it goes on; or is another place, with forks.
	next, or      uint16
	forks, passes bool
	// ends says that all was read that the pattern asks for.
	ends bool
}

// newProgram compiles a pattern. An *Error when it cannot be one of a type.
func newProgram(pattern string) (*program, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, notCompiled(err)
	}
	compiled, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, notCompiled(err)
	}
	if len(compiled.Inst) > maxPatternInstructions {
		return nil, refuseType("has a pattern that is too large; use smaller repetitions")
	}
	p := &program{start: uint16(compiled.Start)} //nolint:gosec // at most maxPatternInstructions
	for i := range compiled.Inst {
		in := &compiled.Inst[i]
		if in.Op == syntax.InstEmptyWidth {
			return nil, refuseType("has a pattern with ^, $ or a word boundary; leave it out, a pattern matches the whole value anyway")
		}
		p.steps = append(p.steps, newInstruction(in))
	}
	return p, nil
}

func newInstruction(in *syntax.Inst) instruction {
	step := instruction{next: uint16(in.Out)} //nolint:gosec // at most maxPatternInstructions
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		step.passes, step.forks, step.or = true, true, uint16(in.Arg) //nolint:gosec // at most maxPatternInstructions
	case syntax.InstCapture, syntax.InstNop:
		step.passes = true
	case syntax.InstMatch:
		step.ends = true
	case syntax.InstFail:
	default:
		step.reads = charactersOf(in.MatchRune)
	}
	return step
}
