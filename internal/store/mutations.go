package store

import "time"

// Origin says who causes a write and when.
type Origin struct {
	// Actor is who, for the audit trail: "uid:0", "system".
	Actor string
	// At is the caller's clock; it is the time of the audit rows.
	At time.Time
}

// Mutation is one change of the control plane's data, for Writer.Write.
type Mutation interface {
	// Subject returns the kind and the id of the record it changes.
	Subject() (Kind, string)
	// Event returns its name in the audit trail, one of the Event constants.
	Event() string

	mutation()
}

// The names of events in the audit trail. The one kind of record that people
// call a key is a client in the feed and in RFC 6749.
//
//nolint:gosec // G101: names of events, not credentials.
const (
	EventAPICreated            = "api.created"
	EventAPIUpdated            = "api.updated"
	EventAPIDeleted            = "api.deleted"
	EventAPITokensRevoked      = "api.tokens_revoked"
	EventResourceServerAdded   = "api.resource_server_added"
	EventResourceServerRemoved = "api.resource_server_removed"
	EventKeyCreated            = "key.created"
	EventKeyUpdated            = "key.updated"
	EventKeyDisabled           = "key.disabled"
	EventKeyEnabled            = "key.enabled"
	EventKeyDeleted            = "key.deleted"
	EventKeyTokensRevoked      = "key.tokens_revoked"
	EventSecretAdded           = "key.secret_added"
	EventSecretRemoved         = "key.secret_removed"
	EventSecretExpirySet       = "key.secret_expiry_set"
	EventSigningKeyCreated     = "signing_key.created"
	EventSigningKeyRevoked     = "signing_key.revoked"
	EventSigningKeyDeleted     = "signing_key.deleted"
	EventSigningKeyResealed    = "signing_key.resealed"
	EventTokenRevoked          = "token.revoked"
	EventFamilyRevoked         = "refresh_family.revoked"
	EventFamilyReused          = "refresh_family.reused"
	EventAllTokensRevoked      = "all.tokens_revoked"
	EventRestored              = "database.restored"
)

// CreateAPI adds an API. ErrConflict when its id, its audience or, in its mode, one
// of its scope definitions exists already, also when it lists a definition twice.
type CreateAPI struct{ API API }

// UpdateAPI replaces what an API is like: all but ID, NotBefore, ResourceServers
// and CreatedAt, which stay as they are; UpdatedAt becomes the time of the write, see
// [Seen]. ErrNotFound when there is no such API. ErrConflict as with CreateAPI, where what
// the API itself had before is free. A definition moves from one API to another in
// one Write when the one that gives it up comes first.
type UpdateAPI struct {
	API  API
	Seen Seen
}

// DeleteAPI removes an API, with the list of its resource servers. ErrNotFound
// when there is no such API. Its id, its audience and its scopes can be used again,
// also later in the same Write; an API that is created with its id has nothing of
// it.
type DeleteAPI struct{ ID string }

// RevokeAPITokens ends every token of the API that was issued before the
// instant. An earlier instant than one set before changes nothing and is no
// error. ErrNotFound when there is no such API.
type RevokeAPITokens struct {
	ID     string
	Before time.Time
}

// AddResourceServer lets a key introspect the tokens of an API. Adding it again
// is not an error. ErrNotFound when there is no such API or no such key.
type AddResourceServer struct{ APIID, ClientID string }

// RemoveResourceServer takes that back. ErrNotFound when there is no such API,
// or when the key is not one of its resource servers.
type RemoveResourceServer struct{ APIID, ClientID string }

// CreateClient adds a key with its secrets. ErrConflict when its id exists, or
// when two of its secrets have the same id, name or hash.
type CreateClient struct{ Client Client }

// UpdateClient replaces what a key is like: all but ID, Secrets, Disabled,
// NotBefore and CreatedAt, which stay as they are; UpdatedAt becomes the time of
// the write, see [Seen]. ErrNotFound when there is no such key, also when it was deleted
// before: an update never makes one.
type UpdateClient struct {
	Client Client
	Seen   Seen
	// Former is whose the key was. The change says so when it is another's now.
	Former string
}

