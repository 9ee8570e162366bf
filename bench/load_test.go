package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
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
