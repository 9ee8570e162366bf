package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// inFront are the proxies of these tests.
func inFront(header string) *Proxies {
	return NewProxies([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("2001:db8:ffff::/64")}, header)
}

// from is a request of that peer with these lines of both headers.
func from(peer, header string, lines ...string) *http.Request {
	return &http.Request{RemoteAddr: peer, Header: http.Header{header: lines}}
}

const (
	forwardedFor = "X-Forwarded-For"
	forwarded    = "Forwarded"
	proxy        = "10.0.0.1:4711"
	hidden       = "invalid IP"
)

func TestWhereARequestCameFrom(t *testing.T) {
	tests := []struct {
		name, configured string
		request          *http.Request
		address, text    string
	}{
		{"RFC 7239 §8.1: a header of somebody else is not read", ForwardedHeader, from("192.0.2.1:4711", forwarded, "for=203.0.113.9"), "192.0.2.1", "192.0.2.1:4711"},
		{"a list of somebody else is not read", "", from("192.0.2.1:4711", forwardedFor, "203.0.113.9"), "192.0.2.1", "192.0.2.1:4711"},
		{"a peer of IPv4 in IPv6 is one of IPv4", "", from("[::ffff:10.0.0.1]:4711", forwardedFor, "203.0.113.9"), "203.0.113.9", "203.0.113.9"},
		{"a peer with a zone", "", from("[fe80::1%eth0]:4711", forwardedFor, "203.0.113.9"), "fe80::1", "[fe80::1%eth0]:4711"},
		{"a peer without an address", "", from("@", forwardedFor, "203.0.113.9"), hidden, "@"},
		{"no peer", "", from("", forwardedFor, "203.0.113.9"), hidden, ""},

		{"a proxy without the header is where it came from", "", from(proxy, "Via", "1.1 x"), "10.0.0.1", proxy},
		{"a proxy with the other header", "", from(proxy, forwarded, "for=203.0.113.9"), "10.0.0.1", proxy},
		{"the header of RFC 7239 is chosen, and the other one sent", ForwardedHeader, from(proxy, forwardedFor, "203.0.113.9"), "10.0.0.1", proxy},
		{"an empty header", "", from(proxy, forwardedFor, ""), "10.0.0.1", proxy},

		{"one address", "", from(proxy, forwardedFor, "203.0.113.9"), "203.0.113.9", "203.0.113.9"},
		{"IPv6", "", from(proxy, forwardedFor, "2001:DB8::1"), "2001:db8::1", "2001:db8::1"},
		{"IPv6 in brackets", "", from(proxy, forwardedFor, "[2001:db8::1]"), "2001:db8::1", "2001:db8::1"},
		{"IPv6 with a port", "", from(proxy, forwardedFor, "[2001:db8::1]:4711"), "2001:db8::1", "2001:db8::1"},
		{"IPv4 with a port", "", from(proxy, forwardedFor, "203.0.113.9:4711"), "203.0.113.9", "203.0.113.9"},
		{"IPv4 in IPv6", "", from(proxy, forwardedFor, "::ffff:203.0.113.9"), "203.0.113.9", "203.0.113.9"},
		{"what the client wrote before", "", from(proxy, forwardedFor, "198.51.100.1, 203.0.113.9"), "203.0.113.9", "203.0.113.9"},
		{"an address of a proxy that the client wrote before", "", from(proxy, forwardedFor, "10.0.0.2, 203.0.113.9"), "203.0.113.9", "203.0.113.9"},
		{"garbage that the client wrote before", "", from(proxy, forwardedFor, "\"\x00;,unknown,203.0.113.9"), "203.0.113.9", "203.0.113.9"},
		{"proxies of ours are skipped", "", from(proxy, forwardedFor, "203.0.113.9,10.0.0.3 ,\t2001:db8:ffff::2"), "203.0.113.9", "203.0.113.9"},
		{"a request that began at a proxy of ours", "", from(proxy, forwardedFor, "10.0.0.3, 10.0.0.2"), "10.0.0.3", "10.0.0.3"},
		{"several lines are one list, in order", "", from(proxy, forwardedFor, "198.51.100.1", "203.0.113.9, 10.0.0.3", "10.0.0.2"), "203.0.113.9", "203.0.113.9"},
		{"RFC 9110 §5.6.1: empty elements do not count", "", from(proxy, forwardedFor, "198.51.100.1", ", 203.0.113.9 ,, ", "\t,"), "203.0.113.9", "203.0.113.9"},
		{"commas alone", "", from(proxy, forwardedFor, ",,,,,"), "10.0.0.1", proxy},

		{"unknown", "", from(proxy, forwardedFor, "203.0.113.9, unknown"), hidden, proxy},
		{"a name", "", from(proxy, forwardedFor, "client.example"), hidden, proxy},
		{"an address behind a proxy that hides it", "", from(proxy, forwardedFor, "203.0.113.9, unknown, 10.0.0.2"), hidden, "10.0.0.2"},
		{"a zone", "", from(proxy, forwardedFor, "fe80::1%eth0"), hidden, proxy},
		{"a port that is none", "", from(proxy, forwardedFor, "203.0.113.9:x"), hidden, proxy},
		{"a port that is too long", "", from(proxy, forwardedFor, "203.0.113.9:123456"), hidden, proxy},
		{"a colon without a port", "", from(proxy, forwardedFor, "203.0.113.9:"), hidden, proxy},
		{"something after the brackets", "", from(proxy, forwardedFor, "[2001:db8::1]x"), hidden, proxy},
		{"IPv4 in brackets", "", from(proxy, forwardedFor, "[203.0.113.9]"), hidden, proxy},
		{"an address with leading zeros", "", from(proxy, forwardedFor, "203.0.113.010"), hidden, proxy},
		{"quotes", "", from(proxy, forwardedFor, `"203.0.113.9"`), hidden, proxy},

		{"an element of RFC 7239", ForwardedHeader, from(proxy, forwarded, "for=203.0.113.9;proto=https;by=10.0.0.1"), "203.0.113.9", "203.0.113.9"},
		{"RFC 7239 §4: names of parameters are matched in any case", ForwardedHeader, from(proxy, forwarded, "Proto=http;FOR=203.0.113.9"), "203.0.113.9", "203.0.113.9"},
		{"spaces around its parts", ForwardedHeader, from(proxy, forwarded, " for=203.0.113.9 ; proto=https ,\tfor=10.0.0.2 "), "203.0.113.9", "203.0.113.9"},
		{"RFC 7239 §4: empty parts", ForwardedHeader, from(proxy, forwarded, ";;for=203.0.113.9;;"), "203.0.113.9", "203.0.113.9"},
		{"a quoted address with a port", ForwardedHeader, from(proxy, forwarded, `for="203.0.113.9:4711"`), "203.0.113.9", "203.0.113.9"},
		{"an address with a port and no quotes", ForwardedHeader, from(proxy, forwarded, "for=203.0.113.9:4711"), "203.0.113.9", "203.0.113.9"},
		{"a port with a name", ForwardedHeader, from(proxy, forwarded, `for="203.0.113.9:_gazonk"`), "203.0.113.9", "203.0.113.9"},
		{"RFC 7239 §6: an IPv6 address in brackets", ForwardedHeader, from(proxy, forwarded, `For="[2001:db8:cafe::17]:4711"`), "2001:db8:cafe::17", "2001:db8:cafe::17"},
		{"RFC 9110 §5.6.4: a backslash in quotes stands for what follows", ForwardedHeader, from(proxy, forwarded, `for="203.0\.113.\9";host="a\"b\\"`), "203.0.113.9", "203.0.113.9"},
		{"a comma and a semicolon in quotes", ForwardedHeader, from(proxy, forwarded, `for=203.0.113.9;host="a, for=198.51.100.1;for=x"`), "203.0.113.9", "203.0.113.9"},
		{"several elements", ForwardedHeader, from(proxy, forwarded, `for=198.51.100.1, for=203.0.113.9;host="x,y", for="[2001:db8:ffff::2]"`), "203.0.113.9", "203.0.113.9"},
		{"several lines", ForwardedHeader, from(proxy, forwarded, "for=198.51.100.1", "for=203.0.113.9", "for=10.0.0.2"), "203.0.113.9", "203.0.113.9"},
		{"a quote of the client that nobody closed", ForwardedHeader, from(proxy, forwarded, `for="198.51.100.1, for=203.0.113.9`), "203.0.113.9", "203.0.113.9"},
		{"a quote of the client before one of the proxy", ForwardedHeader, from(proxy, forwarded, `for=198.51.100.1;x=", for="[2001:db8::1]"`), "2001:db8::1", "2001:db8::1"},
		{"a backslash of the client", ForwardedHeader, from(proxy, forwarded, `for="198.51.100.1\, for="203.0.113.9:1"`), "203.0.113.9", "203.0.113.9"},

		{"RFC 7239 §6.2: unknown is nobody's address", ForwardedHeader, from(proxy, forwarded, "for=203.0.113.9, for=unknown"), hidden, proxy},
		{"RFC 7239 §6.3: nor is a name that the proxy made up", ForwardedHeader, from(proxy, forwarded, "for=203.0.113.9, for=_SEVKISEK"), hidden, proxy},
		{"an element without an address", ForwardedHeader, from(proxy, forwarded, "for=203.0.113.9, proto=https"), hidden, proxy},
		{"RFC 7239 §4: an address twice in one element", ForwardedHeader, from(proxy, forwarded, "for=203.0.113.9;for=198.51.100.1"), hidden, proxy},
		{"an element without an equals sign", ForwardedHeader, from(proxy, forwarded, "203.0.113.9"), hidden, proxy},
		{"something after the quotes", ForwardedHeader, from(proxy, forwarded, `for="203.0.113.9"x`), hidden, proxy},
		{"a quote within a value", ForwardedHeader, from(proxy, forwarded, `for=203.0.113.9"`), hidden, proxy},
		{"a quote that is escaped at the end", ForwardedHeader, from(proxy, forwarded, `for="203.0.113.9\"`), hidden, proxy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := inFront(tt.configured).source(tt.request)
			if got.address.String() != tt.address || got.text != tt.text {
				t.Errorf("%s %q\n got %s, in the log %q\nwant %s, in the log %q", tt.request.RemoteAddr, tt.request.Header, got.address, got.text, tt.address, tt.text)
			}
		})
	}
}

