package hostile

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// endless never stops; a pause between its bytes makes it slow too.
type endless struct{ pause time.Duration }

func (e endless) Read(p []byte) (int, error) {
	if e.pause == 0 {
		return copy(p, strings.Repeat("x", len(p))), nil
	}
	<-time.After(e.pause)
	return copy(p, "x"), nil
}

// TestHTTP2 sends over HTTP/2 what bounds the bodies of HTTP/1.1.
func TestHTTP2(t *testing.T) {
	dir := t.TempDir()
	ca := blackbox.NewCA(t)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	ca.Issue(cert, key)
	s := blackbox.Start(t, blackbox.Options{CertFile: cert, KeyFile: key})
	s.Roots = ca.Roots
	s.CreateAPI(t, "--audience", audience, "--scope", "/a.read")
	f := fixture{Server: s, plain: s.CreateKey(t, "--name", "plain", "--scope", "/a.read")}
	cases := []struct {
		name string
		body io.Reader
		want int
	}{
		{"a good body", strings.NewReader(grantForm), http.StatusOK},
		{"a body of 65 KiB", strings.NewReader(padded(maxBody + 1024)), http.StatusRequestEntityTooLarge},
		{"a body of 10 MB", strings.NewReader(strings.Repeat("x", 10*million)), http.StatusRequestEntityTooLarge},
		{"a body without end", endless{}, http.StatusRequestEntityTooLarge},
		{"a body at one byte in 100 ms", endless{pause: 100 * time.Millisecond}, http.StatusRequestTimeout},
	}
	client := f.Client(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := f.build(t, request{key: f.plain})
			req.Body, req.ContentLength = io.NopCloser(c.body), -1
			resp, err := client.Do(req)
			if err != nil {
				t.Fatalf("got no answer: %v", err)
			}
			got, err := drain(resp)
			if err != nil || got.status != c.want || resp.ProtoMajor != 2 {
				t.Fatalf("got %d %.200q over HTTP/%d (%v), want %d over HTTP/2", got.status, got.body, resp.ProtoMajor, err, c.want)
			}
			f.checkShape(t, got)
		})
	}
}
