package scripts

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

var update = flag.Bool("update", false, "write the README and the pages about operations and scopes anew with what the commands print")

// TestDocuments runs the commands of the README, and then those of the operations
// page, as somebody does who reads one after the other, and compares what they
// print. Times, durations and what is random may differ.
func TestDocuments(t *testing.T) {
	r := newReader(t)
	for _, name := range []string{"README.md", "docs/operations.md"} {
		r.read(t, name)
	}
}

// read runs the commands of a page.
func (r *reader) read(t *testing.T, name string) {
	t.Helper()
	path := filepath.Join(blackbox.Root(t), filepath.FromSlash(name))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := r.document(t, name, string(text))
	if !*update {
		return
	}
	err = os.WriteFile(path, []byte(read), 0o600)
	if err != nil {
		t.Fatal(err)
	}
}

// reader is somebody who types what a document says.
type reader struct {
	server *blackbox.Server
	dir    string
	env    []string
	// ours and theirs turn the document's ids, secrets and addresses into those of
	// this run, and back.
	ours, theirs map[string]string
}

// The documents' server.
const (
	documentedURL = "http://127.0.0.1:8080"
	documentedDir = `/\S*grantd-dev-\d+`
)

// newReader has a server with a demo, and the file of a hash to import.
func newReader(t *testing.T) *reader {
	t.Helper()
	r := readerOf(t, blackbox.Start(t, blackbox.Options{Dev: true}))
	hash := "$2b$05$4ap/H1W5BbqSWNl8C9bCkOlzJMq3jEZM81WXRGMlToc2zZLKEzrCS\n"
	err := os.WriteFile(filepath.Join(r.dir, "hash.txt"), []byte(hash), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readerOf(t *testing.T, server *blackbox.Server) *reader {
	t.Helper()
	binary, err := blackbox.Binary()
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{
		server: server,
		dir:    t.TempDir(),
		env:    append(os.Environ(), "TZ=UTC", "PATH="+filepath.Dir(binary)+string(filepath.ListSeparator)+os.Getenv("PATH")),
		ours:   map[string]string{},
		theirs: map[string]string{},
	}
	r.learn(documentedURL, r.server.URL)
	return r
}

func (r *reader) learn(theirs, ours string) {
	r.ours[theirs], r.theirs[ours] = ours, theirs
}

var (
	console    = regexp.MustCompile("(?s)```console\n(.*?)```\n")
	assignment = regexp.MustCompile(`^(?:export )?([A-Z_]+)=`)
	// What may differ. Random words are long, and not of small letters alone.
	times     = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	durations = regexp.MustCompile(`\b(in )?(\d+[dhms])+( ago)?\b|\b\d+ seconds?( ago)?\b|\b(just )?now\b`)
	seconds   = regexp.MustCompile(`\b\d{10}\b`)
	words     = regexp.MustCompile(`[A-Za-z0-9_.-]{15,}`)
	random    = regexp.MustCompile(`[A-Z0-9]`)
	spaces    = regexp.MustCompile(` +`)
)

// document runs every block of a document and returns it with what was printed.
func (r *reader) document(t *testing.T, name, text string) string {
	t.Helper()
	dir := regexp.MustCompile(documentedDir)
	theirs := dir.FindString(text)
	if theirs != "" {
		r.learn(theirs, dir.FindString(r.server.Output()))
	}
	return console.ReplaceAllStringFunc(text, func(block string) string {
		var read strings.Builder
		read.WriteString("```console\n")
		for _, step := range splitSteps(console.FindStringSubmatch(block)[1]) {
			printed := r.run(t, step.command)
			r.learnWords(step.printed, printed)
			got, want := r.translate(printed, r.theirs), step.printed
			if !*update && shape(got) != shape(want) {
				t.Errorf("%s: $ %s\nprints:\n%s\nwant:\n%s", name, step.command, got, want)
			}
			fmt.Fprintf(&read, "$ %s\n%s", step.command, got)
		}
		read.WriteString("```\n")
		return read.String()
	})
}

// step is a command and what it prints.
type step struct{ command, printed string }

func splitSteps(block string) []step {
	var steps []step
	unfinished := false
	for line := range strings.Lines(block) {
		command, begins := strings.CutPrefix(line, "$ ")
		switch {
		case begins:
			steps = append(steps, step{command: command})
		case unfinished:
			steps[len(steps)-1].command += line
		default:
			steps[len(steps)-1].printed += line
			continue
		}
		unfinished = strings.HasSuffix(line, "\\\n")
	}
	for i := range steps {
		steps[i].command = strings.TrimSuffix(steps[i].command, "\n")
	}
	return steps
}

// run runs one command in the shell that remembers variables.
func (r *reader) run(t *testing.T, command string) string {
	t.Helper()
	script := "touch vars; . ./vars\n" + r.translate(command, r.ours)
	variable := assignment.FindStringSubmatch(command)
	if variable != nil {
		script += "\ndeclare -p " + variable[1] + " >>vars"
	}
	shell := exec.Command("bash", "-c", script)
	shell.Dir, shell.Env = r.dir, r.env
	var printed bytes.Buffer
	shell.Stdout, shell.Stderr = &printed, &printed
	// Some commands are there to show how they fail; what they print says it.
	_ = shell.Run()
	text := printed.String()
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// learnWords pairs the random words of the document with those of this run.
func (r *reader) learnWords(documented, printed string) {
	theirs, ours := randomWords(documented), randomWords(r.translate(printed, r.theirs))
	if len(theirs) != len(ours) {
		return
	}
	for i := range ours {
		_, known := r.theirs[ours[i]]
		if ours[i] != theirs[i] && !known {
			r.learn(theirs[i], ours[i])
		}
	}
}

func randomWords(text string) []string {
	var found []string
	for _, word := range words.FindAllString(times.ReplaceAllString(text, ""), -1) {
		if random.MatchString(word) {
			found = append(found, word)
		}
	}
	return found
}

func (*reader) translate(text string, dictionary map[string]string) string {
	for from, to := range dictionary {
		text = strings.ReplaceAll(text, from, to)
	}
	return text
}

// shape is text without what may differ.
func shape(text string) string {
	text = times.ReplaceAllString(text, "TIME")
	text = durations.ReplaceAllString(text, "DURATION")
	text = seconds.ReplaceAllString(text, "SECONDS")
	text = words.ReplaceAllStringFunc(text, func(word string) string {
		if random.MatchString(word) {
			return "RANDOM"
		}
		return word
	})
	return spaces.ReplaceAllString(text, " ")
}