// The work is no more than the length of the header, whatever is in it.
func TestALongHeaderTakesLinearTime(t *testing.T) {
	const length = 1 << 22
	fill := func(s string) string { return strings.Repeat(s, length/len(s)) }
	tests := []struct{ name, header, line string }{
		{"commas", "", fill(",")},
		{"commas and an address of ours", "", fill(",") + strings.Repeat("10.0.0.2,", 1000)},
		{"addresses of ours", "", fill("10.0.0.2,")},
		{"spaces", "", fill(" ")},
		{"digits", "", fill("1")},
		{"colons", "", fill(":")},
		{"brackets", "", fill("[")},
		{"commas of RFC 7239", ForwardedHeader, fill(",")},
		{"elements of ours", ForwardedHeader, fill("for=10.0.0.2,")},
		{"semicolons", ForwardedHeader, fill(";") + "for=10.0.0.2"},
		{"parameters", ForwardedHeader, fill("a=b;") + "for=10.0.0.2"},
		{"quotes", ForwardedHeader, fill(`"`)},
		{"quotes that are escaped", ForwardedHeader, fill(`\"`)},
		{"backslashes", ForwardedHeader, `"` + fill(`\`) + `"`},
		{"a quote that nobody closed", ForwardedHeader, `for="` + fill("x") + ",for=10.0.0.2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := forwardedFor
			if tt.header != "" {
				name = forwarded
			}
			// Work that grew with the square of 4 MiB would not end before the test does.
			got := inFront(tt.header).source(from(proxy, name, tt.line))
			if got.text == "" {
				t.Error("the log would say nothing")
			}
		})
	}
}

func TestTheForwardedAddressIsTheOneOfTheRequestAndTheLog(t *testing.T) {
	tests := []struct {
		name, peer, line string
		address, log     string
	}{
		{"behind a proxy", proxy, "198.51.100.1, 203.0.113.9:80", "203.0.113.9", "peer=203.0.113.9\n"},
		{"behind a proxy that hides it", proxy, "unknown", hidden, "peer=10.0.0.1:4711\n"},
		{"not behind one", "192.0.2.1:4711", "203.0.113.9", "192.0.2.1", "peer=192.0.2.1:4711\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log strings.Builder
			p := callPlumbing(&log)
			p.Proxies = inFront("")
			var address, peer string
			handler := p.Client("/route", func(_ context.Context, w http.ResponseWriter, r *Request) error {
				address, peer = r.Address().String(), "peer="+r.Peer+"\n"
				WriteJSON(w, r.Record, http.StatusOK, nil)
				return nil
			})
			handler.ServeHTTP(httptest.NewRecorder(), posted(t, tt.peer, http.Header{forwardedFor: {tt.line}}))
			if address != tt.address || peer != tt.log || !strings.HasSuffix(log.String(), " "+tt.log) {
				t.Errorf("got %s, %s and the log %s\nwant %s and %s", address, peer, log.String(), tt.address, tt.log)
			}
		})
	}
}

