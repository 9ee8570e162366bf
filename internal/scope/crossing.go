package scope

import "slices"

// maxWork bounds the comparison of patterns when a catalogue is read: so many
// pairs of instructions are looked at. A pair of usual patterns takes hundreds.
const maxWork = 2_000_000

// maxVisits bounds how often a definition is held against a place in the tree of
// the others. Usual ones are held against a handful each.
const maxVisits = 2_000_000

// comparison finds out which types have a value in common, and which values are of
// which type, once each.
type comparison struct {
	pairs map[[2]string]pair
	// values says by type and text whether the text is a value of the type.
	values map[[2]string]bool
	// work and visits are what is left of them.
	work, visits int
}

// pair is what was found out about two types: an example of the values that they
// have in common, if any.
type pair struct {
	overlap bool
	example string
}

func newComparison() *comparison {
	return &comparison{pairs: map[[2]string]pair{}, values: map[[2]string]bool{}, work: maxWork, visits: maxVisits}
}

// common reports whether a value is of both types, with an example. There is no
// example when that is too much work to find out; they are taken to overlap then.
func (c *comparison) common(a, b Type) (string, bool) {
	key := [2]string{a.String(), b.String()}
	if key[0] > key[1] {
		key[0], key[1], a, b = key[1], key[0], b, a
	}
	known, found := c.pairs[key]
	if found {
		return known.example, known.overlap
	}
	// Nothing of this is remembered: whoever comes with more work may find it out.
	if c.work <= 0 {
		return "", true
	}
	example, overlap := c.compare(a, b)
	if c.work > 0 {
		c.pairs[key] = pair{overlap, example}
	}
	return example, overlap
}

// matching is common for a type and a text that is spelled out.
func (c *comparison) matching(t Type, text string) (string, bool) {
	if !t.hasPattern() && (t.special == nil || t.special.values == nil) {
		return text, t.Matches(text)
	}
	key := [2]string{t.String(), text}
	matches, known := c.values[key]
	if known {
		return text, matches
	}
	c.work -= t.effort(text)
	if c.work <= 0 {
		return "", true
	}
	matches = t.Matches(text)
	c.values[key] = matches
	return text, matches
}

// effort is about as much work as it is to match the text.
func (t Type) effort(text string) int {
	const cheaper = 16
	effort := 1 + len(t.special.values)/cheaper
	if t.hasPattern() && len(text) <= maxValueBytes {
		effort += len(t.special.program.steps) * len(text) / cheaper
	}
	return effort
}

func (c *comparison) compare(a, b Type) (string, bool) {
	for _, t := range []Type{a, b} {
		if t.special == nil || t.special.values == nil {
			continue
		}
		both := func(v string) bool { return a.Matches(v) && b.Matches(v) }
		at := slices.IndexFunc(t.special.values, both)
		if at < 0 {
			return "", false
		}
		return t.special.values[at], true
	}
	p, errA := a.automaton()
	q, errB := b.automaton()
	if errA != nil || errB != nil {
		return "", true
	}
	return common(p, q, &c.work)
}

// automaton returns the program of a type that is no enum.
func (t Type) automaton() (*program, error) {
	switch {
	case t.special == nil:
		return newProgram(slugPattern)
	case t.hasPattern():
		return t.special.program, nil
	}
	return newProgram(uuidPattern)
}

// The dots that a value began with matter, because no value is . or ..
const (
	nothingRead = iota
	oneDot
	twoDots
	notOnlyDots
	dotStates
)

// crossing walks through two programs at once, breadth first: each step is a pair
// of instructions, one of each, that the same characters lead to.
type crossing struct {
	a, b  *program
	seen  []bool
	steps []step
	// now are the steps that as many characters lead to, and later those that take
	// one more.
	now, later []int
	work       *int
}

// step is a place in both programs, and how it was reached.
type step struct {
	a, b uint16
	dots int
	// read leads here from the step before; zero when nothing was read.
	read   byte
	before int
}

// common returns the shortest of the values that both programs match. It takes
// from work what it looks at; with nothing left, it returns true without a value.
func common(a, b *program, work *int) (string, bool) {
	c := &crossing{a: a, b: b, seen: make([]bool, len(a.steps)*len(b.steps)*dotStates), work: work}
	// The memory alone is some work, too.
	*work -= len(c.seen) / 64
	c.reach(&c.now, step{a: a.start, b: b.start, before: -1})
	for range maxValueBytes + 1 {
		for i := 0; i < len(c.now); i++ {
			at := c.now[i]
			if c.ends(at) {
				return c.spell(at), true
			}
			c.follow(at)
		}
		if *work <= 0 {
			return "", true
		}
		c.now, c.later = c.later, c.now[:0]
	}
	return "", false
}

// reach adds a step to a list unless it was reached before, by a value that is no
// longer.
func (c *crossing) reach(list *[]int, s step) {
	place := (int(s.a)*len(c.b.steps)+int(s.b))*dotStates + s.dots
	if c.seen[place] || *c.work <= 0 {
		return
	}
	*c.work--
	c.seen[place] = true
	c.steps = append(c.steps, s)
	*list = append(*list, len(c.steps)-1)
}

func (c *crossing) ends(at int) bool {
	s := c.steps[at]
	return c.a.steps[s.a].ends && c.b.steps[s.b].ends && s.dots == notOnlyDots
}

// follow reaches what comes after a step.
func (c *crossing) follow(at int) {
	s := c.steps[at]
	x, y := &c.a.steps[s.a], &c.b.steps[s.b]
	switch {
	case x.passes:
		c.reach(&c.now, step{x.next, s.b, s.dots, 0, at})
		if x.forks {
			c.reach(&c.now, step{x.or, s.b, s.dots, 0, at})
		}
	case y.passes:
		c.reach(&c.now, step{s.a, y.next, s.dots, 0, at})
		if y.forks {
			c.reach(&c.now, step{s.a, y.or, s.dots, 0, at})
		}
	default:
		c.read(at, x, y)
	}
}

// read reaches what comes after the characters that both instructions read. All
// lead to the same place, but for a dot that is one of the first two.
func (c *crossing) read(at int, x, y *instruction) {
	s := c.steps[at]
	both := x.reads.and(y.reads)
	if s.dots == notOnlyDots {
		if !both.empty() {
			c.reach(&c.later, step{x.next, y.next, notOnlyDots, both.first(), at})
		}
		return
	}
	other := both.without('.')
	if !other.empty() {
		c.reach(&c.later, step{x.next, y.next, notOnlyDots, other.first(), at})
	}
	if other != both {
		c.reach(&c.later, step{x.next, y.next, s.dots + 1, '.', at})
	}
}

// spell returns what was read on the way to a step.
func (c *crossing) spell(at int) string {
	var read []byte
	for ; at >= 0; at = c.steps[at].before {
		if c.steps[at].read != 0 {
			read = append(read, c.steps[at].read)
		}
	}
	slices.Reverse(read)
	return string(read)
}
