package hostile

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/grantd/grantd/test/blackbox"
)

// warmUp makes the server allocate what it will keep anyway.
func (f fixture) warmUp(t *testing.T) {
	t.Helper()
	client := f.Client(t)
	for range 300 {
		for _, r := range []request{
			{body: grantForm, key: f.plain},
			{kind: jsonType, body: object(f.plain.ID, f.plain.Secret)},
			{body: grantForm, key: blackbox.Key{ID: "nobody", Secret: "wrong"}},
		} {
			resp, err := client.Do(f.build(t, r))
			if err != nil {
				t.Fatal(err)
			}
			_, err = drain(resp)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func drain(resp *http.Response) (answer, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read the body: %w", err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(body)}, nil
}

func (f fixture) memory(t *testing.T) blackbox.Memory {
	t.Helper()
	m, err := f.Memory()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// checkMemory allows for the buffers of the crowd, and for nothing that grows
// with the size of what was sent: all bodies together were over 100 MB.
func (f fixture) checkMemory(t *testing.T, before blackbox.Memory) {
	const slack = 64 << 20
	after := f.memory(t)
	t.Logf("before %s, after %s", before, after)
	if after.Resident > before.Resident+slack || after.Peak > before.Peak+slack {
		t.Errorf("got %s after the bad input, want at most %d MiB over %s", after, slack>>20, before)
	}
}

// testLog sees to it that nobody can fill the disk with one request.
func (f fixture) testLog(t *testing.T) {
	for line := range strings.Lines(f.Log()) {
		if len(line) > 2000 {
			t.Errorf("got a log line of %d bytes, want at most 2000: %.300s", len(line), line)
		}
		if strings.Contains(line, "......") {
			t.Errorf("got what a client sent in the log: %.300s", line)
		}
	}
}

var adminListener = regexp.MustCompile(`admin listener\s+(\S+)`)

// testMetrics sees to it that nobody can make up labels, each of which would
// take memory for good.
func (f fixture) testMetrics(t *testing.T) {
	admin := adminListener.FindStringSubmatch(f.Output())
	if admin == nil {
		t.Fatalf("got no address of the admin listener in:\n%s", f.Output())
	}
	resp, err := f.Client(t).Get("http://" + admin[1] + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	got, err := drain(resp)
	if err != nil || got.status != http.StatusOK || !strings.Contains(got.body, "\ngrantd_") {
		t.Fatalf("got %d %.200q (%v), want the metrics", got.status, got.body, err)
	}
	for line := range strings.Lines(got.body) {
		for _, word := range []string{"......", "<script>", "evil.example", "example-", "guess-", "PROPFIND", "pprof", f.plain.ID, f.plain.Secret} {
			if strings.Contains(line, word) {
				t.Errorf("got what a client sent in the metrics: %.300s", line)
			}
		}
	}
}
