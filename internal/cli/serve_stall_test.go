package cli

import (
	"sync"
	"testing"
	"time"
)

func TestALogNobodyReadsDoesNotKeepTheProcess(t *testing.T) {
	var writing sync.WaitGroup
	release := make(chan struct{})
	writing.Go(func() { <-release })
	waited := make(chan struct{})
	go func() {
		awaitLog(&writing)
		close(waited)
	}()
	select {
	case <-waited:
	case <-time.After(10 * time.Second):
		t.Error("the end of the process waits for a reader that does not read")
	}
	close(release)
	writing.Wait()
}
