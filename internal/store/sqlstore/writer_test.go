package sqlstore

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grantd/grantd/internal/fault"
	"github.com/grantd/grantd/internal/store"
)

// bench is a store whose writer does not run, so that a test can hand it batches.
type bench struct {
	*Store
	engine *sqliteEngine
	t      *testing.T
	path   string
	// counted is how often each statement ran.
	counted map[string]int
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, path: filepath.Join(t.TempDir(), "grantd.db"), counted: make(map[string]int)}
	count := func(name string) { b.counted[name]++ }
	e, err := openSQLite(t.Context(), b.path, count)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	b.engine = e
	b.Store = &Store{engine: e, writer: newWriter(e), count: count}
	t.Cleanup(func() {
		err := e.close()
		if err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

// commit runs the operations as one batch and checks their answers and which of
// the settings "a", "b", … they left behind.
func (b *bench) commit(operations []*operation, want []error, left string) {
	b.t.Helper()
	b.writer.commit(b.t.Context(), operations)
	for i, o := range operations {
		err := <-o.answer
		if !errors.Is(err, want[i]) {
			b.t.Errorf("operation %d: got %v, want %v", i, err, want[i])
		}
	}
	for _, name := range "abcdefgh" {
		_, err := b.Setting(b.t.Context(), string(name))
		if strings.ContainsRune(left, name) != (err == nil) {
			b.t.Errorf("setting %c: got %v, want %q to be there", name, err, left)
		}
	}
}

// insert leaves the setting of that name, and then does the rest.
func (b *bench) insert(name string, rest func(context.Context, *session) error) *operation {
	return newOperation(b.t.Context(), work{apply: func(ctx context.Context, s *session) error {
		_, err := s.did(ctx, "insert_setting", insertSetting, name, []byte("value"))
		if err != nil || rest == nil {
			return err
		}
		return rest(ctx, s)
	}})
}

func run(statement string) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error { return s.exec(ctx, "test", statement) }
}

func TestBatchSharesOneCommit(t *testing.T) {
	b := newBench(t)
	for _, name := range "abc" {
		b.writer.queue <- b.insert(string(name), nil)
	}
	batch := b.writer.gather([]*operation{<-b.writer.queue})
	b.commit(batch, []error{nil, nil, nil}, "abc")
	if b.counted["commit"] != 1 || b.counted["begin"] != 1 || b.counted["savepoint"] != 3 {
		t.Errorf("statements: %v", b.counted)
	}
}

func TestBatchIsBounded(t *testing.T) {
	b := newBench(t)
	first := b.insert("first", nil)
	for range maxBatch {
		b.writer.queue <- b.insert("x", nil)
	}
	if got := len(b.writer.gather([]*operation{first})); got != maxBatch {
		t.Errorf("got a batch of %d, want %d", got, maxBatch)
	}
}

func TestFailedCommitAnswersAllWithUnknown(t *testing.T) {
	b := newBench(t)
	// A broken reference that is checked only at the end makes COMMIT fail.
	orphan := func(ctx context.Context, s *session) error {
		return errors.Join(
			run(`PRAGMA defer_foreign_keys = ON`)(ctx, s),
			run(`INSERT INTO api_scopes (definition, api_id) VALUES ('x', 'x')`)(ctx, s),
		)
	}
	unknown := store.ErrUnknown
	b.commit(
		[]*operation{b.insert("a", nil), b.insert("b", orphan), b.insert("c", nil)},
		[]error{unknown, unknown, unknown}, "",
	)
	b.commit([]*operation{b.insert("d", nil)}, []error{nil}, "d")
}

func TestFailedOperationDoesNotDisturbThoseBesideIt(t *testing.T) {
	b := newBench(t)
	refusal := func(context.Context, *session) error { return refuse(store.ErrConflict, "id", "x") }
	b.commit(
		[]*operation{
			b.insert("a", nil),
			b.insert("b", run(`INSERT INTO nowhere VALUES (1)`)),
			b.insert("c", nil),
			b.insert("d", refusal),
			b.insert("e", nil),
		},
		[]error{nil, store.ErrUnavailable, nil, store.ErrConflict, nil}, "ace",
	)
}

func TestTransactionThatIsGoneAnswersAllWithUnavailable(t *testing.T) {
	gone := store.ErrUnavailable
	// SQLite ends a transaction by itself when the disk is full, for example. The
	// operation may notice it or not.
	rolledBack := run(`ROLLBACK`)
	failing := func(ctx context.Context, s *session) error {
		return errors.Join(rolledBack(ctx, s), errors.New("the disk is full"))
	}
	for name, end := range map[string]func(context.Context, *session) error{"noticed": failing, "unnoticed": rolledBack} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.commit(
				[]*operation{b.insert("a", nil), b.insert("b", end), b.insert("c", nil)},
				[]error{gone, gone, gone}, "",
			)
			b.commit([]*operation{b.insert("d", nil)}, []error{nil}, "d")
		})
	}
}

func TestDatabaseLockedByAnotherProgramIsUnavailable(t *testing.T) {
	b := newBench(t)
	err := b.engine.session.exec(t.Context(), "test", `PRAGMA busy_timeout = 1`)
	if err != nil {
		t.Fatal(err)
	}
	other, err := openOther(t, b.path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.ExecContext(t.Context(), beginImmediate)
	if err != nil {
		t.Fatal(err)
	}
	o := b.insert("a", nil)
	b.writer.commit(t.Context(), []*operation{o})
	err = <-o.answer
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(fault.HintOf(err), "another program") {
		t.Errorf("got %v with the hint %q, want it unavailable because of another program", err, fault.HintOf(err))
	}
	_, err = other.ExecContext(t.Context(), rollback)
	if err != nil {
		t.Fatal(err)
	}
	b.commit([]*operation{b.insert("b", nil)}, []error{nil}, "b")
}

func TestOperationWhoseContextEndedBeforeItBeganIsNotRun(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() { answer <- b.writer.submit(ctx, b.insert("a", nil).work) }()
	o := <-b.writer.queue
	cancel()
	err := <-answer
	if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it unavailable because its context ended", err)
	}
	b.commit([]*operation{o, b.insert("b", nil)}, []error{store.ErrUnavailable, nil}, "b")
}

func TestOperationWhoseContextEndsAfterItBeganIsUnknown(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() { answer <- b.writer.submit(ctx, b.insert("a", nil).work) }()
	o := <-b.writer.queue
	o.take()
	cancel()
	err := <-answer
	if !errors.Is(err, store.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it unknown because its context ended", err)
	}
}