// Seen is the UpdatedAt of the record that a change of all of it was made from. The
// change is ErrChanged when the record has another one by now: nodes that change a
// record at the same time would otherwise undo each other's changes. With it,
// UpdatedAt becomes later than it was, whatever the clocks of the nodes say. The zero
// Seen changes whatever is there.
type Seen struct{ time.Time }

// SetClientDisabled disables or enables a key and sets UpdatedAt to the time of
// the write. Setting what is set already is not an error. ErrNotFound when there
// is no such key.
type SetClientDisabled struct {
	ID       string
	Disabled bool
}

// DeleteClient removes a key and its secrets, also from the resource servers of
// all APIs. ErrNotFound when there is no such key. Its id can be used again.
type DeleteClient struct{ ID string }

// RevokeClientTokens ends every token of the key that was issued before the
// instant. An earlier instant than one set before changes nothing and is no
// error. ErrNotFound when there is no such key.
type RevokeClientTokens struct {
	ID     string
	Before time.Time
}

// AddSecret adds a secret behind the others of a key and sets the key's
// UpdatedAt to the time of the write. ErrConflict when the key has a secret with
// this id, name or hash. ErrNotFound when there is no such key.
type AddSecret struct {
	ClientID string
	Secret   Secret
}

// RemoveSecret removes a secret of a key and sets the key's UpdatedAt to the time
// of the write. ErrNotFound when there is no such key or secret.
type RemoveSecret struct{ ClientID, ID string }

// SetSecretExpiry sets ExpiresAt of a secret and the key's UpdatedAt to the time
// of the write. ErrNotFound when there is no such key or secret.
type SetSecretExpiry struct {
	ClientID, ID string
	ExpiresAt    time.Time
}

// CreateSigningKey adds a signing key. ErrConflict when its id exists.
type CreateSigningKey struct{ SigningKey SigningKey }

// RevokeSigningKey sets RevokedAt to the time of the write, unless it is set
// already. ErrNotFound when there is no such key.
type RevokeSigningKey struct{ ID string }

// DeleteSigningKey removes a signing key. ErrNotFound when there is no such key.
type DeleteSigningKey struct{ ID string }

// ResealSigningKey replaces Sealed. ErrNotFound when there is no such key.
type ResealSigningKey struct {
	ID     string
	Sealed []byte
}

// RevokeToken ends one access token. Revoking it again is not an error.
type RevokeToken struct{ Revocation Revocation }

// RevokeFamily ends a family of refresh tokens, and every access token that came
// with one of them. Revoking it again is not an error.
type RevokeFamily struct{ Revocation Revocation }

// RevokeAllTokens ends every token that was issued before the instant. An earlier
// instant than one set before changes nothing and is no error.
type RevokeAllTokens struct{ Before time.Time }

// StartEpoch says that the database was put back to an earlier state. It ends every
// token that was issued before the instant, as RevokeAllTokens does, unless that is
// the zero time; and every lease, with fencing numbers that none of the lost history
// can reach.
type StartEpoch struct{ Before time.Time }

func (CreateAPI) mutation()            {}
func (UpdateAPI) mutation()            {}
func (DeleteAPI) mutation()            {}
func (UpdateClient) mutation()         {}
func (RevokeAPITokens) mutation()      {}
func (AddResourceServer) mutation()    {}
func (RemoveResourceServer) mutation() {}
func (CreateClient) mutation()         {}
func (SetClientDisabled) mutation()    {}
func (DeleteClient) mutation()         {}
func (RevokeClientTokens) mutation()   {}
func (AddSecret) mutation()            {}
func (RemoveSecret) mutation()         {}
func (SetSecretExpiry) mutation()      {}
func (CreateSigningKey) mutation()     {}
func (RevokeSigningKey) mutation()     {}
func (DeleteSigningKey) mutation()     {}
func (ResealSigningKey) mutation()     {}
func (RevokeToken) mutation()          {}
func (RevokeFamily) mutation()         {}
func (RevokeAllTokens) mutation()      {}
func (StartEpoch) mutation()           {}
