package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/web"
)

// usageError is a command line that cannot be meant.
type usageError struct{ err error }

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }

// misuse returns a usage error with its hint.
func misuse(hint, format string, args ...any) error {
	return &usageError{err: fault.Hint(fmt.Errorf(format, args...), "%s", hint)}
}

// parseProblem gives what the parser found the form of all our errors.
func parseProblem(args []string, err error) error {
	if len(args) == 0 {
		return misuse("run: grantd --help, or grantd serve --dev to try it", "no command was given")
	}
	command := "grantd"
	parse, ok := errors.AsType[*kong.ParseError](err)
	if ok && parse.Context != nil && parse.Context.Selected() != nil {
		command = parse.Context.Selected().FullPath()
	}
	hint := fmt.Sprintf("run: %s --help", command)
	i := slices.IndexFunc(args, dashed)
	switch {
	case i <= 0:
	case dashedValue(args[i-1], err):
		hint = fmt.Sprintf("a value that begins with - goes after =, as in: %s=%s", args[i-1], args[i])
	case len(args[i]) > len("-h") && slices.Contains([]string{"key", "revoke", "api", "signing-key"}, args[0]):
		hint = fmt.Sprintf("an id that begins with - goes last, after --, as in: %s … -- -id", command)
	}
	return misuse(hint, "%s", err)
}

// dashed reports whether an argument that was taken for flags looks like an id or
// a value.
func dashed(arg string) bool { return len(arg) > 1 && arg[0] == '-' && arg[1] != '-' }

// dashedValue reports whether the parser wanted a value for the flag and found
// something that looks like a flag.
func dashedValue(flag string, err error) bool {
	return strings.HasPrefix(flag, "--") && strings.HasPrefix(err.Error(), flag+": expected ")
}

// report prints each error with its hint.
func report(w io.Writer, err error) {
	for _, one := range apart(err) {
		fmt.Fprintf(w, "grantd: error: %s\n", clean(one.Error()))
		hint := fault.HintOf(one)
		if hint != "" {
			fmt.Fprintf(w, "grantd: hint: %s\n", clean(hint))
		}
	}
}

// apart returns the errors that errors.Join made into one. An error that only
// wraps several, inside a sentence of its own, stays whole.
func apart(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	var texts []string
	for _, one := range joined.Unwrap() {
		all = append(all, apart(one)...)
		texts = append(texts, one.Error())
	}
	if strings.Join(texts, "\n") != err.Error() {
		return []error{err}
	}
	return all
}

// refusedField returns the member of a call that the server refused, or "". The
// command line may have another name for it.
func refusedField(err error) string {
	problem, ok := errors.AsType[*web.Problem](err)
	if !ok {
		return ""
	}
	return problem.Field
}

// clean makes text safe for a terminal: what cannot be printed is escaped, and
// it stays on one line.
func clean(text string) string {
	if !strings.ContainsFunc(text, unprintable) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unprintable(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
