package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/yamlfile"
)

// Sources are where a configuration comes from, in rising order: defaults, the
// file, the environment, the flags. The zero value means defaults only.
//
// An empty value in any source is the same as leaving the setting out there.
type Sources struct {
	// File is the name of the YAML file; empty means there is none.
	File string
	// Env is the environment as os.Environ returns it. Variables that do not
	// begin with GRANTD_ are ignored.
	Env []string
	// Flags are the flags that were given, by key, such as "tls.cert_file".
	Flags map[string]string
	// Dev chooses the defaults of development and lets the issuer be empty.
	Dev bool
}

// Load reads, merges and checks the configuration. The error joins all problems
// that were found, one line each (Unwrap() []error takes them apart), and each
// says where it is and carries its own hint; see package fault. Values are
// checked against each other only after every source could be read.
func Load(s Sources) (Config, error) {
	l := newLoader(s.Dev)
	l.readFile(s.File)
	l.readEnv(s.Env)
	l.readFlags(s.Flags)
	if len(l.problems) > 0 {
		return Config{}, errors.Join(l.problems...)
	}
	l.settle()
	err := errors.Join(l.config.validate(s.Dev)...)
	if err != nil {
		return Config{}, err
	}
	return l.config, nil
}

const (
	originDefault = "default"
	flagOrigin    = "flag"
	dataDir       = "<data_dir>/" // in a default: the data directory
)

type loader struct {
	fields   []field
	config   Config
	problems []error
}

func newLoader(dev bool) *loader {
	l := &loader{fields: fields(), config: Config{origins: map[string]string{}}}
	for _, f := range l.fields {
		l.config.origins[f.path] = originDefault
		l.assign(f, f.defaultValue(dev), originDefault)
	}
	return l
}

// assign gives the setting a value from one source.
func (l *loader) assign(f field, text, origin string) {
	if text == "" {
		return
	}
	err := f.set(&l.config, text)
	if err != nil {
		l.problem(origin, err)
		return
	}
	l.config.origins[f.path] = origin
}

func (l *loader) problem(origin string, err error) {
	l.problems = append(l.problems, at(origin, err))
}

// at puts before err where it came from.
func at(origin string, err error) error {
	err = fmt.Errorf("%s: %w", origin, err)
	if strings.HasPrefix(origin, flagOrigin) {
		return &flagError{err}
	}
	return err
}

// flagError is a problem of a flag.
type flagError struct{ error }

func (f *flagError) Unwrap() error { return f.error }

// OnlyFlags reports whether all that is wrong is the command line.
func OnlyFlags(err error) bool {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		_, flag := errors.AsType[*flagError](err)
		return flag
	}
	return !slices.ContainsFunc(joined.Unwrap(), func(one error) bool { return !OnlyFlags(one) })
}

func (l *loader) field(path string) (field, bool) {
	i := slices.IndexFunc(l.fields, func(f field) bool { return f.path == path })
	if i < 0 {
		return field{}, false
	}
	return l.fields[i], true
}

// paths returns the keys of all settings.
func (l *loader) paths() []string {
	paths := make([]string, len(l.fields))
	for i, f := range l.fields {
		paths[i] = f.path
	}
	return paths
}

func (l *loader) readFile(name string) {
	if name == "" {
		return
	}
	data, err := readLimited(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("config file %s: %w", yamlfile.Shown(name), fs.ErrNotExist)
		l.problems = append(l.problems, fault.Hint(err, "create it, or start without --config to use defaults, environment and flags"))
		return
	}
	if err != nil {
		l.problems = append(l.problems, fmt.Errorf("read config file: %w", err))
		return
	}
	l.readYAML(yamlfile.Shown(name), data)
}

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
		return nil, fmt.Errorf("%s is larger than 1 MiB", yamlfile.Shown(name))
	}
	return data, nil
}

func (l *loader) readFlags(flags map[string]string) {
	for _, path := range slices.Sorted(maps.Keys(flags)) {
		f, known := l.field(path)
		if !known {
			l.problem("flags", fmt.Errorf("unknown key %s%s", yamlfile.Shown(path), yamlfile.DidYouMean(path, l.paths())))
			continue
		}
		origin := flagOrigin
		if f.flag != "" {
			origin += " " + f.flag
		}
		l.assign(f, flags[path], origin)
	}
}

// settle completes the defaults that depend on other settings.
func (l *loader) settle() {
	c := &l.config
	c.MasterKeyFile = c.keyFile("master_key_file", c.MasterKeyFile, c.MasterKey)
	c.PepperFile = c.keyFile("pepper_file", c.PepperFile, c.Pepper)
}

func (c *Config) keyFile(key, file string, instead Secret) string {
	if !c.Defaulted(key) {
		return file
	}
	if instead.Reveal() != "" {
		return ""
	}
	return filepath.Join(c.DataDir, strings.TrimPrefix(file, dataDir))
}
