package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/grantd/grantd/internal/fault"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"grantd": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true})
}

// result is what one command did.
type result struct {
	code           int
	stdout, stderr string
}

func run(stdin string, env []string, args ...string) result {
	var stdout, stderr strings.Builder
	code := Main(args, strings.NewReader(stdin), &stdout, &stderr, env)
	return result{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

func TestMisuse(t *testing.T) {
	tests := []struct {
		name, args, stderr string
	}{
		{name: "no command", args: "", stderr: "error: no command was given"},
		{name: "an unknown command", args: "sreve", stderr: `error: unexpected argument sreve, did you mean "serve"?`},
		{name: "a command without its subcommand", args: "key", stderr: `hint: run: grantd key --help`},
		{name: "an unknown flag", args: "serve --prot 80", stderr: "error: unknown flag --prot"},
		{name: "a flag without its value", args: "serve --data", stderr: "hint: run: grantd serve --help"},
		{name: "a key for nothing", args: "key create --name x", stderr: "error: --scope is missing"},
		{name: "a missing flag", args: "key create --scope /x.read", stderr: "error: missing flags: --name=NAME"},
		{name: "a missing argument", args: "key show", stderr: "hint: run: grantd key show --help"},
		{name: "a word too many", args: "key list now", stderr: "error: unexpected argument now"},
		{name: "a value out of a closed set", args: "api create --audience https://a.example --scope a --alg HS256", stderr: "error: --alg must be one of"},
		{name: "an unknown grant type", args: "key create --name x --scope a --grant-type password", stderr: "error: --grant-type must be one of"},
		{name: "a lifetime without a unit", args: "key create --name x --scope a --access-token-lifetime 60", stderr: `"60" is not a duration; write it like 90s`},
		{name: "a fraction of a second", args: "key create --name x --scope a --access-token-lifetime 1500ms", stderr: "whole seconds"},
		{name: "a negative lifetime", args: "key create --name x --scope a --access-token-lifetime=-1h", stderr: "positive"},
		{name: "half of a pair to import", args: "key create --name x --scope a --client-id i", stderr: "error: --client-id and one of --client-secret-file and --client-secret-hash-file go together"},
		{name: "a pair and its hash", args: "key create --name x --scope a --client-id i --client-secret-file s --client-secret-hash-file h", stderr: "--client-secret-file and --client-secret-hash-file can't be used together"},
		{name: "an expiry twice", args: "key secret add k1 --name x --expires-in 90d --expires-at 2027-01-31", stderr: "--expires-in and --expires-at can't be used together"},
		{name: "a duration in months", args: "key secret add k1 --name x --expires-in 3months", stderr: "write it like 90s, 15m, 1h or 90d"},
		{name: "a time that is none", args: "revoke key k1 --before yesterday", stderr: "write it like 2027-01-31T18:00:00Z, or 2027-01-31"},
		{name: "a rotation that is neither on nor off", args: "key create --name x --scope a --refresh-rotation no", stderr: "error: --refresh-rotation must be one of"},
		{name: "a token as an argument", args: "revoke token gdr_abc", stderr: "error: a token is not given as an argument"},
		{name: "a JWT as an argument", args: "revoke token eyJhbGciOi.eyJpc3Mi.c2ln", stderr: "hint: put it into a file, or paste it after: grantd revoke token -"},
		{name: "everything revoked by a script that did not mean it", args: "revoke all", stderr: "error: this ends the tokens of all keys; nothing was done"},
		{name: "a signing key revoked without a word of consent", args: "signing-key revoke k1", stderr: "hint: add --yes if that is what you want"},
		{name: "an empty kid", args: "signing-key revoke  --yes", stderr: "hint: run: grantd signing-key revoke --help"},
		{name: "an id that looks like a flag before a name", args: "key secret retire -abc old", stderr: "as in: grantd key secret retire … -- -id"},
		{name: "an id that looks like a flag after an audience", args: "api resource-server add https://a.example -abc", stderr: "as in: grantd api resource-server add … -- -id"},
		{name: "an id that looks like a flag", args: "key delete -abc", stderr: "as in: grantd key delete … -- -id"},
		{name: "an id that looks like a flag, before flags", args: "key secret add -abc --name x", stderr: "goes last, after --, as in: grantd key secret add … -- -id"},
		{name: "a kid that looks like a flag", args: "signing-key revoke -abc --yes", stderr: "as in: grantd signing-key revoke … -- -id"},
		{name: "the value of a flag that looks like one", args: "key secret add k1 --name -x", stderr: "hint: a value that begins with - goes after =, as in: --name=-x"},
		{name: "a time to come that has passed", args: "key secret add k1 --name x --expires-in -5m", stderr: "hint: a value that begins with - goes after =, as in: --expires-in=-5m"},
		{name: "the first instant there is, which stands for none", args: "revoke all --yes --before 0001-01-01T00:00:00Z", stderr: "is not a time"},
		{name: "a file to import whose variable is not set", args: "key secret add k1 --name x --client-secret-hash-file=", stderr: "it is empty; is a variable not set"},
		{name: "a key to import whose variable is not set", args: "key create --name x --scope a --client-id=", stderr: "it is empty; is a variable not set"},
		{name: "an API whose variable is not set", args: "key create --name x --scope a --api=", stderr: "it is empty; is a variable not set"},
		{name: "a data directory whose variable is not set", args: "revoke all --yes --data=", stderr: "it is empty; is a variable not set"},
		{name: "a token whose variable is not set", args: "inspect  --timeout=1s", stderr: "it is empty; is a variable not set"},
		{name: "a file of a token whose variable is not set", args: "revoke token  --json", stderr: "it is empty; is a variable not set"},
		{name: "a manifest that is not named", args: "apply", stderr: "error: missing flags: --file=FILE"},
		{name: "a manifest whose variable is not set", args: "apply -f ", stderr: "it is empty; is a variable not set"},
		{name: "an API deleted by a script that did not mean it", args: "api delete https://a.example", stderr: "error: this deletes API https://a.example, and its tokens end; nothing was done"},
		{name: "a change of nothing", args: "key update k1", stderr: "error: nothing to change was named"},
		{name: "a change of nothing but by force", args: "api update https://a.example --force", stderr: "error: nothing to change was named"},
		{name: "what cannot be cleared", args: "key update k1 --clear name", stderr: "error: --clear must be one of"},
		{name: "a claim without a value", args: "key update k1 --claim tenant", stderr: "write it like tenant=acme, or level:=3"},
		{name: "an explanation of nothing", args: "scope explain", stderr: "error: --key or --token is missing"},
		{name: "a key and a token to explain", args: "scope explain --key k1 --token -", stderr: "--key and --token can't be used together"},
		{name: "a path for a key without a method", args: "scope explain --key k1 --path /a", stderr: "error: a request to an API needs --method and --path"},
		{name: "an API for a key without a request", args: "scope explain --key k1 --audience https://a.example", stderr: "error: a request to an API needs --method and --path"},
		{name: "a scope for a token", args: "scope explain --token - --method GET --path /a --scope /a.read", stderr: "error: --scope, --resource, --origin, --address and --grant-type go with --key"},
		{name: "a token without a request", args: "scope explain --token - --method GET", stderr: "error: --token needs --method and --path"},
		{name: "a token to explain as an argument", args: "scope explain --token gda_abc --method GET --path /a", stderr: "error: a token is not given as an argument"},
		{name: "an address that is none", args: "scope explain --key k1 --address home", stderr: "home"},
		{name: "an unknown shell", args: "completion fish", stderr: "fish"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := run("", nil, words(tt.args)...)
			if got.code != 2 || got.stdout != "" || !strings.Contains(got.stderr, "grantd: "+tt.stderr) && !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("grantd %s: %+v, want code 2 with %q", tt.args, got, tt.stderr)
			}
			checkForm(t, got.stderr)
		})
	}
}

