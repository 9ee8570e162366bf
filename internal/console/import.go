package console

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// imports has the one import that may be under way, as an upload is in memory meanwhile,
// and the last one that has ended: a browser that is told to stop one gives up its page
// first, which ends it, too.
type imports struct {
	mu        sync.Mutex
	now, last *runningImport
}

// runningImport is what others can know of an import, and do about it.
type runningImport struct {
	id, operator string
	stop         context.CancelFunc
	// ended is closed when it has, and last is how far it came.
	ended chan struct{}
	last  importStep
}

// begin takes the place; it returns nil when that is not free.
func (i *imports) begin(operator string, stop context.CancelFunc) *runningImport {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.now != nil {
		return nil
	}
	i.now = &runningImport{id: rand.Text(), operator: operator, stop: stop, ended: make(chan struct{})}
	return i.now
}

func (i *imports) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	close(i.now.ended)
	i.now, i.last = nil, i.now
}

// find returns the import of that id, for the one who began it or an admin; nil for none.
func (i *imports) find(id, operator string, all bool) *runningImport {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, one := range []*runningImport{i.now, i.last} {
		if one != nil && one.id == id && (one.operator == operator || all) {
			return one
		}
	}
	return nil
}

// importForm is the page that takes a file.
type importForm struct{ Wrong string }

func (v *visit) importPage() error {
	return v.render(http.StatusOK, "import", "Import keys", "keys", importForm{})
}

// importKeys reads all of the upload first and answers then, with a page that grows:
// browsers show nothing of an answer before all of their request is sent.
func (v *visit) importKeys() error {
	if !v.takesUpload() {
		return v.render(http.StatusUnprocessableEntity, "import", "Import keys", "keys", importForm{"Choose the file once more: it is not kept while you confirm."})
	}
	ctx, stop := context.WithCancel(v.r.Context())
	defer stop()
	running := v.c.imports.begin(v.operator.ID, stop)
	if running == nil {
		v.skipUpload()
		return v.render(http.StatusServiceUnavailable, "import", "Import keys", "keys", importForm{"Another import is under way. Try again when it is done."})
	}
	defer v.c.imports.end()
	up, err := v.readUpload()
	if p := refusal(err); p != nil {
		return v.render(p.Status, "import", "Import keys", "keys", importForm{sentence(p.Detail + "; " + p.Hint)})
	}
	if err != nil {
		return err
	}
	lines, err := up.open()
	if err != nil {
		return err
	}
	before, after, err := v.aroundImport(running.id)
	if err != nil {
		return err
	}
	i := &importing{v: v, running: running, lines: bufio.NewScanner(lines), all: up.lines, sums: map[admin.ImportStatus]int{}}
	i.lines.Buffer(make([]byte, 4096), longestLine)
	v.w.Header().Set("X-Accel-Buffering", "no") // a proxy that waits for the end hides the progress
	web.BeginStream(v.w, v.rec, "text/html; charset=utf-8")
	v.rec.Cause = errors.Join(i.write(before), i.run(ctx), i.write(after))
	return nil
}

// aroundImport is the page of an import up to where it grows, and from there on.
func (v *visit) aroundImport(id string) (before, after []byte, err error) {
	page, err := v.page("importing", "Importing keys", "keys", id)
	before, after, _ = bytes.Cut(page, []byte(`<div id="here"></div>`))
	return before, after, err
}

// cancelImport stops an import and tells how far it came. The page that grew is given up
// by the browser for this one.
func (v *visit) cancelImport() error {
	running := v.c.imports.find(v.r.PathValue("import"), v.operator.ID, v.may(store.Admin))
	if running == nil {
		return &web.Problem{Status: http.StatusNotFound, Detail: "Nothing is known of this import any more.", Hint: "Look at the list of keys."}
	}
	running.stop()
	select {
	case <-running.ended:
	case <-v.r.Context().Done():
		return v.r.Context().Err()
	}
	before, after, err := v.aroundImport(running.id)
	if err != nil {
		return err
	}
	page := bytes.NewBuffer(before)
	err = v.c.pages["importing"].ExecuteTemplate(page, "end", running.last)
	if err != nil {
		return fmt.Errorf("render the end of an import: %w", err)
	}
	page.Write(after)
	v.write(http.StatusOK, page.Bytes())
	return nil
}
