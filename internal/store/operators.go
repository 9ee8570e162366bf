package store

import (
	"context"
	"time"
)

// Operators reads the people who use the console, and keeps who of them is signed in.
type Operators interface {
	// Operator returns the operator with this id, or ErrNotFound.
	Operator(ctx context.Context, id string) (Operator, error)
	// OperatorNamed returns the operator with this name, or ErrNotFound.
	OperatorNamed(ctx context.Context, name string) (Operator, error)
	// Operators returns all operators, oldest first; those of the same age by id.
	Operators(ctx context.Context) ([]Operator, error)
	// NoteCredentialUse replaces Data of a credential and sets LastUsedAt, unless that
	// is later already. A credential that is gone is skipped. It leaves no audit row
	// and no change.
	NoteCredentialUse(ctx context.Context, operatorID string, c OperatorCredential) error

	// CreateSession stores a session. ErrNotFound when there is no such operator.
	// Sessions leave no audit row and no change.
	CreateSession(ctx context.Context, s OperatorSession) error
	// Session returns the session with this hash, or ErrNotFound.
	Session(ctx context.Context, hash []byte) (OperatorSession, error)
	// ReplaceSession puts a session in the place of another one, whose hash then is
	// that of none. ErrNotFound when there is none with the old hash: of two calls
	// with one old hash, one succeeds.
	ReplaceSession(ctx context.Context, old []byte, s OperatorSession) error
	// Sessions returns the sessions of an operator, the latest first by when they were
	// last seen; those of the same instant by their hash.
	Sessions(ctx context.Context, operatorID string) ([]OperatorSession, error)
	// DeleteSession ends a session. One that is not there is no error.
	DeleteSession(ctx context.Context, hash []byte) error
	// DeleteSessions ends all sessions of an operator.
	DeleteSessions(ctx context.Context, operatorID string) error
	// ExpireSessions removes the sessions that were created before the one instant, or
	// last seen before the other.
	ExpireSessions(ctx context.Context, createdBefore, seenBefore time.Time) error
}

// Operator is a person who uses the console.
type Operator struct {
	// ID is our own name for them; FirstOperator for the first one.
	ID string
	// Name is what they sign in with, unique among operators.
	Name string
	Role Role
	// Credentials are what they sign in with, oldest first; those of the same age by
	// id. Two have different ids.
	Credentials          []OperatorCredential
	CreatedAt, UpdatedAt time.Time
}

// FirstOperator is the id of an operator that is created while there is no other.
const FirstOperator = "first"

// Role says what an operator may do.
type Role string

// The roles, from the one that may do least.
const (
	Viewer    Role = "viewer"
	Developer Role = "developer"
	Admin     Role = "admin"
)

// OperatorCredential is something that an operator signs in with.
type OperatorCredential struct {
	// ID is unique among those of the operator.
	ID   string
	Kind CredentialKind
	// Name is for people.
	Name string
	// Data is what it is checked with.
	Data                             []byte
	CreatedAt, ExpiresAt, LastUsedAt time.Time
}

// CredentialKind is a kind of credential.
type CredentialKind string

// The kinds of credentials of operators.
const (
	Passkey  CredentialKind = "passkey"
	Password CredentialKind = "password"
	TOTP     CredentialKind = "totp"
	// Link is one that makes the others, once.
	Link CredentialKind = "link"
)

// OperatorSession is an operator who is signed in.
type OperatorSession struct {
	// Hash is that of the secret in the cookie.
	Hash       []byte
	OperatorID string
	// Role is the role that the operator had when the session got this hash.
	Role Role
	// CreatedAt is when they signed in, SeenAt when they were last seen, and
	// ConfirmedAt when they last showed a credential.
	CreatedAt, SeenAt, ConfirmedAt time.Time
}

// CreateOperator adds an operator with their credentials. ErrConflict when the id or the
// name exists, or two credentials have one id; also when the id is FirstOperator and
// there is any other.
type CreateOperator struct{ Operator Operator }

// SetOperatorRole changes what an operator may do. ErrNotFound when there is no such
// operator. ErrConflict when that takes away the last admin who has a passkey or a
// password, also when two are taken away at once.
type SetOperatorRole struct {
	ID   string
	Role Role
}

// DeleteOperator removes an operator with their credentials and sessions. ErrNotFound
// when there is no such operator, and ErrConflict as with SetOperatorRole.
type DeleteOperator struct{ ID string }

// AddOperatorCredential adds a credential. ErrConflict when the operator has one with this
// id, ErrNotFound when there is no such operator.
type AddOperatorCredential struct {
	OperatorID string
	Credential OperatorCredential
}

// RemoveOperatorCredential removes a credential, and ends the sessions of the operator.
// ErrNotFound when there is no such operator or credential.
type RemoveOperatorCredential struct {
	OperatorID, ID string
	// Spare makes it ErrConflict when no passkey and no password is left, also when two
	// are removed at once.
	Spare bool
}

// SignInOperator leaves a sign-in in the audit trail. ErrNotFound when there is no such
// operator.
type SignInOperator struct{ ID string }

func (CreateOperator) mutation()           {}
func (SetOperatorRole) mutation()          {}
func (DeleteOperator) mutation()           {}
func (AddOperatorCredential) mutation()    {}
func (RemoveOperatorCredential) mutation() {}
func (SignInOperator) mutation()           {}

// The names of these events in the audit trail.
const (
	EventOperatorCreated           = "operator.created"
	EventOperatorRoleSet           = "operator.role_set"
	EventOperatorDeleted           = "operator.deleted"
	EventOperatorCredentialAdded   = "operator.credential_added"
	EventOperatorCredentialRemoved = "operator.credential_removed"
	EventOperatorSignedIn          = "operator.signed_in"
)

// Subject returns the operator that is created.
func (m CreateOperator) Subject() (Kind, string) { return KindOperator, m.Operator.ID }

// Event returns EventOperatorCreated.
func (CreateOperator) Event() string { return EventOperatorCreated }

// Subject returns the operator whose role is set.
func (m SetOperatorRole) Subject() (Kind, string) { return KindOperator, m.ID }

// Event returns EventOperatorRoleSet.
func (SetOperatorRole) Event() string { return EventOperatorRoleSet }

// Subject returns the operator that is removed.
func (m DeleteOperator) Subject() (Kind, string) { return KindOperator, m.ID }

// Event returns EventOperatorDeleted.
func (DeleteOperator) Event() string { return EventOperatorDeleted }

// Subject returns the operator that gets the credential.
func (m AddOperatorCredential) Subject() (Kind, string) { return KindOperator, m.OperatorID }

// Event returns EventOperatorCredentialAdded.
func (AddOperatorCredential) Event() string { return EventOperatorCredentialAdded }

// Subject returns the operator that loses the credential.
func (m RemoveOperatorCredential) Subject() (Kind, string) { return KindOperator, m.OperatorID }

// Event returns EventOperatorCredentialRemoved.
func (RemoveOperatorCredential) Event() string { return EventOperatorCredentialRemoved }

// Subject returns the operator that has signed in.
func (m SignInOperator) Subject() (Kind, string) { return KindOperator, m.ID }

// Event returns EventOperatorSignedIn.
func (SignInOperator) Event() string { return EventOperatorSignedIn }
