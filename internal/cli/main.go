package cli

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/grantd/grantd/internal/fault"
)

// The exit codes of grantd.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// app is what every command gets.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	env    []string
	now    func() time.Time
}

// Main runs one command and returns the code to exit with. The arguments are
// without the program's name; env is as os.Environ returns it.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, env []string) int {
	out := &output{to: stdout}
	clock := time.Now //nolint:forbidigo // the program's one clock; everything below takes it as a field
	a := &app{stdin: stdin, stdout: out, stderr: stderr, env: env, now: clock}
	err := a.run(args)
	if err == nil && out.err != nil {
		// A secret that was not printed is lost, so a full disk is not success.
		err = fault.Hint(out.err, "what was done is done; only the output is missing. If a secret was in it, remove that one and make another")
	}
	if err == nil {
		return exitOK
	}
	report(stderr, err)
	_, usage := errors.AsType[*usageError](err)
	if usage {
		return exitUsage
	}
	return exitFailure
}

func (a *app) run(args []string) error {
	commands := &grammar{}
	helped := false
	parser, err := kong.New(commands,
		kong.Name("grantd"),
		kong.Description("An OAuth 2.0 authorization server for machines."),
		kong.Writers(a.stdout, a.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		// Only --help ends the program from inside the parser. What follows it
		// there is parsed for nothing and never run.
		kong.Exit(func(int) { helped = true }),
		kong.BindTo(context.Background(), (*context.Context)(nil)),
		kong.Bind(a),
	)
	if err != nil {
		return err
	}
	if len(args) > 0 && args[0] == completeCommand {
		return a.complete(parser.Model, args[1:])
	}
	selected, err := parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		return parseProblem(args, err)
	}
	return selected.Run()
}

// lookup returns a variable of the environment, or "".
func (a *app) lookup(name string) string {
	value := ""
	for _, entry := range a.env {
		key, text, _ := strings.Cut(entry, "=")
		if key == name {
			value = text
		}
	}
	return value
}
