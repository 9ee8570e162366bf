package server_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/keys"
	"github.com/grantd/grantd/internal/store"
)

// maxAllocations is how often a token request may allocate, from the first byte that
// comes to the last that is sent: connection, mux, endpoint, log line. What the standard
// library allocates for a signature is beside that.
const maxAllocations = 40

func TestATokenRequestAllocatesLittle(t *testing.T) {
	i := start(t, nil)
	tests := []struct {
		name      string
		format    store.TokenFormat
		algorithm string
		beside    float64
	}{
		{"ES256", store.JWT, keys.ES256, allocationsOfP256(t)},
		{"EdDSA", store.JWT, keys.EdDSA, 0},
		{"opaque", store.Opaque, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scope := "/" + strings.ToLower(tt.name) + ".allocate"
			_, err := i.admin.CreateAPI(t.Context(), admin.NewAPI{Audience: "https://" + tt.name + ".example", TokenFormat: tt.format, Algorithm: tt.algorithm, Scopes: []string{scope}})
			if err != nil {
				t.Fatal(err)
			}
			key, err := i.admin.CreateKey(t.Context(), admin.NewKey{Name: tt.name, Scopes: []string{scope}})
			if err != nil {
				t.Fatal(err)
			}
			body := "grant_type=client_credentials&client_id=" + key.ClientID + "&client_secret=" + key.ClientSecret
			request := fmt.Appendf(nil, "POST /oauth2/token HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
				i.PublicAddr, formType, len(body), body)
			conn, _ := dial(t, i.PublicAddr, time.Minute)
			buffer := make([]byte, 16<<10)
			ask := func() {
				_, err := conn.Write(request)
				if err != nil {
					t.Fatal(err)
				}
				if status := readStatus(t, conn, buffer); status != http.StatusOK {
					t.Fatalf("got %d: %s", status, buffer)
				}
			}
			// What is made once is made now.
			const first, runs = 100, 1000
			for range first {
				ask()
			}
			allocations := testing.AllocsPerRun(runs, ask)
			t.Logf("%v allocations a request, %v of them of the bare signature", allocations, tt.beside)
			if allocations-tt.beside > maxAllocations {
				t.Errorf("got %v allocations a request beside the %v of the signature, want at most %d", allocations-tt.beside, tt.beside, maxAllocations)
			}
		})
	}
}

// allocationsOfP256 is how often one signature allocates.
func allocationsOfP256(t *testing.T) float64 {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("text"))
	return testing.AllocsPerRun(100, func() {
		_, err = key.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
	})
}

// readStatus reads one response to its end and allocates nothing.
func readStatus(t *testing.T, conn net.Conn, buffer []byte) int {
	for filled := 0; ; {
		n, err := conn.Read(buffer[filled:])
		if err != nil {
			t.Fatal(err)
		}
		filled += n
		head, body, complete := bytes.Cut(buffer[:filled], []byte("\r\n\r\n"))
		if !complete {
			continue
		}
		_, rest, _ := bytes.Cut(head, []byte("Content-Length: "))
		if len(body) == digits(rest) {
			return digits(head[len("HTTP/1.1 "):])
		}
	}
}

// digits reads the number that a text begins with.
func digits(text []byte) int {
	number := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			break
		}
		number = 10*number + int(c-'0')
	}
	return number
}
