package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoad(t *testing.T) {
	who := credentials{ID: "id", Secret: "secret"}
	tests := []struct {
		name     string
		handler  http.HandlerFunc
		requests int64
		bad      int
	}{
		{"answers are counted", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) }, 20, 0},
		{"answers other than 2xx are counted", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, 20, 20},
		{"chunks are read", func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte("one"))
			w.(http.Flusher).Flush()
			w.Write([]byte("two"))
		}, 20, 0},
		{"a server that closes is dialled again", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }, 20, 0},
		{"no content is an answer", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, 20, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			seen := atomic.Int64{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen.Add(1)
				if r.PostFormValue("client_id") != "id" || r.PostFormValue("grant_type") != "client_credentials" {
					t.Errorf("got the form %v", r.PostForm)
				}
				test.handler(w, r)
			}))
			defer server.Close()
			address := server.Listener.Addr().String()
			r, err := load{
				address: address, scripts: always(postRequest(address, who)),
				connections: 3, duration: time.Minute, requests: test.requests,
			}.run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if int64(r.requests()) != test.requests || seen.Load() != test.requests || r.bad != test.bad {
				t.Errorf("got %d answers of %d requests, %d bad; want %d, %d bad", r.requests(), seen.Load(), r.bad, test.requests, test.bad)
			}
		})
	}
}

func TestLoadEndsInTime(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	address := server.Listener.Addr().String()
	r, err := load{address: address, scripts: always(basicRequest(address, credentials{"a", "b"})), connections: 2, duration: 50 * time.Millisecond}.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.requests() == 0 || r.elapsed < 50*time.Millisecond || r.rate() <= 0 {
		t.Errorf("got %d answers in %s, want some in at least 50ms", r.requests(), r.elapsed)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name string
		load load
		want string
	}{
		{"another machine", load{address: "192.0.2.1:80", connections: 1, duration: time.Second}, "not a loopback address"},
		{"a name that may be anything", load{address: "example.com:80", connections: 1, duration: time.Second}, "not a loopback address"},
		{"no connections", load{address: "127.0.0.1:80", duration: time.Second}, "at least 1"},
		{"too many connections", load{address: "[::1]:80", connections: 5000, duration: time.Second}, "at most 4096"},
		{"no end", load{address: "127.0.0.1:80", connections: 1}, "for at most"},
		{"hours", load{address: "127.0.0.1:80", connections: 1, duration: time.Hour}, "for at most"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.load.run(context.Background())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestLoadSpeaksEveryProtocol(t *testing.T) {
	for _, test := range []struct {
		name     string
		protocol protocol
		want     string
	}{{"HTTP/1.1 over TLS 1.3", overTLS, "HTTP/1.1"}, {"HTTP/2 over TLS 1.3", overHTTP2, "HTTP/2.0"}} {
		t.Run(test.name, func(t *testing.T) {
			connections := sync.Map{}
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				connections.Store(r.RemoteAddr, true)
				if r.Proto != test.want || r.TLS.Version != tls.VersionTLS13 || r.PostFormValue("client_id") != "id" {
					t.Errorf("got %s, TLS %x and the form %v", r.Proto, r.TLS.Version, r.PostForm)
				}
				w.Write([]byte("four"))
			}))
			c, err := newCertificate(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
			if err != nil {
				t.Fatal(err)
			}
			server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			server.EnableHTTP2 = true
			server.StartTLS()
			defer server.Close()
			address := server.Listener.Addr().String()
			request := [][]byte{postRequest(address, credentials{"id", "secret"})}
			r, err := load{
				address: address, scripts: bounded(request, 4, 4), connections: 3, duration: time.Minute, requests: 30,
				protocol: test.protocol, roots: c.roots,
			}.run(t.Context())
			if err != nil || r.requests() != 30 || r.bad != 0 || r.statuses[http.StatusOK] != 30 {
				t.Errorf("got %d answers, %d bad, and %v; want 30, all good", r.requests(), r.bad, err)
			}
			opened := 0
			connections.Range(func(any, any) bool { opened++; return true })
			// One that is slow may find nothing left to send.
			if most := map[protocol]int{overTLS: 3, overHTTP2: 1}[test.protocol]; opened > most {
				t.Errorf("got %d connections, want at most %d", opened, most)
			}
		})
	}
}

func TestHTTP2IsInsistedOn(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	address := server.Listener.Addr().String()
	_, err := load{
		address: address, scripts: always(getRequest(address, "/")), connections: 1, duration: time.Minute, requests: 1,
		protocol: overHTTP2, roots: roots,
	}.run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "not HTTP/2") {
		t.Errorf("got %v, want an error that says HTTP/2", err)
	}
}

func TestALoadKeepsItsPace(t *testing.T) {
	l := load{connections: 4, rate: 200}
	start := time.Now().Add(time.Hour)
	got := []time.Duration{}
	for i := range 4 {
		p := l.paceOf(i, start)
		got = append(got, p.next.Sub(start), p.interval)
	}
	const ms = time.Millisecond
	diff := cmp.Diff([]time.Duration{0, 20 * ms, 5 * ms, 20 * ms, 10 * ms, 20 * ms, 15 * ms, 20 * ms}, got)
	if diff != "" {
		t.Errorf("first and interval of four connections (-want +got):\n%s", diff)
	}
	// Whoever is late counts from when it was due, whoever is not from now on.
	due := time.Now().Add(-time.Second)
	late := pace{next: due, interval: time.Millisecond}
	if at := late.wait(t.Context()); at != due || late.next != due.Add(time.Millisecond) {
		t.Errorf("got %s and then %s, want %s and a millisecond more", at, late.next, due)
	}
	early := pace{next: time.Now().Add(time.Millisecond), interval: time.Millisecond}
	if want := early.next; early.wait(t.Context()).Before(want) {
		t.Error("a request was sent before it was due")
	}
}
