package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/adminapi"
)

// stream is an import that is under way.
type stream struct {
	body    *io.PipeWriter
	answers *bufio.Scanner
	// leave hangs up.
	leave func()
}

// importing begins an import with some text; the rest is still to be sent.
func (c adminCaller) importing(t *testing.T, text string) stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.AdminAddr+"/admin/v1/import-keys", read)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/x-ndjson")
	go func() { _, _ = io.WriteString(write, text) }()
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r) //nolint:bodyclose // leave closes it
	if err != nil {
		t.Fatal(err)
	}
	return stream{write, bufio.NewScanner(response.Body), func() {
		cancel()
		_ = response.Body.Close()
		_ = write.CloseWithError(io.ErrClosedPipe)
	}}
}

func keyLine(n int) string {
	return fmt.Sprintf(`{"name":"n","client_id":"cut-%04d","client_secret":"0123456789abcdef%d","scopes":["/accounts.read"]}`, n, n) + "\n"
}

func (s stream) send(t *testing.T, text string) {
	t.Helper()
	_, err := io.WriteString(s.body, text)
	if err != nil {
		t.Fatal(err)
	}
}

// next returns the next line of the answer.
func (s stream) next(t *testing.T) adminapi.ImportLine {
	t.Helper()
	var line adminapi.ImportLine
	if !s.answers.Scan() {
		t.Fatalf("the answer ended: %v", s.answers.Err())
	}
	err := json.Unmarshal(s.answers.Bytes(), &line)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// ended waits until the server has written the record of an import.
func (i *instance) ended(t *testing.T) {
	t.Helper()
	for !strings.Contains(i.log.String(), `"/admin/v1/import-keys"`) {
		if t.Context().Err() != nil {
			t.Fatal("the import does not end")
		}
		runtime.Gosched()
	}
}

func TestAnImportThatIsCutLeavesWholeBatches(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeKeysRead, admin.ScopeKeysWrite, "/accounts.read")
	const sent, stored = 450, 400
	var lines strings.Builder
	for n := range sent {
		lines.WriteString(keyLine(n))
	}
	s := c.importing(t, lines.String())
	for n := range stored {
		line := s.next(t)
		if line.Status != "created" || line.Line != n+1 {
			t.Fatalf("line %d: got %+v", n+1, line)
		}
	}
	s.send(t, `{"name":"half of a li`)
	s.leave()
	i.ended(t)
	for n := range sent {
		got := c.call(t, "GET", fmt.Sprintf("/admin/v1/keys/cut-%04d", n), "")
		if (got.status == http.StatusOK) != (n < stored) {
			t.Fatalf("key %d: got %d %s", n, got.status, got.body)
		}
	}
	again := c.call(t, "POST", "/admin/v1/import-keys", lines.String(), "Content-Type", "application/x-ndjson")
	if !strings.HasSuffix(again.body, `{"status":"done","created":50,"exists":400}`+"\n") {
		t.Errorf("sent again: %s", again.body[max(0, len(again.body)-200):])
	}
}

func TestAnImportThatEndsEarlySaysSo(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeKeysRead, admin.ScopeKeysWrite, "/accounts.read")
	conn, err := net.Dial("tcp", c.AdminAddr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const sent, stored = 250, 200
	var lines strings.Builder
	for n := range sent {
		lines.WriteString(keyLine(n))
	}
	// The last chunk, which says that this was all, does not come.
	_, err = fmt.Fprintf(conn, "POST /admin/v1/import-keys HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", c.AdminAddr, c.token, lines.Len(), lines.String())
	if err != nil {
		t.Fatal(err)
	}
	err = conn.(*net.TCPConn).CloseWrite()
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), `"status":"stopped","detail":"the request ended early"`) || !strings.Contains(string(answer), `"created":200}`) {
		t.Errorf("got %v %s", err, answer[max(0, len(answer)-400):])
	}
	for n := range sent {
		got := c.call(t, "GET", fmt.Sprintf("/admin/v1/keys/cut-%04d", n), "")
		if (got.status == http.StatusOK) != (n < stored) {
			t.Fatalf("key %d: got %d %s", n, got.status, got.body)
		}
	}
}

func TestAnImportNeedsLittleMemory(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeKeysWrite, "/accounts.read")
	const lines, batch, most = 3000, 200, 48 << 20
	long := `{"name":"` + strings.Repeat("x", 60<<10) + `"}` + "\n"
	s := c.importing(t, strings.Repeat(long, batch))
	defer s.leave()
	go func() {
		for range lines - batch {
			_, err := io.WriteString(s.body, long)
			if err != nil {
				return
			}
		}
		_ = s.body.Close()
	}()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	for n := range lines {
		line := s.next(t)
		if line.Status != "refused" || line.Line != n+1 || len(line.Detail) > 300 {
			t.Fatalf("line %d: got %+v", n+1, line)
		}
		if n%100 == 0 {
			runtime.ReadMemStats(&now)
			if int64(now.HeapInuse)-int64(before.HeapInuse) > most {
				t.Fatalf("after %d lines of 60 kB: the heap has grown by %d bytes", n, now.HeapInuse-before.HeapInuse)
			}
		}
	}
	if last := s.next(t); last.Status != "done" || last.Refused != lines {
		t.Errorf("at the end: got %+v", last)
	}
}

func TestAMalformedLineStopsNothing(t *testing.T) {
	i := start(t, nil)
	c := i.administrator(t, "", admin.ScopeKeysRead, admin.ScopeKeysWrite, "/accounts.read")
	id := 5000
	for name, line := range map[string]string{
		"empty": "", "no JSON": "client_id,secret", "half an object": `{"name":"a"`, "an array": "[]", "null": "null", "two objects": keyLine(1)[:len(keyLine(1))-1] + `{}`,
		"not UTF-8": "{\"name\":\"\xff\"}", "a NUL": "{\"name\":\"\x00\"}", "a NUL that is escaped": `{"name":"\u0000","client_id":"x","client_secret":"0123456789abcdef","scopes":["/accounts.read"]}`,
		"a member twice": `{"name":"a","name":"b"}`, "too deep": strings.Repeat(`{"claims":`, 500) + "1" + strings.Repeat("}", 500),
		"a huge number": `{"name":"a","burst":1e999}`, "a scope that it does not hold": `{"name":"a","client_id":"y","client_secret":"0123456789abcdef","scopes":["/ping.read"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			id++
			body := keyLine(id) + line + "\n" + strings.Replace(keyLine(id), "cut-", "cut2-", 1)
			got := c.call(t, "POST", "/admin/v1/import-keys", body, "Content-Type", "application/x-ndjson")
			answers := strings.Split(strings.TrimSpace(got.body), "\n")
			if len(answers) != 4 || !strings.Contains(answers[1], `"line":2`) || !strings.Contains(answers[1], `"refused"`) ||
				!strings.Contains(answers[2], `"created"`) || !strings.Contains(answers[3], `"done"`) {
				t.Errorf("got %s", got.body)
			}
		})
	}
}
