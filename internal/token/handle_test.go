package token

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grantd/grantd/internal/store"
)

func sampleClaims() claims {
	at := time.UnixMilli(1_700_000_000_123).UTC()
	return claims{
		issuer: issuer, clientID: "5clTR_MdVrrkgxw2", audience: []string{jwtAPI, opaqueAPI}, scope: "/a /b",
		issued: at, expires: at.Add(time.Hour).Truncate(time.Second),
		id: identity{token: newID(at), family: newFamily(), inFamily: true}, mode: store.Live,
	}
}

func sampleRefresh() refreshHandle {
	at := time.UnixMilli(1_700_000_000_123).UTC()
	return refreshHandle{
		family: newFamily(), generation: 300, clientID: "5clTR_MdVrrkgxw2", scopes: []string{"/a", "/b"}, resources: []string{jwtAPI},
		started: at, issued: at.Add(time.Minute), expires: at.Add(time.Hour), idle: 10 * time.Minute, mode: store.Test,
	}
}

func TestAnOpaqueTokenReadsBackAsItWasMade(t *testing.T) {
	whole := sampleClaims()
	alone := whole
	alone.id = identity{token: newID(whole.issued)}
	alone.audience = []string{jwtAPI}
	nowhere := whole
	nowhere.audience, nowhere.scope, nowhere.clientID = nil, "", ""
	tried := whole
	tried.mode, tried.static = store.Test, []byte(`,"tenant":"acme"`)
	for name, want := range map[string]claims{"in a family": whole, "alone": alone, "without texts": nowhere, "of a test key with static claims": tried} {
		t.Run(name, func(t *testing.T) {
			var got contents
			err := decodeAccessHandle(want.appendHandle(nil), &got)
			if err != nil {
				t.Fatal(err)
			}
			back := claims{
				issuer: issuer, clientID: got.clientID, audience: got.audience, scope: got.scope,
				issued: got.issued, expires: got.expires, id: got.id, mode: got.mode,
			}
			if got.static != "" {
				back.static = []byte(got.static)
			}
			if !slices.Equal(back.audience, want.audience) {
				t.Errorf("audience: got %q, want %q", back.audience, want.audience)
			}
			back.audience = want.audience
			if diff := cmp.Diff(want, back, cmp.AllowUnexported(claims{}, identity{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestARefreshTokenReadsBackAsItWasMade(t *testing.T) {
	want := sampleRefresh()
	got, err := decodeRefreshHandle(want.encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(refreshHandle{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPayloadThatIsNotWholeIsNotRead(t *testing.T) {
	access, refresh := sampleClaims(), sampleRefresh()
	accessPayload, refreshPayload := access.appendHandle(nil), refresh.encode()
	for _, wrong := range [][]byte{
		append(slices.Clone(accessPayload), 0),
		append([]byte{9}, accessPayload[1:]...),
		refreshPayload,
		{accessVersion},
		nil,
	} {
		var c contents
		err := decodeAccessHandle(wrong, &c)
		if err == nil {
			t.Errorf("%x was read as an access token", wrong)
		}
	}
	for n := range accessPayload {
		var c contents
		err := decodeAccessHandle(accessPayload[:n], &c)
		if err == nil {
			t.Errorf("%d bytes of an access token's payload were read", n)
		}
	}
	for n := range refreshPayload {
		_, err := decodeRefreshHandle(refreshPayload[:n])
		if err == nil {
			t.Errorf("%d bytes of a refresh token's payload were read", n)
		}
	}
	_, err := decodeRefreshHandle(append(refreshPayload, 0))
	if err == nil {
		t.Error("a payload with something behind it was read")
	}
}

func TestTheIDOfATokenSaysWhenItWasIssued(t *testing.T) {
	for _, at := range []time.Time{time.UnixMilli(0), time.UnixMilli(1_700_000_000_123), time.UnixMilli(1<<48 - 1)} {
		id := newID(at.UTC())
		if !issuedAt(id).Equal(at) || id == newID(at) {
			t.Errorf("%s: got %s of %x", at, issuedAt(id), id)
		}
	}
	t.Run("its text is that of one id or of two", func(t *testing.T) {
		for _, want := range []identity{{token: store.TokenID{1}}, {token: store.TokenID{1}, family: store.TokenID{2}, inFamily: true}} {
			got, ok := parseIdentity(string(want.append(nil)))
			if !ok || got != want {
				t.Errorf("got %+v, %t, want %+v", got, ok, want)
			}
		}
		for _, wrong := range []string{"", "AAAA", strings.Repeat("A", 21) + "B", strings.Repeat("A", 23), strings.Repeat("A", 44), strings.Repeat("A", 21) + "\n" + "A", "!!!!!!!!!!!!!!!!!!!!!!"} {
			_, ok := parseIdentity(wrong)
			if ok {
				t.Errorf("%q was read", wrong)
			}
		}
	})
}

// The idle limit and the end of a family with its last access token.
func TestAFamilyEndsWithTheLastAccessTokenOfIt(t *testing.T) {
	h := sampleRefresh()
	if got := h.revocation().ExpiresAt.Sub(h.expires); got != 24*time.Hour {
		t.Errorf("the family's revocation is kept for %s after the family", got)
	}
	child := h.next(h.issued.Add(time.Minute))
	if child.generation != h.generation+1 || child.revocation() != h.revocation() || !child.started.Equal(h.started) {
		t.Errorf("got %+v after %+v", child, h)
	}
}

// The payloads of the version before had no mode and no static claims at their ends.
func TestHandlesOfTheVersionBeforeAreLive(t *testing.T) {
	made := sampleClaims()
	access := made.appendHandle(nil)
	access[0] = accessVersion - 1
	var got contents
	err := decodeAccessHandle(access[:len(access)-2], &got)
	if err != nil || got.mode != store.Live || got.static != "" || got.clientID != made.clientID {
		t.Errorf("access token: got %+v, %v", got, err)
	}
	first := sampleRefresh()
	refresh := first.encode()
	refresh[0] = refreshVersion - 1
	h, err := decodeRefreshHandle(refresh[:len(refresh)-1])
	if err != nil || h.mode != store.Live || h.family != first.family {
		t.Errorf("refresh token: got %+v, %v", h, err)
	}
	access[0] = accessVersion - 2
	if decodeAccessHandle(access[:len(access)-2], &got) == nil {
		t.Error("a version that never went out was read")
	}
}

func FuzzRefreshHandle(f *testing.F) {
	h := sampleRefresh()
	f.Add(h.encode())
	// An idle limit of more milliseconds than a Duration can hold.
	f.Add([]byte("\x0300000000000000000000\xdb\xdb\xe2\x81\xfa\x9f0\x100000000000000000\x0500000\x130000000000000000000\x01"))
	f.Add(append([]byte{refreshVersion}, bytes.Repeat([]byte{0xff}, 40)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeRefreshHandle(b)
		if err != nil {
			return
		}
		again, err := decodeRefreshHandle(h.encode())
		if err != nil {
			t.Fatalf("%x reads as %+v, which does not read again: %v", b, h, err)
		}
		if diff := cmp.Diff(h, again, cmp.AllowUnexported(refreshHandle{})); diff != "" {
			t.Errorf("%x (-first +again):\n%s", b, diff)
		}
	})
}

func FuzzAccessHandle(f *testing.F) {
	c := sampleClaims()
	f.Add(c.appendHandle(nil))
	f.Add(append([]byte{accessVersion}, bytes.Repeat([]byte{0xff}, 60)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var first, again contents
		err := decodeAccessHandle(b, &first)
		if err != nil {
			return
		}
		c := claims{clientID: first.clientID, audience: first.audience, scope: first.scope, expires: first.expires, id: first.id}
		err = decodeAccessHandle(c.appendHandle(nil), &again)
		if err != nil || again.id != first.id || again.clientID != first.clientID || again.scope != first.scope ||
			!again.expires.Equal(first.expires) || !slices.Equal(again.audience, first.audience) {
			t.Errorf("%x reads as %+v, and that as %+v, %v", b, first, again, err)
		}
	})
}
