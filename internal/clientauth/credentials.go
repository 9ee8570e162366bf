package clientauth

import (
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/web"
	"github.com/grantd/grantd/oauth"
)

// pair is one reading of the credentials in a request.
type pair struct{ id, secret string }

// credentials are what a request offers: the method it chose and the readings
// of it, the more likely one first.
type credentials struct {
	method oauth.AuthMethod
	pairs  []pair
}

// read takes the credentials out of the request. Its errors depend on the
// request alone, never on a key.
func read(r *web.Request) (credentials, error) {
	id, secret := r.Params.Get("client_id"), r.Params.Get("client_secret")
	if r.Authorization == "" {
		return readBody(id, secret)
	}
	pairs, ok := parseBasic(r.Authorization)
	if !ok {
		return credentials{}, refused("the Authorization header is not Basic with base64 of id:secret")
	}
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return id != "" && p.id != id })
	if len(pairs) == 0 {
		return credentials{}, web.Refuse(oauth.InvalidRequest, "client_id in the body differs from the one in Authorization; send one of them")
	}
	if secret == "" {
		return credentials{method: oauth.ClientSecretBasic, pairs: pairs}, nil
	}
	if r.Dialect == web.Form {
		// RFC 6749 §2.3: a client must not use more than one method in a request.
		return credentials{}, web.Refuse(oauth.InvalidRequest, "client_secret was sent in the body and in Authorization; send it in one of them")
	}
	// SDKs of the JSON dialect send the same credentials twice; that proves no
	// more and no less than once.
	pairs = slices.DeleteFunc(pairs, func(p pair) bool {
		return subtle.ConstantTimeCompare([]byte(p.secret), []byte(secret)) == 0
	})
	if len(pairs) == 0 {
		return credentials{}, web.Refuse(oauth.InvalidRequest, "client_secret in the body differs from the one in Authorization; send one of them")
	}
	return credentials{method: oauth.ClientSecretBasic, pairs: pairs}, nil
}

func readBody(id, secret string) (credentials, error) {
	if id == "" || secret == "" {
		return credentials{}, refused("the request has no client credentials; send id and secret as Authorization: Basic, or as client_id and client_secret in the body")
	}
	return credentials{method: oauth.ClientSecretPost, pairs: []pair{{id, secret}}}, nil
}

// parseBasic reads Authorization: Basic. RFC 6749 has both halves form-encoded
// inside it, most clients send them raw, so both readings are offered; they are
// one where nothing is encoded.
func parseBasic(header string) ([]pair, bool) {
	scheme, encoded, found := strings.Cut(header, " ")
	// RFC 7617 §2: the scheme is matched without regard to case.
	if !found || !strings.EqualFold(scheme, "Basic") {
		return nil, false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimLeft(encoded, " "))
	if err != nil {
		return nil, false
	}
	// RFC 7617 §2: the id ends at the first colon; the secret may hold more.
	id, secret, found := strings.Cut(string(plain), ":")
	if !found || id == "" {
		return nil, false
	}
	raw := pair{id, secret}
	if !strings.ContainsAny(string(plain), "%+") {
		return []pair{raw}, true
	}
	// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
	// RFC 6749 §B: the encoding is that of UTF-8.
	decodedID, err := url.QueryUnescape(id)
	if err != nil {
		return []pair{raw}, true
	}
	decodedSecret, err := url.QueryUnescape(secret)
	if err != nil {
		return []pair{raw}, true
	}
	return []pair{{decodedID, decodedSecret}, raw}, true
}

func refused(sentence string) error {
	return web.Refuse(oauth.InvalidClient, sentence)
}
