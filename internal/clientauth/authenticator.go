package clientauth

import (
	"github.com/grantd/grantd/internal/mirror"
	"github.com/grantd/grantd/internal/web"
)

// Clients finds keys by their client id.
type Clients interface {
	Client(id string) *mirror.Client
}

// Authenticator decides who is calling.
type Authenticator struct {
	// Clients are the keys of this server.
	Clients Clients
	// Pepper is the key of the secrets' hashes.
	Pepper *Pepper
}

// Authenticate returns the key whose credentials the request carries. An
// unknown id and a wrong secret get the same bytes after the same work.
func (a *Authenticator) Authenticate(r *web.Request) (*mirror.Client, error) {
	offered, err := read(r)
	if err != nil {
		return nil, err
	}
	client := a.match(offered.pairs)
	if client == nil {
		r.Record.Claimed = a.claimed(offered.pairs)
		return nil, refused("client authentication failed; check the client id and its secret")
	}
	r.Record.ClientID = client.ID
	// From here on the caller has proved that it holds the secret, so that it
	// may be told more.
	if !client.AllowsMethod(offered.method) {
		return nil, refused("this key may not authenticate with " + string(offered.method) + "; use another method or change the key")
	}
	if client.Disabled() {
		return nil, refused("this key is disabled; ask whoever issued it to enable it")
	}
	return client, nil
}

// claimed names the key whose id was offered, for the log.
func (a *Authenticator) claimed(pairs []pair) string {
	for _, p := range pairs {
		if a.Clients.Client(p.id) != nil {
			return p.id
		}
	}
	return "unknown"
}

// match tries every reading of the credentials, always all of them.
func (a *Authenticator) match(pairs []pair) *mirror.Client {
	var matched *mirror.Client
	for _, p := range pairs {
		client := a.Clients.Client(p.id)
		hash := a.Pepper.Hash(p.id, p.secret)
		// A key without a record compares with one that no secret matches.
		if client.Matches(&hash) && matched == nil {
			matched = client
		}
	}
	return matched
}
