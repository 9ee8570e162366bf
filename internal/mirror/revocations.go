package mirror

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grantd/grantd/internal/store"
)

// revocations is the set of what has been revoked. Readers take no lock: a table
// is filled slot by slot and never emptied, and growing publishes another one.
//
// It costs 25 to 31 bytes an entry: 20 for itself, and the tables are kept
// between 65 and 80 % full. The shards come to their limits at different times,
// so that few of them are copied at once.
type revocations struct {
	shards [shardCount]shard
	count  atomic.Int64
}

const (
	shardBits  = 6
	shardCount = 1 << shardBits
	// firstRoom is how many slots a shard begins with.
	firstRoom = 64
	// revokedFor is how much longer than the token its revocation is kept; the
	// clocks of two nodes differ by less.
	revokedFor = time.Minute
)

type shard struct {
	table atomic.Pointer[revokedTable]
	// mu is held by whoever writes; used belongs to it.
	mu   sync.Mutex
	used int
}

type revokedTable struct{ slots []revokedSlot }

// revokedSlot holds one id. Whoever sees that expires is not zero sees the id,
// which never changes after that.
type revokedSlot struct {
	// expires is in seconds since 1970; zero marks an empty slot.
	expires atomic.Uint32
	id      store.TokenID
}

// hashOf takes the last bytes of an id for its hash: they are random, and nobody
// but us makes an id.
func hashOf(id store.TokenID) uint64 { return binary.BigEndian.Uint64(id[8:]) }

// at returns the shard of the hash. It goes by the low bits, the place in the
// shard by the high ones.
func (rs *revocations) at(hash uint64) *shard { return &rs.shards[hash%shardCount] }

func (rs *revocations) has(id store.TokenID) bool {
	hash := hashOf(id)
	table := rs.at(hash).table.Load()
	if table == nil {
		return false
	}
	_, found := table.find(id, hash)
	return found
}

// find returns the slot of the id, or the empty one where it belongs.
func (t *revokedTable) find(id store.TokenID, hash uint64) (*revokedSlot, bool) {
	start, _ := bits.Mul64(hash, uint64(len(t.slots)))
	for i := int(start); ; i++ { //nolint:gosec // less than the number of slots
		if i == len(t.slots) {
			i = 0
		}
		slot := &t.slots[i]
		if slot.expires.Load() == 0 {
			return slot, false
		}
		if slot.id == id {
			return slot, true
		}
	}
}

// add takes a revocation in. Of two with the same id the later end counts.
func (rs *revocations) add(r store.Revocation, now time.Time) {
	rs.put(r.ID, inSeconds(r.ExpiresAt.Add(revokedFor)), inSeconds(now))
}

// put takes an id in, until what a slot says of it.
func (rs *revocations) put(id store.TokenID, expires, now uint32) {
	if expires <= now {
		return
	}
	hash := hashOf(id)
	s := rs.at(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	table := s.table.Load()
	if table == nil || full(s.used+1, len(table.slots)) {
		table = rs.rebuild(s, hash%shardCount, table, now)
	}
	slot, found := table.find(id, hash)
	if found {
		slot.expires.Store(max(slot.expires.Load(), expires))
		return
	}
	slot.id = id
	slot.expires.Store(expires)
	s.used++
	rs.count.Add(1)
}

// takeOver makes the contents of another set those of an empty one.
func (rs *revocations) takeOver(other *revocations) {
	for i := range rs.shards {
		rs.shards[i].used = other.shards[i].used
		rs.shards[i].table.Store(other.shards[i].table.Load())
	}
	rs.count.Store(other.count.Load())
}

// inSeconds rounds up; what is out of range becomes the nearest that is in it.
func inSeconds(at time.Time) uint32 {
	seconds := at.Add(time.Second - time.Nanosecond).Unix()
	return uint32(min(max(seconds, 1), math.MaxUint32))
}

// full reports whether that many entries are too many for the room.
func full(entries, room int) bool { return entries*5 > room*4 }

// rebuild publishes another table for the shard, without what expired and with
// room for one more.
func (rs *revocations) rebuild(s *shard, number uint64, old *revokedTable, now uint32) *revokedTable {
	live := 0
	if old != nil {
		live = old.liveAt(now)
	}
	fresh := &revokedTable{slots: make([]revokedSlot, roomFor(live+1, number))}
	if old != nil {
		for i := range old.slots {
			expires := old.slots[i].expires.Load()
			if expires <= now {
				continue
			}
			slot, _ := fresh.find(old.slots[i].id, hashOf(old.slots[i].id))
			slot.id = old.slots[i].id
			slot.expires.Store(expires)
		}
	}
	rs.count.Add(int64(live - s.used))
	s.used = live
	s.table.Store(fresh)
	return fresh
}

// roomFor returns the fewest slots of those a shard may have that are enough for
// the entries. One size is 16/13 of the one before it, which takes 80 % down to
// 65 %; the first differs from shard to shard, and so do all after it.
func roomFor(entries int, number uint64) int {
	room := firstRoom + firstRoom*3*int(number)/(13*shardCount) //nolint:gosec // less than shardCount
	for full(entries, room) {
		room += room * 3 / 13
	}
	return room
}

func (t *revokedTable) liveAt(now uint32) int {
	live := 0
	for i := range t.slots {
		if t.slots[i].expires.Load() > now {
			live++
		}
	}
	return live
}

// sweep rebuilds the shards in which an eighth or more has expired.
func (rs *revocations) sweep(at time.Time) {
	now := inSeconds(at)
	for number := range rs.shards {
		s := &rs.shards[number]
		s.mu.Lock()
		table := s.table.Load()
		if table != nil && (s.used-table.liveAt(now))*8 > s.used {
			rs.rebuild(s, uint64(number), table, now)
		}
		s.mu.Unlock()
	}
}

func (rs *revocations) len() int64 { return rs.count.Load() }
