package mirror

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/grantd/grantd/internal/disk"
	"github.com/grantd/grantd/internal/store"
)

// Snapshot is a file that holds what a mirror knows, so that the next start need
// not read everything from the store, or need not read it at all while the store is
// away. It is sealed under a key derived from the master key, and used only after
// all of it was found to be whole; see sealedWriter.
//
// Beside it lies a small file that says up to when it was known to be complete: a
// mirror in which nothing changes need not be written again for that.
//
// One goroutine at a time uses it.
type Snapshot struct {
	// Path is where it is.
	Path string
	// Build names the program that writes it, and no other program reads it. A mirror
	// holds of the store's records what its program understands. A later one may
	// understand more of the same records, which the feed would not name again.
	Build func() ([32]byte, error)
	// Owner tells what else it is bound to, such as the pepper.
	Owner []byte
	// Derive is a pseudo-random function under the master key.
	Derive func(label string, data []byte) [32]byte

	// header is that of the file that is there, and holds is what of: the zero mark
	// when that is not exactly one moment's.
	header header
	holds  mark
}

// header is the part of the file that is not encrypted. The salt makes the key of
// every snapshot another one.
type header struct {
	magic [16]byte
	build [32]byte
	salt  [32]byte
}

const headerSize = 16 + 32 + 32

var magic = [16]byte([]byte("grantd snapshot\n"))

func (h *header) bytes() []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, h.magic[:]...)
	b = append(b, h.build[:]...)
	return append(b, h.salt[:]...)
}

func parseHeader(b []byte) header {
	return header{magic: [16]byte(b[:16]), build: [32]byte(b[16:48]), salt: [32]byte(b[48:headerSize])}
}

func (s *Snapshot) key(h *header) [32]byte {
	return s.Derive("mirror snapshot", append(h.bytes(), s.Owner...))
}

// mark tells whether a mirror has changed.
type mark struct {
	position store.Position
	// loads counts how often everything was loaded, and local what was revoked on
	// this node, which the feed may not know.
	loads, local int64
}

// view is what a snapshot begins with, all of one moment.
type view struct {
	mark
	fresh     time.Time
	signing   []store.SigningKey
	directory *directory
	clients   *table
}

func (m *Mirror) view() view {
	m.pull.Lock()
	defer m.pull.Unlock()
	return view{
		mark:      m.mark(),
		fresh:     *m.fresh.Load(),
		signing:   m.signing,
		directory: m.directory.Load(),
		clients:   m.clients.Load(),
	}
}

// mark is called with the pull lock held.
func (m *Mirror) mark() mark {
	return mark{position: m.position, loads: m.loads, local: m.local.Load()}
}

// Behind reports whether the mirror knows something that the snapshot does not hold.
func (s *Snapshot) Behind(m *Mirror) bool {
	m.pull.Lock()
	defer m.pull.Unlock()
	return m.mark() != s.holds && m.position != (store.Position{})
}

// errMoved says that what was written does not belong together.
var errMoved = errors.New("the mirror was loaded again, or an API changed, while it was written")

// Save writes what the mirror knows. The file is replaced whole or not at all. The
// lookups and the feed go on meanwhile; when they make what was written useless,
// nothing is replaced, and the snapshot stays behind.
//
// Pause is called after each piece that was written, with how long that took; it
// may take its time, so that the requests have the processor and the disk.
func (s *Snapshot) Save(ctx context.Context, m *Mirror, pause func(worked time.Duration)) error {
	v := m.view()
	if v.position == (store.Position{}) {
		return nil
	}
	h := header{magic: magic}
	var err error
	h.build, err = s.Build()
	if err != nil {
		return fmt.Errorf("name the program for the snapshot: %w", err)
	}
	rand.Read(h.salt[:])
	until, err := s.replace(func(file *os.File) (store.Position, error) {
		return s.write(ctx, &pacer{file: file, now: m.Now, pause: pause}, m, &v, &h)
	})
	if errors.Is(err, errMoved) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the snapshot: %w", err)
	}
	s.header, s.holds = h, mark{}
	if until == v.position {
		s.holds = v.mark
	}
	return nil
}

// replace puts what fill writes in the place of the file.
func (s *Snapshot) replace(fill func(file *os.File) (store.Position, error)) (store.Position, error) {
	draft := s.Path + ".new"
	// A crash may have left one.
	err := os.Remove(draft)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return store.Position{}, err
	}
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the path is the operator's own configuration
	if err != nil {
		return store.Position{}, err
	}
	until, err := fill(file)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(draft, s.Path)
	}
	if err != nil {
		return store.Position{}, errors.Join(err, os.Remove(draft))
	}
	return until, disk.Sync(filepath.Dir(s.Path))
}
