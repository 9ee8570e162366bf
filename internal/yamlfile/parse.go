package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/fault"
)

// Parse returns the content of the one document in data, nil when it is empty.
// The name is for the errors.
func Parse(name string, data []byte) (*yaml.Node, error) {
	err := checkText(name, data)
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	err = decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, syntaxError(name, data, err)
	}
	err = decoder.Decode(&second)
	if err == nil {
		err = fmt.Errorf("%s: a second document begins here", Position(name, &second))
		return nil, fault.Hint(err, "keep everything in one document, without --- between its parts")
	}
	if !errors.Is(err, io.EOF) {
		return nil, syntaxError(name, data, err)
	}
	if len(document.Content) == 0 || document.Content[0].ShortTag() == "!!null" {
		return nil, nil
	}
	return document.Content[0], nil
}

// Position says where a node is: grantd.yaml:12.
func Position(name string, n *yaml.Node) string { return fmt.Sprintf("%s:%d", name, n.Line) }

// checkText finds what no YAML file of ours holds. Of some of it the parser does not
// say in which line it is; some, such as a carriage return alone, begins a new line
// for the parser and none in an editor, so that a setting could hide in a comment.
func checkText(name string, data []byte) error {
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == '\n':
			line++
		case r == utf8.RuneError && size == 1:
			return fault.Hint(fmt.Errorf("%s:%d: a byte that is not UTF-8", name, line), "save the file as UTF-8")
		case r == '\t', r == '\r' && len(rest) > 1 && rest[1] == '\n':
		case unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp):
			err := fmt.Errorf("%s:%d: a control character, U+%04X", name, line, r)
			return fault.Hint(err, "remove it; most editors do not show it")
		}
		rest = rest[size:]
	}
	return nil
}

// syntaxError gives the parser's message our form, and a better line where the
// parser's is known to be off: it puts a mistake in the indentation at the
// beginning of the block around it, and an unknown anchor nowhere.
func syntaxError(name string, data []byte, err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	number, rest, found := strings.Cut(strings.TrimPrefix(message, "line "), ": ")
	n, errNumber := strconv.Atoi(number)
	if found && errNumber == nil {
		line, message = n, rest
	}
	alias, isAlias := strings.CutPrefix(message, "unknown anchor '")
	if isAlias {
		alias, _, _ = strings.Cut(alias, "'")
		before, _, _ := strings.Cut(string(data), "*"+alias)
		line = 1 + strings.Count(before, "\n")
	}
	message = strings.Join(strings.Fields(message), " ")
	tab, misfit := indentation(data)
	switch {
	case tab > 0:
		err = fmt.Errorf("%s:%d: a tab in the indentation", name, tab)
		return fault.Hint(err, "indent with two spaces")
	case misfit > 0 && strings.HasPrefix(message, "did not find expected key"):
		err = fmt.Errorf("%s:%d: the indentation fits no line above", name, misfit)
		return fault.Hint(err, "indent the keys of one section by the same number of spaces")
	}
	return fault.Hint(fmt.Errorf("%s:%d: not YAML: %s", name, line, message), "check the indentation, the colons and the quotes around this line")
}

// indentation returns the first line that is indented with a tab and the first
// one whose indentation is that of no line above it; 0 for none.
func indentation(data []byte) (int, int) {
	tab, misfit := 0, 0
	open := []int{0}
	for i, line := range strings.Split(string(data), "\n") {
		content := strings.TrimLeft(line, " ")
		if strings.TrimSpace(content) == "" || content[0] == '#' {
			continue
		}
		if content[0] == '\t' && tab == 0 {
			tab = i + 1
		}
		indent := len(line) - len(content)
		for indent < open[len(open)-1] {
			open = open[:len(open)-1]
			if indent > open[len(open)-1] && misfit == 0 {
				misfit = i + 1
			}
		}
		if indent > open[len(open)-1] {
			open = append(open, indent)
		}
	}
	return tab, misfit
}
