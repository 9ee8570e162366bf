package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	os.Exit(run(os.Stdin, os.Stdout))
}

func run(in io.Reader, out io.Writer) int {
	t := newTally(out)
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			t.line(strings.TrimSuffix(line, "\n"))
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Fprintf(out, "tally: read the results: %v\n", err)
			t.total.failed++
			break
		}
	}
	t.close()
	// The counts are the last line, whatever happened before.
	fmt.Fprintln(out, t.total)
	if t.total.failed > 0 || t.total.passed == 0 {
		return 1
	}
	return 0
}

// event is one line of go test -json; see go doc test2json. The action
// command-end is ours: a command that is called Package ended with Code.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
	Code    int
}

func (t *tally) line(text string) {
	e := event{}
	err := json.Unmarshal([]byte(text), &e)
	if err != nil || e.Action == "" {
		fmt.Fprintln(t.out, text)
		return
	}
	if e.Package == "" {
		// build-output carries the compiler's complaints; build-fail repeats them
		// as the failure of the package that needed the build.
		fmt.Fprint(t.out, e.Output)
		return
	}
	t.event(e)
}
