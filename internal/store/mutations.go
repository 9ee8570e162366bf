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
const (
	EventAPICreated        = "api.created"
	EventKeyCreated        = "key.created"
	EventKeyDisabled       = "key.disabled"
	EventKeyEnabled        = "key.enabled"
	EventKeyDeleted        = "key.deleted"
	EventSigningKeyCreated = "signing_key.created"
)

// CreateAPI adds an API. ErrConflict when its id, its audience or one of its
// scope definitions exists already, also when it lists a definition twice.
type CreateAPI struct{ API API }

// CreateClient adds a key with its secrets. ErrConflict when its id exists, or
// when two of its secrets have the same id.
type CreateClient struct{ Client Client }

// SetClientDisabled disables or enables a key and sets UpdatedAt to the time of
// the write. Setting what is set already is not an error. ErrNotFound when there
// is no such key.
type SetClientDisabled struct {
	ID       string
	Disabled bool
}

// DeleteClient removes a key and its secrets. ErrNotFound when there is no such
// key. Its id can be used again.
type DeleteClient struct{ ID string }

// CreateSigningKey adds a signing key. ErrConflict when its id exists.
type CreateSigningKey struct{ SigningKey SigningKey }

func (CreateAPI) mutation()         {}
func (CreateClient) mutation()      {}
func (SetClientDisabled) mutation() {}
func (DeleteClient) mutation()      {}
func (CreateSigningKey) mutation()  {}
