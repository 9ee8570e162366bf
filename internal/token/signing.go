package token

import (
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/grantd/grantd/internal/keys"
)

// workspace is where a token and its answer are put together, kept from one to
// the next: it was half of all the bytes that a request allocated.
type workspace struct {
	header, payload, token, answer []byte
	contents                       contents
}

// workspaces are those that nobody uses now.
type workspaces struct{ free sync.Pool }

func (ws *workspaces) take() *workspace {
	w, kept := ws.free.Get().(*workspace)
	if !kept {
		return &workspace{}
	}
	return w
}

func (ws *workspaces) giveBack(w *workspace) { ws.free.Put(w) }

// sign writes the payload as a JWS in the compact serialization (RFC 7515 §7.1);
// again gives the same bytes for the same payload.
func (w *workspace) sign(key *keys.Active, typ string, again bool) (string, error) {
	header := w.header[:0]
	// RFC 8725 §3.11: the type of a token is told apart by typ.
	// RFC 9068 §2.1: typ is at+jwt, unless the API asks for something else.
	header = append(header, `{"typ":"`...)
	header = append(header, typ...)
	header = append(header, `","alg":"`...)
	header = append(header, key.Algorithm...)
	header = append(header, `","kid":"`...)
	header = append(header, key.ID...)
	header = append(header, '"', '}')

	token := base64.RawURLEncoding.AppendEncode(w.token[:0], header)
	token = append(token, '.')
	token = base64.RawURLEncoding.AppendEncode(token, w.payload)
	sign := key.Sign
	if again {
		sign = key.SignRepeatably
	}
	signature, err := sign(w.payload[:0], token)
	if err != nil {
		return "", fmt.Errorf("sign with key %s: %w", key.ID, err)
	}
	token = append(token, '.')
	token = base64.RawURLEncoding.AppendEncode(token, signature)
	w.header, w.payload, w.token = header, signature, token
	return string(token), nil
}
