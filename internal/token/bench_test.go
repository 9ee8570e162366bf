package token

import (
	"net/http"
	"strings"
	"testing"
)

// discard is a ResponseWriter that keeps nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// What a request costs beside net/http: the plumbing and the endpoint.
func BenchmarkEndpoints(b *testing.B) {
	k := newKit(b)
	opaque := k.grant(b, plainKey, "/opaque").AccessToken
	jwt := k.grant(b, plainKey, "/jwt").AccessToken
	for _, bb := range []struct{ name, endpoint, key, body string }{
		{"issue opaque", "token", plainKey, "grant_type=client_credentials&scope=/opaque"},
		{"issue opaque with refresh", "token", ownerKey, "grant_type=client_credentials&scope=/opaque"},
		{"issue JWT", "token", plainKey, "grant_type=client_credentials&scope=/jwt"},
		{"introspect opaque", "introspect", serverKey, "token=" + opaque},
		{"introspect JWT", "introspect", serverKey, "token=" + jwt},
		{"introspect nonsense", "introspect", serverKey, "token=x.y.z"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			r := request(b.Context(), bb.key, bb.body)
			w := &discard{header: http.Header{}}
			for b.Loop() {
				r.Body = readerBody(bb.body)
				k.handlers[bb.endpoint].ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatalf("status %d", w.status)
				}
			}
		})
	}
}

func readerBody(text string) *body { return &body{strings.NewReader(text)} }

type body struct{ *strings.Reader }

func (*body) Close() error { return nil }