// words takes a command line apart at its spaces; between two of them is an empty
// word.
func words(line string) []string {
	if line == "" {
		return nil
	}
	return strings.Split(line, " ")
}

// checkForm checks that every line is an error or a hint.
func checkForm(t *testing.T, stderr string) {
	t.Helper()
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "grantd: error: ") && !strings.HasPrefix(line, "grantd: hint: ") {
			t.Errorf("%q is neither an error nor a hint", line)
		}
	}
}

func TestHelpOfEveryCommand(t *testing.T) {
	for _, command := range []string{
		"", "serve", "api", "api create", "api list", "api show", "api update", "api delete", "key", "key update", "apply", "export", "scope", "scope explain", "key create", "key list", "key show",
		"key disable", "key enable", "key delete", "key secret", "key secret add", "key secret list", "key secret retire",
		"api resource-server", "api resource-server add", "api resource-server remove",
		"revoke", "revoke token", "revoke key", "revoke api", "revoke all",
		"signing-key", "signing-key list", "signing-key rotate", "signing-key revoke", "token", "inspect", "config", "config print", "config check",
		"completion", "version",
	} {
		args := append(strings.Fields(command), "--help")
		got := run("", nil, args...)
		want := strings.TrimSpace("Usage: grantd " + command)
		if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, want) {
			t.Errorf("grantd %s: %+v, want help that begins with %q", strings.Join(args, " "), got, want)
		}
	}
}

