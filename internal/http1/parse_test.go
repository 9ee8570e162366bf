package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newFields() *fields { return &fields{header: http.Header{}} }

// plainRequest is what a client sends, and what the tests below spoil.
const plainRequest = "POST /oauth2/token HTTP/1.1\r\nHost: auth.example.com:8443\r\nuser-agent: curl/8\r\n" +
	"Authorization: Basic eA==\r\nX-Request-Id:  7 \r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\na=b&c"

func TestPlainRequest(t *testing.T) {
	fs := newFields()
	got, plain := parseHead([]byte(plainRequest), fs)
	if want := (head{path: "/oauth2/token", size: len(plainRequest) - 5, length: 5}); !plain || got != want {
		t.Errorf("got %+v, %t, want %+v", got, plain, want)
	}
	want := http.Header{
		"User-Agent": {"curl/8"}, "Authorization": {"Basic eA=="}, "X-Request-Id": {"7"},
		"Connection": {"keep-alive"}, "Content-Length": {"5"},
	}
	if diff := cmp.Diff(want, fs.header); diff != "" {
		t.Error(diff)
	}
	if fs.host != "auth.example.com:8443" {
		t.Errorf("got host %q", fs.host)
	}
}

func TestRequestsThatAreNotPlain(t *testing.T) {
	instead := func(old, with string) string { return strings.Replace(plainRequest, old, with, 1) }
	tests := []struct{ name, in string }{
		{"nothing", ""},
		{"a head without its end", plainRequest[:40]},
		{"another method", instead("POST", "GET")},
		{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
		{"an older version", instead("HTTP/1.1", "HTTP/1.0")},
		{"RFC 9112 §3: two spaces in the request line", instead("POST ", "POST  ")},
		{"a query", instead("/token", "/token?a=b")},
		{"an escaped path", instead("/token", "/%74oken")},
		{"a path with an empty segment", instead("/oauth2", "//oauth2")},
		{"a path with a segment that goes up", instead("/oauth2", "/x/../oauth2")},
		{"a target with an authority", instead("/oauth2", "http://x/oauth2")},
		{"a bare line feed", instead("\r\nuser-agent", "\nuser-agent")},
		{"a bare carriage return", instead("curl/8", "cu\rrl")},
		{"a carriage return before the end of a line", instead("curl/8", "curl/8\r")},
		{"a field that goes on in the next line", instead("curl/8", "curl/8\r\n more")},
		{"RFC 9112 §5.1: white space before the colon", instead("Host:", "Host :")},
		{"a line without a colon", instead("user-agent: curl/8", "user-agent")},
		{"a line without a name", instead("user-agent:", ":")},
		{"a name with an underscore", instead("X-Request-Id", "X_Request_Id")},
		{"a name that is not ASCII", instead("X-Request-Id", "X-R\u00e9quest-Id")},
		{"a value that is not ASCII", instead("curl", "c\u00fcrl")},
		{"NUL in a value", instead("curl", "c\x00rl")},
		{"RFC 9112 §3.2: no Host", instead("Host:", "Hots:")},
		{"RFC 9112 §3.2: two Hosts", instead("\r\nuser", "\r\nHost: other\r\nuser")},
		{"a Host with a path", instead("auth.example.com:8443", "auth.example.com/x")},
		{"an empty Host", instead("auth.example.com:8443", "")},
		{"no length", instead("Content-Length: 5\r\n", "")},
		{"RFC 9112 §6.3: two lengths", instead("Content-Length: 5", "Content-Length: 5\r\nContent-Length: 5")},
		{"RFC 9112 §6.3: a list of lengths", instead("Length: 5", "Length: 5, 5")},
		{"RFC 9112 §6.3: a signed length", instead("Length: 5", "Length: +5")},
		{"RFC 9112 §6.3: a length in hexadecimal", instead("Length: 5", "Length: 0x5")},
		{"a length with a zero before it", instead("Length: 5", "Length: 05")},
		{"a length that overflows", instead("Length: 5", "Length: 99999999999999999999")},
		{"RFC 9112 §6.1: a transfer coding beside the length", instead("\r\nuser", "\r\nTransfer-Encoding: chunked\r\nuser")},
		{"RFC 9112 §6.1: a transfer coding in other letters", instead("\r\nuser", "\r\ntRANSFER-eNCODING: chunked\r\nuser")},
		{"an expectation", instead("\r\nuser", "\r\nExpect: 100-continue\r\nuser")},
		{"an upgrade", instead("keep-alive", "upgrade")},
		{"RFC 9112 §9.3: the wish to end the connection", instead("keep-alive", "close")},
		{"more fields than usual", instead("\r\nuser", strings.Repeat("\r\nx: y", usualFields)+"\r\nuser")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in == plainRequest {
				t.Fatal("the test spoils nothing")
			}
			got, plain := parseHead([]byte(tt.in), newFields())
			if plain {
				t.Errorf("%q is taken for plain: %+v", tt.in, got)
			}
		})
	}
}

// FuzzParseHead holds what is taken for plain against net/http, which must read the
// same into it.
func FuzzParseHead(f *testing.F) {
	f.Add([]byte(plainRequest))
	f.Add([]byte("POST / HTTP/1.1\r\nhost: [::1]:80\r\ncontent-length: 0\r\n\r\nPOST / HTTP/1.1\r\n"))
	f.Add([]byte("POST /a-b/c_d.e HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\nX:\t\r\nContent-Length: 12\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: x\r\nCache-Control: no-store\r\nTE: a\r\nContent-Length: 1\r\n\r\nx"))
	f.Fuzz(func(t *testing.T, in []byte) {
		fs := newFields()
		h, plain := parseHead(in, fs)
		if !plain {
			return
		}
		reader := bufio.NewReader(bytes.NewReader(in))
		want, err := http.ReadRequest(reader)
		if err != nil {
			t.Fatalf("net/http refuses what is plain here: %v", err)
		}
		defer want.Body.Close()
		if want.Method != http.MethodPost || want.URL.Path != h.path || want.URL.RawPath != "" || want.RequestURI != h.path ||
			want.Host != fs.host || want.ContentLength != int64(h.length) || want.Close || len(want.TransferEncoding) > 0 {
			t.Errorf("got %+v of %q, want %+v", h, fs.host, want)
		}
		if diff := cmp.Diff(want.Header, fs.header); diff != "" {
			t.Error(diff)
		}
		rest := in[h.size:]
		if h.length > len(rest) {
			return
		}
		body, err := io.ReadAll(want.Body)
		if err != nil || !bytes.Equal(body, rest[:h.length]) {
			t.Errorf("got body %q, want %q, %v", rest[:h.length], body, err)
		}
	})
}
