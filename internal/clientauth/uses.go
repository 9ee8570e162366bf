package clientauth

import (
	"crypto/sha256"
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// Uses notes when and from where secrets were last used, until somebody drains
// it. A request that uses a secret again within the same second and from the
// same address writes nothing. The zero value is ready.
type Uses struct {
	table atomic.Pointer[useTable]
	// mu is held while a secret is noted for the first time since the last Drain.
	mu sync.Mutex
}

// Drain returns the uses that were noted since the last Drain, and forgets them.
func (u *Uses) Drain() []store.SecretUse {
	u.mu.Lock()
	table := u.table.Swap(nil)
	u.mu.Unlock()
	if table == nil {
		return nil
	}
	uses := make([]store.SecretUse, 0, table.used)
	for i := range table.slots {
		entry := table.slots[i].Load()
		if entry == nil {
			continue
		}
		// An entry without a moment is about to be noted anew by whoever made it.
		last := entry.last.Load()
		if last != nil {
			uses = append(uses, entry.usedAt(*last))
		}
	}
	return uses
}

// Return takes back uses that could not be written. It keeps what was noted
// since they were drained.
func (u *Uses) Return(uses []store.SecretUse) {
	for _, one := range uses {
		secret := usedSecret{clientID: one.ClientID}
		if len(one.Hash) == HashSize {
			secret.hash = [HashSize]byte(one.Hash)
		} else {
			secret.imported = string(one.Hash)
		}
		at := moment{one.At.Unix(), one.From}
		u.update(secret, func(entry *use) { entry.restore(at) })
	}
}

// note remembers a use of the secret, unless a later one is known.
func (u *Uses) note(secret usedSecret, at moment) {
	u.update(secret, func(entry *use) { entry.advance(at) })
}

// update applies change to the entry of the secret until it was in the table
// that the next Drain reads: one that was drained meanwhile may have been read
// before the change.
func (u *Uses) update(secret usedSecret, change func(*use)) {
	id := secret.id()
	for {
		table := u.table.Load()
		entry := table.get(id)
		if entry == nil {
			table, entry = u.add(id, secret)
		}
		change(entry)
		if u.table.Load() == table {
			return
		}
	}
}

// add returns the table and the entry of the secret in it, which it makes if
// there is none.
func (u *Uses) add(id useID, secret usedSecret) (*useTable, *use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	table := u.table.Load()
	entry := table.get(id)
	if entry != nil {
		return table, entry
	}
	if table == nil || (table.used+1)*4 > len(table.slots)*3 {
		table = table.larger()
		u.table.Store(table)
	}
	entry = newUse(id, secret)
	table.put(entry)
	return table, entry
}

// moment is when, to the second, and from what address.
type moment struct {
	second int64
	from   string
}

// newMoment takes the address without its port.
func newMoment(now time.Time, peer string) moment {
	host, _, err := net.SplitHostPort(peer)
	if err != nil {
		host = peer
	}
	return moment{now.Unix(), host}
}

// usedSecret names a secret of a key: by its hash, or if it was imported by its
// PHC string.
type usedSecret struct {
	clientID string
	hash     [HashSize]byte
	imported string
}

// useID is where a secret is found in the table. It is random to everybody who
// does not have the pepper, or the digest of a PHC string.
type useID [HashSize]byte

func (s *usedSecret) id() useID {
	if s.imported == "" {
		return s.hash
	}
	b := make([]byte, 0, 256)
	b = binary.BigEndian.AppendUint32(b, uint32(len(s.clientID))) //nolint:gosec // ids are far shorter
	b = append(b, s.clientID...)
	return sha256.Sum256(append(b, s.imported...))
}

// use is the last use of one secret: as large as a line of the processor's cache.
type use struct {
	// id is the hash of the secret, unless that was imported.
	id       useID
	clientID string
	imported *string
	last     atomic.Pointer[moment]
}

func newUse(id useID, secret usedSecret) *use {
	entry := &use{id: id, clientID: secret.clientID}
	if secret.imported != "" {
		imported := secret.imported
		entry.imported = &imported
	}
	return entry
}

func (e *use) usedAt(at moment) store.SecretUse {
	hash := e.id[:]
	if e.imported != nil {
		hash = []byte(*e.imported)
	}
	return store.SecretUse{ClientID: e.clientID, Hash: hash, At: time.Unix(at.second, 0).UTC(), From: at.from}
}

func (e *use) advance(at moment) {
	for {
		old := e.last.Load()
		if old != nil && (old.second > at.second || *old == at) {
			return
		}
		next := at
		if e.last.CompareAndSwap(old, &next) {
			return
		}
	}
}

func (e *use) restore(at moment) {
	for {
		old := e.last.Load()
		if old != nil && old.second >= at.second {
			return
		}
		next := at
		if e.last.CompareAndSwap(old, &next) {
			return
		}
	}
}

// useTable is a hash table that is searched without a lock. It is replaced by a
// larger one with the same entries, or by none when it is drained.
type useTable struct {
	slots []atomic.Pointer[use]
	used  int
}

const firstUses = 64

// get returns the entry, or nil; also of no table.
func (t *useTable) get(id useID) *use {
	if t == nil {
		return nil
	}
	return t.find(id).Load()
}

// find returns the slot of the id, or the empty one where it belongs.
func (t *useTable) find(id useID) *atomic.Pointer[use] {
	mask := uint64(len(t.slots) - 1) //nolint:gosec // there are always some
	for i := binary.BigEndian.Uint64(id[:]) & mask; ; i = (i + 1) & mask {
		entry := t.slots[i].Load()
		if entry == nil || entry.id == id {
			return &t.slots[i]
		}
	}
}

func (t *useTable) put(entry *use) {
	t.find(entry.id).Store(entry)
	t.used++
}

func (t *useTable) larger() *useTable {
	if t == nil {
		return &useTable{slots: make([]atomic.Pointer[use], firstUses)}
	}
	next := &useTable{slots: make([]atomic.Pointer[use], 2*len(t.slots))}
	for i := range t.slots {
		entry := t.slots[i].Load()
		if entry != nil {
			next.put(entry)
		}
	}
	return next
}
