package scripts

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// TestRequestUnderWayIsFinished sends half a request, tells the server to stop,
// and sends the rest once new connections are refused.
func TestRequestUnderWayIsFinished(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{Env: []string{"GRANTD_LIMITS_BODY_TIMEOUT=9s"}})
	s.CreateAPI(t, "--audience", "https://drain.example", "--scope", "/drain.read")
	k := s.CreateKey(t, "--name", "drain", "--scope", "/drain.read")
	conn, err := net.Dial("tcp", s.Options.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = "grant_type=client_credentials"
	_, err = fmt.Fprintf(conn, "POST /oauth2/token HTTP/1.1\r\nHost: a\r\nAuthorization: Basic %s\r\nExpect: 100-continue\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n",
		base64.StdEncoding.EncodeToString([]byte(k.ID+":"+k.Secret)), len(body))
	if err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	// 100 Continue says that the handler is reading the body: the request is under way.
	line, err := reader.ReadString('\n')
	if err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("got %q (%v), want 100 Continue", line, err)
	}
	_, err = reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	err = s.Signal(syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	blackbox.Poll(t, "refusing new connections", func() bool {
		another, err := net.DialTimeout("tcp", s.Options.Address, time.Second)
		if err == nil {
			another.Close()
		}
		return err != nil
	})
	_, err = io.WriteString(conn, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatalf("got no answer to the request under way: %v", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("got %s %s (%v), want a token", resp.Status, answer, err)
	}
	s.ParseToken(t, answer)
	state, err := s.Wait()
	if err != nil || state.ExitCode() != 0 {
		t.Errorf("got %v (%v), want exit status 0\n%s", state, err, s.Log())
	}
}
