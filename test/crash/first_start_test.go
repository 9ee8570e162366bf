package crash

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

// TestKilledDuringFirstStart kills a server ever later in the start that makes
// its directory, key files, database and signing key. Whatever was there by then,
// the next start must succeed on it.
func TestKilledDuringFirstStart(t *testing.T) {
	for after := time.Duration(0); after < 45*time.Millisecond; after += 1500 * time.Microsecond {
		t.Run(fmt.Sprintf("killed after %s", after), func(t *testing.T) {
			address, err := blackbox.FreeAddress()
			if err != nil {
				t.Fatal(err)
			}
			data := filepath.Join(t.TempDir(), "data")
			p, err := blackbox.Begin("", []string{
				"--data", data, "--listen", address, "--admin-listen", "127.0.0.1:0", "--issuer", "http://" + address,
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(after)
			err = p.Kill()
			if err != nil {
				t.Fatal(err)
			}
			s := blackbox.Start(t, blackbox.Options{Data: data, Address: address})
			s.CreateAPI(t, "--audience", "https://crash.example", "--scope", "/crash.read")
			s.Token(t, s.CreateKey(t, "--name", "k", "--scope", "/crash.read"), nil)
			s.Stop(t)
		})
	}
}
