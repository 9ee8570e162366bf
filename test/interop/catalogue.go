package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// catalogue is everything that lies in the folders of the ecosystems.
type catalogue struct {
	ecosystems         []string
	clients, verifiers []*row
	// faults are the files that are not as they must be.
	faults []error
}

// verifierRow is a whole verifier.json.
type verifierRow struct {
	row            `json:",inline"`
	verifierTraits `json:",inline"`
}

func readCatalogue(dir string) (*catalogue, error) {
	setups, err := filepath.Glob(filepath.Join(dir, "*", "setup.sh"))
	if err != nil {
		return nil, err
	}
	c := &catalogue{}
	for _, file := range setups {
		c.ecosystems = append(c.ecosystems, filepath.Base(filepath.Dir(file)))
	}
	err = c.read(dir, "client.json", c.readClients)
	if err != nil {
		return nil, err
	}
	err = c.read(dir, "verifier.json", c.readVerifiers)
	if err != nil {
		return nil, err
	}
	c.checkNames()
	return c, nil
}

func (c *catalogue) read(dir, name string, parse func(string, []byte) error) error {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", name))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		err = parse(file, text)
		if err != nil {
			c.faults = append(c.faults, fmt.Errorf("%s: %w", short(dir, file), err))
		}
		ecosystem := ecosystemOf(file)
		if !slices.Contains(c.ecosystems, ecosystem) {
			c.ecosystems = append(c.ecosystems, ecosystem)
		}
	}
	slices.Sort(c.ecosystems)
	return nil
}

func (c *catalogue) readClients(file string, text []byte) error {
	rows, err := oneOrMore[row](text)
	if err != nil {
		return err
	}
	for i := range rows {
		err := c.add(&c.clients, &rows[i], file, clientFeatureNames())
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *catalogue) readVerifiers(file string, text []byte) error {
	rows, err := oneOrMore[verifierRow](text)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].verifier = &rows[i].verifierTraits
		err := c.add(&c.verifiers, &rows[i].row, file, verifierFeatureNames())
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *catalogue) add(list *[]*row, r *row, file string, features []string) error {
	r.file, r.ecosystem = file, ecosystemOf(file)
	err := r.complete(features)
	if err == nil {
		*list = append(*list, r)
	}
	return err
}

// oneOrMore reads an object or an array of them; unknown and repeated members
// are errors.
func oneOrMore[T any](text []byte) ([]T, error) {
	text = bytes.TrimSpace(text)
	if !bytes.HasPrefix(text, []byte("[")) {
		text = slices.Concat([]byte("["), text, []byte("]"))
	}
	var list []T
	err := json.Unmarshal(text, &list, json.RejectUnknownMembers(true))
	return list, err
}

// checkNames refuses two clients that would share their golden files, and two
// verifiers of an ecosystem that could not be told apart.
func (c *catalogue) checkNames() {
	seen := map[string]*row{}
	for _, r := range slices.Concat(c.clients, c.verifiers) {
		id := r.slug
		if r.verifier != nil {
			id = "verifier " + r.path("")
		}
		if seen[id] != nil {
			c.faults = append(c.faults, fmt.Errorf("%s: the name %q is too much like one in %s", r.file, r.Name, seen[id].file))
		}
		seen[id] = r
	}
}

func ecosystemOf(file string) string { return filepath.Base(filepath.Dir(filepath.Dir(file))) }

func short(dir, file string) string { return strings.TrimPrefix(file, dir+string(filepath.Separator)) }
