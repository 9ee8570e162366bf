package storetest

import (
	"time"

	"github.com/grantd/grantd/internal/store"
)

func restoreFamiliesTests() []test {
	return []test{
		{"a family that is lost is Reused by its old generations, as if it had been rotated here", restoresLost},
		{"a family that has come further stays as it is", restoresNothingLater},
		{"RestoreFamilies leaves no change and no audit row", restoreLeavesNothing},
	}
}

func (e *env) restore(families ...store.Family) {
	e.Helper()
	e.must("restore families", e.store.RestoreFamilies(e.ctx, families))
}

func familyOf(r store.Rotation, generation int64) store.Family {
	return store.Family{ID: r.Family, ExpiresAt: r.ExpiresAt, Generation: generation, RotatedAt: r.By.At}
}

func restoresLost(e *env) {
	behind, gone, used := newRotation("behind"), newRotation("gone"), newRotation("used again")
	e.rotated(behind, 0, behind.By.At, store.Renewed)
	e.restore(familyOf(gone, 2), familyOf(behind, 5), familyOf(used, 3))
	later := gone.By.At.Add(time.Hour)
	e.rotated(gone, 2, later, store.Renewed)
	e.rotated(behind, 5, later, store.Renewed)
	e.rotated(used, 1, later, store.Reused)
}

func restoresNothingLater(e *env) {
	r := newRotation("ahead")
	for generation := range int64(4) {
		e.rotated(r, generation, r.By.At.Add(time.Duration(generation)*time.Hour), store.Renewed)
	}
	e.restore(familyOf(r, 2))
	e.rotated(r, 4, r.By.At.Add(5*time.Hour), store.Renewed)
}

func restoreLeavesNothing(e *env) {
	r := newRotation("quiet")
	e.restore(familyOf(r, 2))
	e.restore()
	same(e, "changes", len(e.changes(store.Position{})), 0)
	rows, err := e.store.AuditRows(e.ctx, 0, 10)
	e.must("read the audit trail", err)
	same(e, "audit rows", len(rows), 0)
}
