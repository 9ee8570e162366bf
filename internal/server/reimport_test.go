package server_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/admin"
)

// A key that is deleted and imported again under its id is a new one: the tokens
// of the old one are no tokens of it.
func TestTokensOfAKeyThatWasImportedAgain(t *testing.T) {
	c := &clock{}
	i := startWith(t, c, nil)
	for n, pause := range []time.Duration{time.Millisecond, 10 * time.Second} {
		t.Run(pause.String(), func(t *testing.T) {
			in := admin.NewKey{
				ClientID: fmt.Sprintf("imported-%d", n), ClientSecret: "the secret of the import",
				Scopes: []string{"/accounts.read"}, GrantTypes: refreshing,
			}
			key := i.create(t, in)
			old := i.refresh(t, key, i.token(t, key, "").granted(t), "")
			unused := i.token(t, key, "").granted(t)
			c.advance(pause)
			i.operate(t, http.MethodDelete, "/admin/v1/keys/"+key.ClientID, nil, nil)
			key = i.create(t, in)
			i.refresh(t, key, old.granted(t), "").refused(t)
			i.refresh(t, key, unused, "").refused(t)
			i.introspect(t, key, old.fields["access_token"]).inactive(t)
			anew := i.token(t, key, "")
			i.introspect(t, key, anew.fields["access_token"]).active(t)
			i.refresh(t, key, anew.granted(t), "").granted(t)
		})
	}
}
