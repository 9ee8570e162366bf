package store

import (
	"context"
	"errors"
	"fmt"
)

// What a store answers with; an engine wraps its own cause behind one of these.
var (
	// ErrNotFound: there is no such record.
	ErrNotFound = errors.New("not found")
	// ErrConflict: a record with this identity exists already.
	ErrConflict = errors.New("conflict")
	// ErrChanged: the record is not any more what a change of it was made from;
	// nothing was changed.
	ErrChanged = errors.New("changed meanwhile")
	// ErrDone: the request was done before, see [KeepAnswer].
	ErrDone = errors.New("done before")
	// ErrUnavailable: the store cannot answer now; nothing was changed.
	ErrUnavailable = errors.New("store unavailable")
	// ErrUnknown: the commit was sent and its outcome is not known. The caller
	// must read before it writes again.
	ErrUnknown = errors.New("outcome unknown")
	// ErrInvalid: a record breaks a rule that its type states, which is a mistake
	// of the caller; nothing was changed.
	ErrInvalid = errors.New("invalid record")
	// ErrNotHolder: the lease is another's, or has been followed by a later one;
	// nothing was changed.
	ErrNotHolder = errors.New("another node has the lease")
	// ErrForked: the change feed does not continue from the given position.
	ErrForked = errors.New("change feed does not continue from here")
	// ErrGap is an ErrForked that says no more than that old changes are gone.
	ErrGap = fmt.Errorf("%w: the changes after it are not kept any more", ErrForked)
)

// Store is everything grantd keeps on disk. It can be used by many goroutines at
// once, and where an engine lets several nodes open one database, what is said
// about calls holds for those of all nodes together.
//
// An id or a name that no text can be (see [API]) is that of no record: what looks
// for one with it answers ErrNotFound. Such an Actor of an Origin, and such a name
// of a setting to store, is ErrInvalid.
//
// A call whose context has ended answers ErrUnavailable, and a write that had
// been begun by then answers ErrUnknown; both wrap the context's own error too.
type Store interface {
	Writer
	APIs
	Clients
	SigningKeys
	Revocations
	Families
	Feed
	Trail
	Search
	Once
	Settings
	Upkeep
	Leases
	Usage
	Replay
	Operators
	Nodes
	// Close waits for writes under way and releases the database. Calls after
	// it answer ErrUnavailable; closing again does nothing.
	Close() error
}

// Writer changes what the control plane owns.
type Writer interface {
	// Write applies the mutations in order in one transaction: all of them or
	// none. Each leaves one row in the audit trail and one change in the feed,
	// in the same transaction. It returns the feed's position after the last one.
	//
	// Once Write has returned without an error, the mutations survive a crash of
	// the process and of the machine, and every read begun afterwards sees them.
	// ErrConflict, ErrChanged, ErrDone, ErrNotFound and ErrInvalid come as a *MutationError that names
	// the first mutation that could not be applied; nothing was changed then. Every
	// mutation is checked for ErrInvalid before the first is applied. Write without
	// mutations changes nothing and returns the head of the feed.
	Write(ctx context.Context, by Origin, mutations ...Mutation) (Position, error)
}

// APIs reads the APIs (resource servers).
type APIs interface {
	// API returns the API with this id, or ErrNotFound.
	API(ctx context.Context, id string) (API, error)
	// APIs returns all APIs, oldest first; those of the same age by id.
	APIs(ctx context.Context) ([]API, error)
}

// Clients reads the keys, which RFC 6749 calls clients.
type Clients interface {
	// Client returns the key with this client id, compared byte by byte, or
	// ErrNotFound.
	Client(ctx context.Context, id string) (Client, error)
	// Clients returns at most limit keys in ascending byte order of their ids,
	// beginning after the id given, or after what of it is a text; "" begins at the
	// first. A limit below one returns none, here and in the other lists.
	Clients(ctx context.Context, after string, limit int) ([]Client, error)
}

// SigningKeys reads the signing keys.
type SigningKeys interface {
	// SigningKey returns the signing key with this id, or ErrNotFound.
	SigningKey(ctx context.Context, id string) (SigningKey, error)
	// SigningKeys returns all signing keys, oldest first; those of the same age by
	// id.
	SigningKeys(ctx context.Context) ([]SigningKey, error)
}

// Feed is the record of what changed, for mirrors. Its numbers are dense: a
// transaction that fails uses none up, and of two changes the one with the
// higher number was committed no earlier.
type Feed interface {
	// Head returns the position of the last change; the zero Position when
	// nothing has ever changed.
	Head(ctx context.Context) (Position, error)
	// Changes returns at most limit changes after the position, in order, none
	// left out. When the change at that position is not the one its tag names,
	// or is gone, or when one after it is missing, it returns ErrForked: the reader
	// must load everything again. Upkeep removes old changes; when it was only that,
	// the error is ErrGap.
	Changes(ctx context.Context, after Position, limit int) ([]Change, error)
}

// Trail reads the audit trail. Rows are only ever added.
type Trail interface {
	// AuditRows returns at most limit rows after the given number, in order.
	AuditRows(ctx context.Context, after int64, limit int) ([]AuditRow, error)
}

// Settings keeps a few small values that belong to the database as a whole.
type Settings interface {
	// Setting returns the value, or ErrNotFound.
	Setting(ctx context.Context, name string) ([]byte, error)
	// InitSetting stores the value unless there is one already, and returns the
	// value that is stored after it. It leaves no audit row and no change.
	InitSetting(ctx context.Context, name string, value []byte) ([]byte, error)
	// SetSetting stores the value, in place of the one there may be. It leaves no
	// audit row and no change.
	SetSetting(ctx context.Context, name string, value []byte) error
}
