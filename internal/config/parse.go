package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/grantd/grantd/internal/fault"
)

// readLimited reads a file that is no larger than any configuration could be.
func readLimited(name string) ([]byte, error) {
	const limit = 1 << 20
	file, err := os.Open(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%s is larger than 1 MiB", shown(name))
	}
	return data, nil
}

// parseYAML returns the content of the one document in data, nil when it is
// empty.
func parseYAML(name string, data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, syntaxError(name, data, err)
	}
	err = decoder.Decode(&second)
	if err == nil {
		err = fmt.Errorf("%s: a second document begins here", position(name, &second))
		return nil, fault.Hint(err, "keep all settings in one document, without --- between them")
	}
	if !errors.Is(err, io.EOF) {
		return nil, syntaxError(name, data, err)
	}
	if len(document.Content) == 0 || document.Content[0].ShortTag() == "!!null" {
		return nil, nil
	}
	return document.Content[0], nil
}

// syntaxError gives the parser's message our form, and a better line where the
// parser's is known to be off: it puts a mistake in the indentation at the
// beginning of the block around it.
func syntaxError(name string, data []byte, err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	number, rest, found := strings.Cut(strings.TrimPrefix(message, "line "), ": ")
	n, errNumber := strconv.Atoi(number)
	if found && errNumber == nil {
		line, message = n, rest
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
