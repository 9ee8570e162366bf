package http1

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serveTLS is serve with a certificate that its client trusts.
func serveTLS(t *testing.T) (*serving, *http.Client) {
	t.Helper()
	// It makes the certificate and a client that trusts it; nobody calls it.
	lender := httptest.NewTLSServer(nil)
	t.Cleanup(lender.Close)
	config := &tls.Config{Certificates: lender.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}}
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			t.Error("the request does not say that it came over TLS")
			return
		}
		fmt.Fprint(w, r.Proto, " ", r.Method, " ", r.TLS.NegotiatedProtocol)
	}
	s := serveBehind(t, http.HandlerFunc(handler), tls.NewListener(listen(t), config), config)
	client := lender.Client()
	t.Cleanup(client.CloseIdleConnections)
	return s, client
}

func TestTLS(t *testing.T) {
	tests := []struct {
		name      string
		http2     bool
		method    string
		protocols []string
		want      string
		plain     int64
	}{
		{"a plain request", false, "POST", []string{"http/1.1"}, "HTTP/1.1 POST http/1.1", 1},
		{"a client that names no protocol", false, "POST", nil, "HTTP/1.1 POST ", 1},
		{"a request that is left to net/http", false, "GET", []string{"http/1.1"}, "HTTP/1.1 GET http/1.1", 0},
		{"HTTP/2", true, "POST", []string{"h2", "http/1.1"}, "HTTP/2.0 POST h2", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, client := serveTLS(t)
			transport := client.Transport.(*http.Transport)
			transport.ForceAttemptHTTP2 = tt.http2
			transport.TLSClientConfig.NextProtos = tt.protocols
			for range 2 {
				r, err := http.NewRequestWithContext(t.Context(), tt.method, "https://"+s.Listener.Addr().String()+"/a", strings.NewReader("a=b"))
				if err != nil {
					t.Fatal(err)
				}
				response, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if string(body) != tt.want || err != nil {
					t.Errorf("got %q, %v, want %q", body, err, tt.want)
				}
			}
			if got := s.plain.Load(); got != 2*tt.plain {
				t.Errorf("the front served %d requests of 2, want %d", got, 2*tt.plain)
			}
		})
	}
}

func TestAClientWithoutTLSIsToldSo(t *testing.T) {
	s, _ := serveTLS(t)
	c, reader := connect(t, s.Listener.Addr())
	io.WriteString(c, plainRequest)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "https://") {
		t.Errorf("got %d %q", response.StatusCode, body)
	}
}

func TestShutdownEndsAHandshakeThatHasNotBegun(t *testing.T) {
	s, _ := serveTLS(t)
	_, reader := connect(t, s.Listener.Addr())
	// Another one shows that the first was accepted.
	other, otherReader := connect(t, s.Listener.Addr())
	io.WriteString(other, plainRequest)
	otherReader.ReadByte()
	s.stop(t)
	_, err := reader.ReadByte()
	if err == nil {
		t.Error("the connection goes on after Shutdown")
	}
}
