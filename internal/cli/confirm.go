package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/grantd/grantd/internal/fault"
)

// consentFlags are of commands that cannot be taken back and reach far.
type consentFlags struct {
	Yes bool `help:"Do it without asking."`
}

// confirm asks whoever sits at the terminal. A script has nobody to ask, so it
// says --yes.
func (f consentFlags) confirm(a *app, consequence string) error {
	if f.Yes {
		return nil
	}
	refused := misuse("add --yes if that is what you want", "%s; nothing was done, because nobody confirmed it", consequence)
	if !onTerminal(a.stdin) {
		return refused
	}
	fmt.Fprintf(a.stderr, "%s.\nType yes to go on: ", clean(consequence))
	const most = 100
	answer, err := bufio.NewReader(io.LimitReader(a.stdin, most)).ReadString('\n')
	if err != nil {
		return refused
	}
	if strings.TrimSpace(answer) != "yes" {
		// That is no mistake in the command line: somebody thought better of it.
		return fault.Hint(errors.New("nothing was done"), "type the whole word yes to go on")
	}
	return nil
}

// onTerminal also takes /dev/null for one; whoever asks there gets no answer.
func onTerminal(r io.Reader) bool {
	file, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}
