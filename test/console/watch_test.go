package console

import (
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// watch notes what no page of ours does: dialogs, requests to elsewhere, and anything
// that the policy of the page has to stop.
type watch struct {
	b    *browser
	mu   sync.Mutex
	seen []string
}

func (b *browser) watch() *watch {
	b.Helper()
	w := &watch{b: b}
	b.check(chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *page.EventJavascriptDialogOpening:
			w.note("a dialog: " + e.Message)
		case *network.EventRequestWillBeSent:
			// A data URL is no request to anybody: the browser's own field for a time has one.
			if !strings.HasPrefix(e.Request.URL, b.base+"/console/") && !strings.HasPrefix(e.Request.URL, "data:") {
				w.note("a request to " + e.Request.URL)
			}
		}
	}))
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.__stopped = []; document.addEventListener("securitypolicyviolation", e => __stopped.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample))`,
	})
	b.check(err)
	return w
}

func (w *watch) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, what)
}

// inert looks at a page that is open, with its scripts.
func (w *watch) inert(t *testing.T, path string) {
	t.Helper()
	found := get(w.b, chromedp.Evaluate[string](`(typeof __xss === "undefined" ? "" : "it ran ") + __stopped.join(" ") + (`+foreign+`)(document) + (location.pathname.startsWith("/console/") ? "" : location)`))
	w.mu.Lock()
	defer w.mu.Unlock()
	if found != "" || len(w.seen) > 0 {
		t.Errorf("%s: %s %v", path, found, w.seen)
	}
	w.seen = nil
}
