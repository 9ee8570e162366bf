package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRequestsTakeTurns(t *testing.T) {
	what := turns([][]byte{[]byte("a"), []byte("b"), []byte("c")}, 5)
	var got string
	for connection := range 3 {
		s := what(connection)
		for range 4 {
			got += string(s.next())
		}
	}
	if got != "abcabcababca" {
		t.Errorf("got %s, want abca, bcab and abca", got)
	}
	if s := what(0); !s.heard([]byte("12345")) || s.heard([]byte("1234")) {
		t.Error("an answer is good from 5 bytes on")
	}
	if s := bounded([][]byte{nil}, 2, 3)(0); !s.heard([]byte("123")) || s.heard([]byte("1234")) || s.heard([]byte("1")) {
		t.Error("an answer is good from 2 bytes to 3")
	}
}

// rotator answers as a token endpoint that rotates: each token is good once.
type rotator struct {
	mu     sync.Mutex
	last   int
	live   []string
	firsts int
	// keeps gives the same token back.
	keeps bool
}

func (s *rotator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := r.PostFormValue("refresh_token")
	switch {
	case r.PostFormValue("client_id") != "id" || r.PostFormValue("client_secret") != "secret":
		w.WriteHeader(http.StatusUnauthorized)
		return
	case r.PostFormValue("grant_type") == "client_credentials":
		s.firsts++
	case r.PostFormValue("grant_type") != "refresh_token" || !slices.Contains(s.live, token):
		w.WriteHeader(http.StatusBadRequest)
		return
	case s.keeps:
		fmt.Fprintf(w, `{"refresh_token":%q}`, token)
		return
	}
	s.last++
	next := fmt.Sprintf("t%d", s.last)
	s.live = append(slices.DeleteFunc(s.live, func(one string) bool { return one == token }), next)
	fmt.Fprintf(w, `{"access_token":"a","refresh_token":%q,"expires_in":1}`, next)
}

func TestChainsFollowTheRotatedToken(t *testing.T) {
	s := &rotator{}
	server := httptest.NewServer(s)
	defer server.Close()
	address := server.Listener.Addr().String()
	what := refreshes(address, credentials{"id", "secret"})
	for range 2 {
		r, err := load{address: address, scripts: what, connections: 3, duration: time.Minute, requests: 30}.run(t.Context())
		if err != nil || r.bad > 0 || r.requests() != 30 {
			t.Fatalf("got %d answers, %d bad and %v; want 30 good ones", r.requests(), r.bad, err)
		}
	}
	if s.last != 60 || s.firsts > 3 || len(s.live) != s.firsts {
		t.Errorf("got %d tokens in %d chains, %d of them live; want 60 in at most 3, one live in each", s.last, s.firsts, len(s.live))
	}
	s.keeps = true
	r, err := load{address: address, scripts: what, connections: 1, duration: time.Minute, requests: 5}.run(t.Context())
	if err != nil || r.bad != 5 {
		t.Errorf("got %d bad answers and %v, want 5: the token was not rotated", r.bad, err)
	}
}

func TestAChainBeginsAnewWithoutAToken(t *testing.T) {
	c := &chain{first: []byte("first"), head: "Content-Length: ", form: "refresh_token="}
	heard := c.heard([]byte(`{"refresh_token":"abc"}`))
	if got := string(c.next()); !heard || got != "Content-Length: 17\r\n\r\nrefresh_token=abc" {
		t.Errorf("after a token got %q", got)
	}
	heard = c.heard([]byte(`{}`))
	if got := string(c.next()); heard || got != "first" {
		t.Errorf("after none got %q", got)
	}
}

func TestMember(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"one of several", `{"a":"1","refresh_token":"2"}`, "2"},
		{"it is missing", `{"a":"1"}`, ""},
		{"it is cut", `{"refresh_token":"2`, ""},
		{"it is empty", `{"refresh_token":""}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := string(member([]byte(test.body), "refresh_token"))
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCollectedTokens(t *testing.T) {
	server := httptest.NewServer(&rotator{})
	defer server.Close()
	g := &grantd{address: server.Listener.Addr().String()}
	r := runner{usual: 4}
	got, err := r.tokensOf(t.Context(), g, credentials{"id", "secret"}, 10)
	if err != nil || len(got) != 10 || got[9] != "a" {
		t.Errorf("got %q and %v, want 10 tokens", got, err)
	}
	_, err = r.tokensOf(t.Context(), g, credentials{"id", "wrong"}, 10)
	if err == nil {
		t.Error("got no error where there are no tokens")
	}
}

func TestIntrospectionRequests(t *testing.T) {
	got := introspections("host", credentials{"id", "a+b"}, []string{"one", "two"})
	want := "POST /oauth2/introspect HTTP/1.1\r\nHost: host\r\nUser-Agent: grantd-bench\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 42\r\n\r\n" +
		"client_id=id&client_secret=a%2Bb&token=two"
	diff := cmp.Diff(want, string(got[1]))
	if len(got) != 2 || diff != "" {
		t.Errorf("the second of %d requests (-want +got):\n%s", len(got), diff)
	}
}

func TestSampleTokens(t *testing.T) {
	jwt := sample{body: []byte(`{"access_token":"eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiJhIn0.c2ln"}`)}
	tests := []struct {
		name string
		s    sample
		want string
		bad  bool
	}{
		{name: "a JWT", s: jwt, want: "ES256"},
		{name: "an opaque token", s: sample{body: []byte(`{"access_token":"gda_x"}`)}, want: "opaque"},
		{name: "no token", s: sample{body: []byte(`{}`)}, bad: true},
		{name: "something with dots", s: sample{body: []byte(`{"access_token":"a.b.c"}`)}, bad: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.s.algorithm()
			if got != test.want || (err != nil) != test.bad {
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
	claims := struct {
		ID string `json:"jti"`
	}{}
	err := jwt.part(1, &claims)
	if err != nil || claims.ID != "a" {
		t.Errorf("got jti %q and %v, want a", claims.ID, err)
	}
}

func TestIntrospectionSaysWhatIsExpected(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		active := strings.HasPrefix(r.PostFormValue("token"), "live")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, `{"active":%t}`, active)
	}))
	defer server.Close()
	g := &grantd{address: server.Listener.Addr().String()}
	s, err := g.introspect(t.Context(), credentials{"id", "secret"}, "live", true)
	if err != nil || string(s.body) != `{"active":true}` || s.headers.Get("Cache-Control") != "no-store" || s.headers.Get("Date") != "" {
		t.Errorf("got %q, %v and %v", s.body, s.headers, err)
	}
	_, err = g.introspect(t.Context(), credentials{"id", "secret"}, "dead", true)
	if err == nil {
		t.Error("a token that is not active is not noticed")
	}
}
