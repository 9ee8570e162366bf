package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completeCommand is what the completion scripts call, with the shell's name
// and the words after "grantd" up to the cursor. It answers with one candidate
// a line, a tab and its help; the line :files asks for names of files.
const completeCommand = "__complete"

// candidate is a word that could stand at the cursor.
type candidate struct{ word, help string }

func (a *app) complete(model *kong.Application, args []string) error {
	if len(args) == 0 {
		return nil
	}
	words := args[1:]
	if args[0] == "bash" {
		words = rejoin(words)
	}
	candidates, files := resolve(model, words)
	for _, c := range candidates {
		fmt.Fprintf(a.stdout, "%s\t%s\n", c.word, c.help)
	}
	if files {
		fmt.Fprintln(a.stdout, ":files")
	}
	return nil
}

// rejoin drops the = that bash makes a word of its own, so that --flag=value
// looks like --flag value.
func rejoin(words []string) []string {
	var kept []string
	for i, word := range words {
		last := i == len(words)-1
		switch {
		case word != "=":
			kept = append(kept, word)
		case last:
			kept = append(kept, "")
		}
	}
	return kept
}

// resolve walks the grammar along the words before the last one, and returns
// what could complete the last one.
func resolve(model *kong.Application, words []string) ([]candidate, bool) {
	if len(words) == 0 {
		return nil, false
	}
	at := position{node: model.Node, used: map[string]bool{}}
	for _, word := range words[:len(words)-1] {
		at.step(word)
	}
	return at.candidates(words[len(words)-1])
}

// position is a place in a command line.
type position struct {
	node *kong.Node
	// awaits is the flag whose value comes next.
	awaits *kong.Flag
	// positionals counts the arguments that are neither commands nor flags.
	positionals int
	// plain is true after --: nothing is a flag any more.
	plain bool
	used  map[string]bool
}

func (p *position) step(word string) {
	switch {
	case p.awaits != nil:
		p.awaits = nil
	case word == "--" && !p.plain:
		p.plain = true
	case strings.HasPrefix(word, "-") && word != "-" && !p.plain:
		name, _, complete := strings.Cut(word, "=")
		p.used[name] = true
		flag := p.flag(name)
		if flag != nil && !flag.IsBool() && !complete {
			p.awaits = flag
		}
	default:
		child := p.child(word)
		if child == nil {
			p.positionals++
			return
		}
		p.node = child
	}
}

func (p *position) child(name string) *kong.Node {
	i := slices.IndexFunc(p.node.Children, func(n *kong.Node) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return p.node.Children[i]
}

func (p *position) flags() []*kong.Flag {
	return slices.Concat(p.node.AllFlags(true)...)
}

func (p *position) flag(name string) *kong.Flag {
	for _, flag := range p.flags() {
		if name == "--"+flag.Name {
			return flag
		}
	}
	return nil
}

func (p *position) candidates(word string) ([]candidate, bool) {
	if p.awaits != nil {
		return values(p.awaits.Value, "", word)
	}
	if strings.HasPrefix(word, "-") && !p.plain {
		return p.flagCandidates(word)
	}
	if p.positionals < len(p.node.Positional) {
		return values(p.node.Positional[p.positionals], "", word)
	}
	if p.positionals > 0 {
		return nil, false
	}
	var found []candidate
	for _, child := range p.node.Children {
		if !child.Hidden && strings.HasPrefix(child.Name, word) {
			found = append(found, candidate{child.Name, child.Help})
		}
	}
	return found, false
}

// flagCandidates completes --fl, and --flag=val where the shell keeps it whole.
func (p *position) flagCandidates(word string) ([]candidate, bool) {
	name, value, complete := strings.Cut(word, "=")
	if complete {
		flag := p.flag(name)
		if flag == nil {
			return nil, false
		}
		return values(flag.Value, name+"=", value)
	}
	var found []candidate
	for _, flag := range p.flags() {
		long := "--" + flag.Name
		if strings.HasPrefix(long, word) && (flag.IsCumulative() || !p.used[long]) {
			found = append(found, candidate{long, flag.Help})
		}
	}
	return found, false
}

// values completes the value of a flag or an argument: one of a closed set, or
// a file.
func values(v *kong.Value, prefix, word string) ([]candidate, bool) {
	set := v.EnumSlice()
	if v.Enum == "" {
		set = strings.Split(v.Tag.Get("words"), ",")
	}
	var found []candidate
	for _, one := range set {
		if one != "" && strings.HasPrefix(one, word) {
			found = append(found, candidate{prefix + one, ""})
		}
	}
	file := v.Flag != nil && (v.Flag.PlaceHolder == "FILE" || v.Flag.PlaceHolder == "DIR")
	return found, file || v.Tag.Has("files")
}
