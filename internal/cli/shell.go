package cli

import (
	"os"
	"slices"
	"strings"
)

// shellQuote writes s as one word of a POSIX shell.
func shellQuote(s string) string {
	if s != "" && !strings.ContainsFunc(s, special) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func special(r rune) bool {
	plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:=@%+,", r)
	return !plain
}

// self is how this program was called, for lines to paste: a binary that the go
// command built and ran is gone afterwards.
func self() string {
	path, err := os.Executable()
	if err == nil && strings.Contains(path, "/go-build") {
		return "go run ./cmd/grantd"
	}
	return "grantd"
}

// keyCreateLine is a line that creates a key on the server of the data directory.
func keyCreateLine(dataDir, scope string) string {
	return commandLine("key create", dataDir) + " --name my-backend --scope " + shellQuote(scope)
}

// commandLine is a line that runs a command on the server of the data directory.
func commandLine(command, dataDir string, args ...string) string {
	line := self() + " " + command
	if dataDir != "" {
		line += " --data " + shellQuote(dataDir)
	}
	// An id may begin with the sign of a flag.
	if slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-") }) {
		line += " --"
	}
	for _, arg := range args {
		line += " " + shellQuote(arg)
	}
	return line
}