func TestReport(t *testing.T) {
	first := fault.Hint(errors.New("first"), "do this")
	tests := []struct {
		name string
		err  error
		want string
	}{
		{name: "an error alone", err: errors.New("broken"), want: "grantd: error: broken\n"},
		{name: "an error with its hint", err: first, want: "grantd: error: first\ngrantd: hint: do this\n"},
		{
			name: "joined errors are one line each", err: errors.Join(first, errors.New("second")),
			want: "grantd: error: first\ngrantd: hint: do this\ngrantd: error: second\n",
		},
		{
			name: "an error that wraps two stays one", err: fmt.Errorf("open: %w: %w", errors.New("a"), first),
			want: "grantd: error: open: a: first\ngrantd: hint: do this\n",
		},
		{name: "what a terminal would obey is escaped", err: errors.New("a\x1b[2J\nb"), want: "grantd: error: a\\u001b[2J\\u000ab\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			report(&got, tt.err)
			diff := cmp.Diff(tt.want, got.String())
			if diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOutputThatCannotBeWrittenIsFailure(t *testing.T) {
	var stderr strings.Builder
	code := Main([]string{"version"}, strings.NewReader(""), brokenPipe{}, &stderr, nil)
	if code != 1 || !strings.Contains(stderr.String(), "write the output: broken pipe") {
		t.Errorf("code %d, stderr %q", code, stderr.String())
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "''",
		"/accounts.read":         "/accounts.read",
		"/a/{id}/b":              "'/a/{id}/b'",
		"it's":                   `'it'\''s'`,
		"$(rm)":                  "'$(rm)'",
		"5clTR_MdVrrkgxw2:dNC-h": "5clTR_MdVrrkgxw2:dNC-h",
	} {
		got := shellQuote(in)
		if got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestSplitScopesKeepsCommas(t *testing.T) {
	got := splitScopes([]string{"/a.read /b.read", "c,d", " "})
	diff := cmp.Diff([]string{"/a.read", "/b.read", "c,d"}, got)
	if diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPrintListIsCutAtAScope(t *testing.T) {
	long := strings.Repeat("x", 50)
	for _, tt := range []struct {
		in   []string
		want string
	}{
		{in: []string{"/a.read", "/b.read"}, want: "/a.read /b.read"},
		{in: []string{"/a.read", long, "/b.read"}, want: "/a.read " + long + " …"},
		{in: []string{long + long}, want: "…"},
	} {
		got := printList(tt.in)
		if got != tt.want {
			t.Errorf("printList(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
