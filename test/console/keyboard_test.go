package console

import (
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestEveryControlIsReachedByTheKeyboard goes through the pages about keys and APIs with Tab
// alone, and looks that the place where it is can be seen.
func TestEveryControlIsReachedByTheKeyboard(t *testing.T) {
	b := open(t)
	b.bootstrap()
	b.makeAPI()
	id, _ := b.makeKey("billing")
	for _, path := range []string{
		"/console/keys", "/console/keys/new", "/console/keys/" + id, "/console/keys/" + id + "/edit", "/console/keys/import", "/console/apis", "/console/apis/new",
		"/console/apis/" + url.PathEscape(api),
	} {
		b.visit(path)
		const controls = `[...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary,pre[tabindex]")].filter(e => e.checkVisibility() && !(e.type === "radio" && !e.checked))`
		many := get(b, chromedp.Evaluate[int](controls+".length"))
		unseen := 0
		for range 2 * many {
			b.run(chromedp.KeyEvent(kb.Tab))
			if !get(b, chromedp.Evaluate[bool](`(() => {
				const e = document.activeElement; e.reached = true;
				return e === document.body || getComputedStyle(e).outlineStyle !== "none";
			})()`)) {
				unseen++
			}
		}
		left := get(b, chromedp.Evaluate[string](controls+`.filter(e => !e.reached).map(e => e.outerHTML).join("\n")`))
		if many < 10 || left != "" || unseen > 0 {
			t.Errorf("%s: of %d controls not reached: %s; %d times nobody sees where it is", path, many, left, unseen)
		}
	}
}
