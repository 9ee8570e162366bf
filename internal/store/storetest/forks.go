package storetest

import (
	"fmt"

	"github.com/grantd/grantd/internal/store"
)

func forkTests() []test {
	return []test{
		{"a wrong tag is ErrForked, whatever the limit", wrongTag},
		{"a position beyond the head is ErrForked", beyondHead},
		{"a position before the first change other than the zero one is ErrForked", beforeFirst},
		{"a position in an empty feed is ErrForked", positionInNothing},
		{"a change that is missing is ErrForked, wherever it was", missingChange},
		{"positions stay good when the database is opened again", positionsSurvive},
	}
}

// forked fails the test when the feed continues from the position.
func forked(e *env, what string, after store.Position, limit int) {
	e.Helper()
	changes, err := e.store.Changes(e.ctx, after, limit)
	fails(e, "changes after "+what, err, store.ErrForked)
	same(e, "changes after "+what, changes, nil)
}

func wrongTag(e *env) {
	e.write(createClients(3)...)
	for _, c := range e.changes(store.Position{}) {
		wrong := c.Position
		wrong.Tag[15] ^= 1
		untagged := store.Position{Seq: c.Seq}
		for _, limit := range []int{0, 1, 100} {
			forked(e, fmt.Sprint("a wrong tag at ", c.Seq), wrong, limit)
			forked(e, fmt.Sprint("no tag at ", c.Seq), untagged, limit)
		}
	}
}

func beyondHead(e *env) {
	last := e.write(createClients(3)...)
	for _, ahead := range []int64{1, 2, 1 << 40} {
		forked(e, "a position beyond the head", store.Position{Seq: last.Seq + ahead, Tag: last.Tag}, 10)
	}
}

func beforeFirst(e *env) {
	last := e.write(createClients(3)...)
	forked(e, "number 0 with a tag", store.Position{Tag: last.Tag}, 10)
	forked(e, "number -1", store.Position{Seq: -1, Tag: last.Tag}, 10)
}

func positionInNothing(e *env) {
	forked(e, "number 1", store.Position{Seq: 1}, 10)
	forked(e, "number 0 with a tag", store.Position{Tag: [16]byte{1}}, 10)
}

func missingChange(e *env) {
	e.write(createClients(9)...)
	all := e.changes(store.Position{})
	for _, gone := range []int64{9, 5, 1} {
		e.db.RemoveChange(e.T, gone)
		forked(e, "a removed change", all[gone-1].Position, 100)
	}
	for limit := range 5 {
		forked(e, "nothing, with the first missing", store.Position{}, limit+1)
		forked(e, "the fourth, with the fifth missing", all[3].Position, limit+1)
	}
	forked(e, "the eighth, with the last missing", all[7].Position, 100)

	got := e.changePage(all[5].Position, 2)
	same(e, "changes where none is missing", got, all[6:8])
}

func positionsSurvive(e *env) {
	e.write(createClients(5)...)
	all := e.changes(store.Position{})
	e.reopen()
	e.write(createAPI("a"))
	for i, c := range all {
		same(e, "number of changes after it", len(e.changes(c.Position)), 5-i)
	}
}
