package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// golden is the folder of what clients write on the wire, a file for each cell.
type golden struct {
	dir    string
	update bool
}

func (g *golden) file(c cell) string {
	return filepath.Join(g.dir, c.row.slug, c.feature+".txt")
}

// check compares what a client wrote with the file of its cell, or writes it.
func (g *golden) check(c cell, got string) error {
	err := keep(g.file(c), got, g.update)
	if err != nil {
		return fmt.Errorf("wire shape changed: %w", err)
	}
	return nil
}

// keep compares a file with what it should be, or makes it so.
func keep(file, want string, update bool) error {
	have, err := os.ReadFile(file)
	switch {
	case err == nil && string(have) == want:
		return nil
	case update:
		return writeFile(file, want)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is missing; -update writes it", filepath.Base(file))
	case err != nil:
		return err
	}
	return fmt.Errorf("%s differs; -update rewrites it:\n%s", filepath.Base(file), difference(string(have), want))
}

func writeFile(file, text string) error {
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// difference shows the lines that are only in one of two texts, around what
// both begin and end with.
func difference(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	var text strings.Builder
	for _, line := range a {
		fmt.Fprintf(&text, "    - %s\n", line)
	}
	for _, line := range b {
		fmt.Fprintf(&text, "    + %s\n", line)
	}
	return strings.TrimRight(text.String(), "\n")
}

// stale returns the files that belong to no cell of these rows, or removes them.
func (g *golden) stale(rows []*row) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(g.dir, "*", "*.txt"))
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, r := range rows {
		for feature, s := range r.states {
			wanted[g.file(cell{r, feature})] = s.runs()
		}
	}
	files = slices.DeleteFunc(files, func(file string) bool { return wanted[file] })
	if !g.update {
		return files, nil
	}
	for _, file := range files {
		err := os.Remove(file)
		if err != nil {
			return nil, err
		}
		// It goes with its last file, and stays otherwise.
		_ = os.Remove(filepath.Dir(file))
	}
	return nil, nil
}
