package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
)

// draft is what a snapshot held, before any of it is used.
type draft struct {
	from, until store.Position
	fresh       time.Time
	notBefore   int64
	signing     []store.SigningKey
	apis        []store.API
	clients     *table
	grants      map[string]*scope.Grants
	origins     map[string]int
	revoked     *revocations
}

// Restore lets a new mirror take over what the snapshot holds. On an error it has
// taken over nothing; a missing file is fs.ErrNotExist.
//
// After it, [Mirror.Staleness] says how long ago the snapshot was known to be
// complete, by a clock that may have been set in between: if that was in the
// future, nobody knows, and the mirror is as stale as can be. [Mirror.Sync] brings it
// up to date.
func (s *Snapshot) Restore(ctx context.Context, m *Mirror) error {
	file, err := openFile(s.Path)
	if err != nil {
		return fmt.Errorf("open the snapshot: %w", err)
	}
	defer file.Close()
	d, h, err := s.read(ctx, file, m)
	if err != nil {
		return fmt.Errorf("read the snapshot: %w", err)
	}
	seen := s.seen(&h)
	if !seen.IsZero() {
		d.fresh = seen
	}
	err = m.adopt(ctx, d)
	if err != nil {
		return fmt.Errorf("take over the snapshot: %w", err)
	}
	s.header, s.holds = h, mark{}
	if d.from == d.until {
		s.holds = mark{position: d.from}
	}
	return nil
}

func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		// Opening a pipe would wait for a writer.
		return nil, errors.New("it is not a regular file")
	}
	return os.Open(path) //nolint:gosec // the path is the operator's own configuration
}

func (s *Snapshot) read(ctx context.Context, file *os.File, m *Mirror) (*draft, header, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, header{}, err
	}
	start := make([]byte, headerSize)
	_, err = io.ReadFull(file, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, header{}, err
	}
	h := parseHeader(start)
	if h.magic != magic {
		return nil, h, errors.New("it is not a snapshot")
	}
	build, err := s.Build()
	if err != nil {
		return nil, h, err
	}
	if build != h.build {
		return nil, h, errors.New("another version of the program wrote it")
	}
	sealed, err := newSealedReader(file, s.key(&h))
	if err != nil {
		return nil, h, err
	}
	d, err := m.readDraft(ctx, newReading(sealed.next, info.Size()))
	return d, h, err
}

// readDraft reads to the end: only there it is known that nothing was cut off.
func (m *Mirror) readDraft(ctx context.Context, c *coder) (*draft, error) {
	d := &draft{grants: map[string]*scope.Grants{}, origins: map[string]int{}, revoked: &revocations{}}
	viewRecord(c, &d.from, &d.fresh)
	number(c, &d.notBefore)
	list(c, &d.signing, signingKey)
	list(c, &d.apis, api)
	m.readClients(ctx, c, d)
	now := inSeconds(m.Now())
	for {
		var expires uint64
		c.uint(&expires)
		if expires == 0 {
			break
		}
		var id store.TokenID
		c.raw(id[:])
		d.revoked.put(id, uint32(expires), now)
	}
	position(c, &d.until)
	if c.more() {
		c.fail(errMalformed)
	}
	return d, c.err
}

func (m *Mirror) readClients(ctx context.Context, c *coder, d *draft) {
	var expected int
	c.length(&expected)
	d.clients = newTableFor(expected)
	grants := newGrantsWindow(func(text string) *scope.Grants {
		known, found := d.grants[text]
		if !found {
			known = compileText(text)
			d.grants[text] = known
		}
		return known
	})
	for c.err == nil {
		var another bool
		c.flag(&another)
		if !another {
			return
		}
		one := &Client{}
		client(c, one, grants)
		if c.err != nil {
			return
		}
		rules, err := one.written().rules()
		one.Policy = m.orClosed(ctx, one.ID, rules, err)
		for _, origin := range one.Policy.Origins() {
			d.origins[origin]++
		}
		d.clients.put(one)
	}
}

func compileText(text string) *scope.Grants {
	if text == "" {
		return scope.CompileGrants(nil)
	}
	return scope.CompileGrants(strings.Split(text, " "))
}

// adopt makes the draft what the mirror knows.
func (m *Mirror) adopt(ctx context.Context, d *draft) error {
	m.pull.Lock()
	defer m.pull.Unlock()
	err := m.Keyring.Load(d.signing)
	if err != nil {
		return fmt.Errorf("load the signing keys: %w", err)
	}
	m.signing, m.grants = d.signing, d.grants
	m.directory.Store(m.newDirectory(ctx, d.apis, nil))
	m.clients.Store(d.clients)
	m.origins.reset(d.origins)
	m.revoked.takeOver(d.revoked)
	m.notBefore.Store(d.notBefore)
	m.position, m.until = d.from, &d.until
	fresh := agedFrom(m.Now(), d.fresh)
	m.fresh.Store(&fresh)
	return nil
}

// agedFrom is the instant then, told by the clock that only goes forward, so that
// setting the other one makes nothing younger from now on. It is the zero time when
// then is yet to come: the clock was set back, and what the age is nobody knows.
func agedFrom(now, then time.Time) time.Time {
	age := now.Sub(then)
	if age < 0 {
		return time.Time{}
	}
	return now.Add(-age)
}
