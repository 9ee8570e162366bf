package server_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dial opens a connection that fails when nothing comes for a while.
func dial(t *testing.T, address string, patience time.Duration) (net.Conn, *bufio.Reader) {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	err = conn.SetDeadline(time.Now().Add(patience))
	if err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

func TestReadyzSaysThatTheServerDrains(t *testing.T) {
	i := start(t, map[string]string{"limits.body_timeout": "9s"})
	conn, reader := dial(t, i.PublicAddr, 20*time.Second)
	fmt.Fprintf(conn, "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nExpect: 100-continue\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		base64.StdEncoding.EncodeToString([]byte(i.Demo.Plain.ClientID+":"+i.Demo.Plain.ClientSecret)), formType, len(grantForm))
	// The answer to Expect comes when the handler reads: the request is under way.
	line, err := reader.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("got %q, %v", line, err)
	}
	_, err = reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	i.Issuer = "http://" + i.AdminAddr
	if got := i.do(t, get("/readyz")); got.status != http.StatusOK {
		t.Fatalf("before the end: got %d %s", got.status, got.body)
	}
	i.stop()
	deadline := time.Now().Add(5 * time.Second)
	got := i.do(t, get("/readyz"))
	for got.status == http.StatusOK && time.Now().Before(deadline) {
		got = i.do(t, get("/readyz"))
	}
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "shutting down") {
		t.Errorf("readyz while the public listener drains: got %d %s", got.status, got.body)
	}
	if got = i.do(t, get("/healthz")); got.status != http.StatusOK {
		t.Errorf("healthz while the public listener drains: got %d %s", got.status, got.body)
	}
	_, err = io.WriteString(conn, grantForm)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatalf("the request under way was cut: %v", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the request under way: got %d %s, %v", response.StatusCode, body, err)
	}
}
