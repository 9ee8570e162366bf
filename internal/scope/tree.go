package scope

// branches are the next steps of a tree that are spelled out: text to node.
type branches[N any] struct {
	list []branch[N]
	// byText holds the list, once it is long.
	byText map[string]*N
}

type branch[N any] struct {
	text string
	next *N
}

// get returns the node, or nil.
func (b *branches[N]) get(text string) *N {
	if b.byText != nil {
		return b.byText[text]
	}
	for i := range b.list {
		if b.list[i].text == text {
			return b.list[i].next
		}
	}
	return nil
}

// grow returns the node, which it makes when there is none.
func (b *branches[N]) grow(text string) *N {
	const few = 8
	have := b.get(text)
	if have != nil {
		return have
	}
	made := new(N)
	b.list = append(b.list, branch[N]{text, made})
	if len(b.list) == few+1 {
		b.byText = make(map[string]*N, 2*few)
		for _, one := range b.list {
			b.byText[one.text] = one.next
		}
	}
	if b.byText != nil {
		b.byText[text] = made
	}
	return made
}

// node is a place in the tree of definitions: what the segments up to here lead
// to. Definitions whose parameters have equal types share it, whatever the names.
type node struct {
	literals   branches[node]
	parameters []edge
	// leaf is the definition that ends here, if any.
	leaf *leaf
}

type edge struct {
	kind Type
	next *node
}

type leaf struct {
	definition *definition
	// owner is the place of its owner in a list that the tree does not know.
	owner int
}

// insert adds a definition. It returns the one that has this very place already,
// which stays.
func (n *node) insert(d *definition, owner int) *definition {
	at := n
	for _, s := range d.segments {
		if s.parameter {
			at = at.parameter(s.kind)
			continue
		}
		at = at.literals.grow(s.text)
	}
	if at.leaf != nil {
		return at.leaf.definition
	}
	at.leaf = &leaf{d, owner}
	return nil
}

func (n *node) parameter(kind Type) *node {
	for _, e := range n.parameters {
		if e.kind.String() == kind.String() {
			return e.next
		}
	}
	next := new(node)
	n.parameters = append(n.parameters, edge{kind, next})
	return next
}

// find returns the definition that a concrete scope matches: literal segments go
// first, and no node is visited twice, because one path only leads to each.
func (n *node) find(scope string) *leaf {
	part, rest, more := cut(scope)
	next := n.literals.get(part)
	if next != nil {
		found := next.end(rest, more)
		if found != nil {
			return found
		}
	}
	for i := range n.parameters {
		e := &n.parameters[i]
		if !e.kind.Matches(part) {
			continue
		}
		found := e.next.end(rest, more)
		if found != nil {
			return found
		}
	}
	return nil
}

func (n *node) end(rest string, more bool) *leaf {
	if !more {
		return n.leaf
	}
	return n.find(rest)
}