// posted is a request to an endpoint for clients.
func posted(t *testing.T, peer string, header http.Header) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("a=b"))
	r.Header.Set("Content-Type", formType)
	for name, values := range header {
		r.Header[name] = values
	}
	r.RemoteAddr = peer
	return r
}

func TestAPlainRequestIsNotLookedAt(t *testing.T) {
	p := callPlumbing(io.Discard)
	if NewProxies(nil, ForwardedHeader) != nil {
		t.Fatal("no networks are some proxies")
	}
	r := posted(t, "192.0.2.1:4711", http.Header{forwardedFor: {"203.0.113.9"}})
	w := httptest.NewRecorder()
	var rec Record
	allocations := testing.AllocsPerRun(100, func() {
		p.locate(r, &rec)
		p.answerOrigin(w.Header(), joined(r.Header, "Origin"))
	})
	if allocations != 0 || rec.source != (source{}) {
		t.Errorf("got %v allocations and source %v, want none", allocations, rec.source)
	}
	if got := (&Request{Peer: rec.peer}).Address().String(); got != "192.0.2.1" {
		t.Errorf("got %s when it is asked for", got)
	}
}

func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{
		"for=192.0.2.60;proto=http;by=203.0.113.43", `For="[2001:db8:cafe::17]:4711"`, "for=192.0.2.43, for=198.51.100.17",
		`for=_hidden, for="_mdn.S-2"`, `for="a\"b";x=", for=unknown`, ",,;=\"\\", "10.0.0.1:80, [::1], ::1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		const appended = `for="203.0.113.9:80";host="x, y"`
		for _, header := range []string{"", ForwardedHeader} {
			name, last := forwardedFor, "203.0.113.9"
			if header != "" {
				name, last = forwarded, appended
			}
			got := inFront(header).source(from(proxy, name, line))
			if got.address.IsValid() && (got.address.Is4In6() || got.address.Zone() != "") {
				t.Errorf("%q gives %s, which no network has", line, got.address)
			}
			// What the proxy appends counts, whatever stands before it.
			got = inFront(header).source(from(proxy, name, line+","+last))
			if got.address.String() != "203.0.113.9" {
				t.Errorf("%q before %s gives %s", line, last, got.address)
			}
		}
	})
}
