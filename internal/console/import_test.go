package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// sent is a request with an upload.
func (r *running) sent(cookie, field, lines string) *http.Request {
	r.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "")
	if field != "file" && err == nil {
		part, err = form.CreateFormField(field)
	}
	if err == nil {
		_, err = part.Write([]byte(lines))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	request := httptest.NewRequest("POST", "http://localhost"+importPath, &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.AddCookie(&http.Cookie{Name: "grantd_console", Value: cookie})
	return request
}

// imported is the page about an import.
func (r *running) imported(cookie, field, lines string) answer {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, r.sent(cookie, field, lines))
	return answer{w, w.Body.String()}
}

func moved(id, more string) string {
	return fmt.Sprintf(`{"client_id":%q,"name":"moved","scopes":["/accounts.read"]%s}`, id, more) + "\n"
}

const (
	movedSecret = "a-secret-of-another-server"
	movedHash   = "$2b$10$abcdefghijklmnopqrstuuJ4Yyp5b0t6uDMkTmBTFPr5OMUTHKS6i"
)

func TestImportTellsOfEveryLine(t *testing.T) {
	for _, field := range []string{"file", "lines"} {
		t.Run(field, func(t *testing.T) {
			r := start(t)
			r.withKey()
			_, public := pair(t)
			jwks, err := admin.ReadPublicKeys(public)
			if err != nil {
				t.Fatal(err)
			}
			lines := moved("moved-1", `,"client_secret":"`+movedSecret+`"`) + "\n" + moved("moved-2", `,"client_secret_hash":"`+movedHash+`"`) +
				moved("moved-3", `,"jwks":`+string(jwks)) + "not json\n" + moved("moved-4", "") + moved("moved-1", `,"client_secret":"`+movedSecret+`"`) +
				strings.TrimSpace(moved("moved-5", `,"unknown":1`))
			got := r.imported(r.signedIn("ada", store.Developer), field, lines)
			if got.Code != http.StatusOK || !strings.Contains(got.body, "Done: 3 made, 1 there already, 3 refused.") || !strings.HasSuffix(strings.TrimSpace(got.body), "</html>") {
				t.Fatalf("got %d: %s", got.Code, got.body)
			}
			for _, want := range []string{
				"Line 5: The body stops being JSON", `Line 6, <code class="breaks">moved-4</code>, client_secret: There is a client_id without its client_secret`,
				"Line 8", "unknown", `<progress max="100" value="100"`,
			} {
				if !strings.Contains(got.body, want) {
					t.Errorf("the page does not say %q: %s", want, got.body)
				}
			}
			if strings.Contains(got.body, movedSecret) || strings.Contains(got.body, movedHash) || strings.Contains(r.log.String(), movedSecret) {
				t.Error("the page or the log has a secret")
			}
			if strings.Index(got.body, "Line 5:") > strings.Index(got.body, "Line 6,") || strings.Index(got.body, "Line 6,") > strings.Index(got.body, "Line 8,") {
				t.Error("the lines are not in order")
			}
			if key := r.shown("moved-2"); len(key.Secrets) != 1 || key.Secrets[0].Scheme != "bcrypt" {
				t.Errorf("got %+v", key)
			}
		})
	}
}

// TestImportStops presses the button after the first batch.
func TestImportStops(t *testing.T) {
	r := start(t)
	r.withKey()
	cookie := r.signedIn("ada", store.Developer)
	var lines strings.Builder
	for i := range 3 * importBatch {
		lines.WriteString(moved(fmt.Sprintf("moved-%d", i), `,"client_secret":"`+movedSecret+`"`))
	}
	other, stopped := r.signedIn("bob", store.Developer), make(chan answer, 1)
	w := &watched{ResponseRecorder: httptest.NewRecorder()}
	w.then = func(body string) {
		id := regexp.MustCompile(`/console/keys/import/(\w+)/cancel`).FindString(body)
		if busy := r.imported(other, "lines", moved("x", "")); busy.Code != http.StatusServiceUnavailable {
			t.Errorf("a second import: got %d", busy.Code)
		}
		if stranger := r.request("POST", id, other, url.Values{}); stranger.Code != http.StatusNotFound {
			t.Errorf("stopped by another developer: got %d", stranger.Code)
		}
		// The answer comes when the import has ended, which waits for this function.
		stop, called := r.imports.now.stop, make(chan struct{})
		r.imports.now.stop = func() { stop(); close(called) }
		go func() { stopped <- r.request("POST", id, cookie, url.Values{}) }()
		<-called
	}
	r.handler.ServeHTTP(w, r.sent(cookie, "file", lines.String()))
	got := w.Body.String()
	if !strings.Contains(got, "It was stopped; send the file again") || !strings.Contains(got, fmt.Sprintf("Before that: %d made", importBatch)) || !strings.Contains(got, `value="33"`) {
		t.Errorf("got %s", got)
	}
	if page := <-stopped; page.Code != http.StatusOK || !strings.Contains(page.body, fmt.Sprintf("Before that: %d made", importBatch)) {
		t.Errorf("the answer to the button: got %d: %s", page.Code, page.body)
	}
	again := r.imported(cookie, "file", lines.String())
	if !strings.Contains(again.body, fmt.Sprintf("Done: %d made, %d there already, 0 refused", 2*importBatch, importBatch)) {
		t.Errorf("the same again: got %s", again.body)
	}
}

