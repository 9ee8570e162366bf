package blackbox

import (
	"bytes"
	"strings"
	"sync"
)

// output keeps what a process writes and tells once when a line begins as
// expected.
type output struct {
	prefix string
	found  chan string

	mu   sync.Mutex
	text bytes.Buffer
	seen int
	done bool
}

func newOutput(prefix string) *output {
	return &output{prefix: prefix, found: make(chan string, 1)}
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	for !o.done && o.prefix != "" {
		rest := o.text.Bytes()[o.seen:]
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		line := string(rest[:end])
		o.seen += end + 1
		after, ok := strings.CutPrefix(line, o.prefix)
		if ok {
			o.done = true
			o.found <- strings.TrimSpace(after)
		}
	}
	return len(p), nil
}

// String returns everything written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
