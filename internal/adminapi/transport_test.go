package adminapi

import (
	"crypto/tls"
	"errors"
	"net/http"
	"testing"

	"github.com/grantd/grantd/internal/web"
)

func TestTransport(t *testing.T) {
	t.Run("RFC 6750 §5.3: a token that came in clear from another machine is refused", func(t *testing.T) {
		for peer, want := range map[string]bool{
			"127.0.0.1:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true, "192.0.2.1:1": false, "[2001:db8::1]:1": false, "": false, "@": false,
		} {
			err := checkTransport(&http.Request{RemoteAddr: peer})
			p, refused := errors.AsType[*web.Problem](err)
			if (err == nil) != want || refused && p.Status != http.StatusForbidden {
				t.Errorf("from %q: got %v", peer, err)
			}
			err = checkTransport(&http.Request{RemoteAddr: peer, TLS: &tls.ConnectionState{}})
			if err != nil {
				t.Errorf("from %q over TLS: got %v", peer, err)
			}
		}
	})
}