// watched calls a function when the first part of the progress goes out.
type watched struct {
	*httptest.ResponseRecorder
	then func(body string)
	// broken is a connection on which nothing more goes out.
	broken bool
}

func (w *watched) Write(b []byte) (int, error) {
	if w.broken {
		return 0, io.ErrClosedPipe
	}
	n, err := w.ResponseRecorder.Write(b)
	if w.then != nil && bytes.Contains(b, []byte(`class="step"`)) {
		then := w.then
		w.then = nil
		then(w.Body.String())
	}
	return n, err
}

// TestImportEndsWithItsReader: a browser gives up the page that grows before it asks for
// the next one, and is told all the same how far the import came.
func TestImportEndsWithItsReader(t *testing.T) {
	r := start(t)
	r.withKey()
	cookie := r.signedIn("ada", store.Developer)
	for name, broken := range map[string]bool{"the request has ended": false, "nothing can be written": true} {
		request := r.sent(cookie, "file", strings.Repeat(moved("moved-1", `,"client_secret":"`+movedSecret+`"`), 2*importBatch))
		ctx, leave := context.WithCancel(t.Context())
		path := ""
		w := &watched{ResponseRecorder: httptest.NewRecorder()}
		w.then = func(body string) {
			path = regexp.MustCompile(`/console/keys/import/(\w+)/cancel`).FindString(body)
			w.broken = broken
			if !broken {
				leave()
			}
		}
		r.handler.ServeHTTP(w, request.WithContext(ctx))
		leave()
		got := r.request("POST", path, cookie, url.Values{})
		if got.Code != http.StatusOK || !strings.Contains(got.body, "It was stopped") || strings.Contains(got.body, fmt.Sprintf("%d there already", 2*importBatch-1)) {
			t.Errorf("%s: got %d: %s", name, got.Code, got.body)
		}
	}
}

func TestWhatCannotBeImported(t *testing.T) {
	r := start(t)
	r.withKey()
	cookie := r.signedIn("ada", store.Developer)
	scoped, err := json.Marshal(map[string]any{"client_id": "x", "name": "x", "client_secret": movedSecret, "scopes": []string{admin.ScopeKeysWrite}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, lines string
		status      int
		want        string
	}{
		{"nothing", "", http.StatusUnprocessableEntity, "There is nothing to import"},
		{"a line without an end", strings.Repeat("x", longestLine+1), http.StatusOK, "Line 1 is longer than 65536 bytes"},
		{"more than the page takes", strings.Repeat(strings.Repeat("x", 1<<20)+"\n", mostUploaded>>20), http.StatusRequestEntityTooLarge, "The file is too large"},
		{"too many lines", strings.Repeat("\n", mostLines+1), http.StatusOK, "An import has at most 100000 lines"},
		{"scopes of the Admin API", string(scoped), http.StatusOK, "can do more than a developer"},
		{"more refusals than a page has room for", strings.Repeat("{}\n", mostRefusals+7), http.StatusOK, "7 more refused lines are not shown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := r.imported(cookie, "file", test.lines)
			if got.Code != test.status || !strings.Contains(got.body, test.want) || strings.Count(got.body, `<p class="wrong">Line `) > mostRefusals {
				t.Errorf("got %d and %d bytes, want %d and %q: %.3000s", got.Code, len(got.body), test.status, test.want, got.body)
			}
		})
	}
	got := r.request("POST", importPath, cookie, url.Values{"lines": {"x"}})
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Choose the file once more") {
		t.Errorf("a plain form: got %d", got.Code)
	}
	r.now = r.now.Add(confirmLimit)
	got = r.imported(cookie, "file", moved("late", `,"client_secret":"`+movedSecret+`"`))
	if got.Code != http.StatusOK || !strings.Contains(got.body, "Confirm that it is you") || strings.Contains(got.body, movedSecret) {
		t.Errorf("without a confirmation: got %d", got.Code)
	}
}

func TestAnUploadIsBoundInMemory(t *testing.T) {
	var p pile
	for range mostPacked / 4096 {
		_, err := p.Write(make([]byte, 4096))
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := p.Write([]byte{1})
	if err == nil || p.size != mostPacked {
		t.Errorf("got %v and %d bytes", err, p.size)
	}
}
