package main

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// row is one line of a table: a program and what it declares. It is read from a
// client.json or a verifier.json; the fields of the second half are filled in.
type row struct {
	Name     string            `json:"name"`
	Package  string            `json:"package"`
	Language string            `json:"language"`
	Version  string            `json:"version,omitempty"`
	Run      []string          `json:"run"`
	Features map[string]string `json:"features"`
	// RefreshTokens gives all its keys the grant refresh_token, for libraries that
	// cannot read an answer without one.
	RefreshTokens bool `json:"refresh_tokens,omitempty"`
	// EndpointAudience takes the token endpoint for the audience of assertions, for
	// libraries that can name nothing else.
	EndpointAudience bool `json:"endpoint_audience,omitempty"`

	// file is where it was read, ecosystem the folder below test/interop.
	file, ecosystem string
	// slug is the name in paths.
	slug   string
	states map[string]state
	// verifier is nil for a client.
	verifier *verifierTraits
}

// verifierTraits are the members that only a verifier.json has.
type verifierTraits struct {
	Algorithms []string `json:"algorithms"`
	// Typ is the typ header that it takes: any, at+jwt or JWT.
	Typ string `json:"typ"`
}

// path names one cell for -only and in messages.
func (r *row) path(feature string) string {
	return r.ecosystem + "/" + r.slug + "/" + feature
}

var unsuited = regexp.MustCompile(`[^a-z0-9]+`)

func slugOf(name string) string {
	return strings.Trim(unsuited.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// complete checks what was read and fills in the rest.
func (r *row) complete(features []string) error {
	r.slug = slugOf(r.Name)
	if r.slug == "" || r.Package == "" || r.Language == "" || len(r.Run) == 0 {
		return fmt.Errorf("%q: name, package, language and run must be there", r.Name)
	}
	r.states = map[string]state{}
	for _, name := range features {
		text, listed := r.Features[name]
		if !listed {
			return fmt.Errorf("%q: the feature %s is missing", r.Name, name)
		}
		s, err := parseState(text)
		if err != nil {
			return fmt.Errorf("%q: %s: %w", r.Name, name, err)
		}
		r.states[name] = s
	}
	for _, name := range slices.Sorted(maps.Keys(r.Features)) {
		if !slices.Contains(features, name) {
			return fmt.Errorf("%q: there is no feature %q", r.Name, name)
		}
	}
	return r.checkVerifier()
}

func (r *row) checkVerifier() error {
	if r.verifier == nil {
		return nil
	}
	if !slices.Contains([]string{"any", "at+jwt", "JWT"}, r.verifier.Typ) {
		return fmt.Errorf("%q: typ is %q, want any, at+jwt or JWT", r.Name, r.verifier.Typ)
	}
	var declared []string
	for _, name := range algorithms {
		if r.states[name].verdict == works {
			declared = append(declared, name)
		}
	}
	listed := slices.Clone(r.verifier.Algorithms)
	slices.Sort(listed)
	slices.Sort(declared)
	if len(declared) == 0 || !slices.Equal(listed, declared) {
		return fmt.Errorf("%q: algorithms are %q, want those whose feature is works: %q", r.Name, listed, declared)
	}
	return nil
}

// command returns the command line with its placeholders filled in.
func (r *row) command(root string) ([]string, error) {
	fill := strings.NewReplacer("{build}", filepath.Join(root, "build", "interop"),
		"{here}", filepath.Dir(r.file), "{root}", root)
	command := make([]string, len(r.Run))
	for i, word := range r.Run {
		command[i] = fill.Replace(word)
	}
	program, err := exec.LookPath(command[0])
	if err != nil {
		return nil, fmt.Errorf("find the program: %w", err)
	}
	if !filepath.IsAbs(program) {
		return nil, fmt.Errorf("the program %s is neither a word looked up in PATH nor an absolute path", command[0])
	}
	command[0] = program
	return command, nil
}
