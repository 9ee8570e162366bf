package adminapi

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

func TestAListenerThatDoesNotReadIsCut(t *testing.T) {
	const most = 64 << 20
	text := strings.Repeat("data: x\n\n", 4000)
	sent, failed := 0, make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for err == nil && sent < most {
			err = send(w, text, 50*time.Millisecond)
			sent += len(text)
		}
		failed <- err
	}))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	// The head of the answer has come, and nobody reads what follows.
	err = <-failed
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after %d bytes: got %v, want %v", sent, err, os.ErrDeadlineExceeded)
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err == nil {
		t.Error("the stream seems to have ended well")
	}
}

func TestOneKeyCannotTakeAllPlaces(t *testing.T) {
	var p places
	var leave []func()
	enter := func(key string, want bool) {
		t.Helper()
		gone, err := p.enter(key, 5, 3)
		if (err == nil) != want {
			t.Fatalf("%s, with %d taken: got %v", key, p.taken, err)
		}
		if err == nil {
			leave = append(leave, gone)
		}
	}
	enter("a", true)
	enter("a", true)
	enter("a", true)
	enter("a", false)
	enter("b", true)
	enter("b", true)
	enter("c", false)
	leave[0]()
	enter("c", true)
	for _, gone := range leave[1:] {
		gone()
	}
	if p.taken != 0 || len(p.of) != 0 {
		t.Errorf("when all have left: %d, %v", p.taken, p.of)
	}
}
