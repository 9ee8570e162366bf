package admin_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/fault"
)

// accepts takes each connection on the socket of a data directory and gives it
// to answer, as a server does that is about to die.
func accepts(t *testing.T, answer func(net.Conn)) (dataDir string) {
	t.Helper()
	dataDir = t.TempDir()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "unix", filepath.Join(dataDir, admin.SocketName))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			answer(conn)
		}
	}()
	t.Cleanup(func() {
		err := listener.Close()
		<-done
		if err != nil && !errors.Is(err, fs.ErrClosed) {
			t.Error(err)
		}
	})
	return dataDir
}

func TestACallWithoutAnAnswerMayHaveBeenDone(t *testing.T) {
	var held []net.Conn
	tests := []struct {
		name   string
		answer func(net.Conn)
		want   string
	}{
		{"the connection is reset", func(c net.Conn) { _ = c.Close() }, "the server ended the connection without a whole answer"},
		{"it ends after the call was read", func(c net.Conn) {
			_, _ = c.Read(make([]byte, 64<<10))
			_ = c.Close()
		}, "the server ended the connection without a whole answer"},
		{"it ends in the middle of the answer", func(c net.Conn) {
			_, _ = c.Read(make([]byte, 64<<10))
			_, _ = c.Write([]byte("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"client_id\":"))
			_ = c.Close()
		}, "the server ended the connection without a whole answer"},
		{"nothing comes", func(c net.Conn) { held = append(held, c) }, "the server did not answer in time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := admin.NewClient(accepts(t, tt.answer))
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, err := client.AddSecret(ctx, "k", admin.NewSecret{Name: "next"})
			if err == nil || err.Error() != tt.want+"; what you asked for may be done or not" || !strings.Contains(fault.HintOf(err), "list what is there") {
				t.Errorf("got %v (hint %q)", err, fault.HintOf(err))
			}
			ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, err = client.ShowKey(ctx, "k")
			if err == nil || err.Error() != tt.want || fault.HintOf(err) == "" {
				t.Errorf("a call that only reads: got %v (hint %q)", err, fault.HintOf(err))
			}
		})
	}
	for _, conn := range held {
		_ = conn.Close()
	}
}
