package storetest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/grantd/grantd/internal/store"
)

func revocationTests() []test {
	return []test{
		{"tokens and families that were revoked are in one list", revocationsListed},
		{"revoking again is not an error and lists nothing twice", revokedAgain},
		{"at most limit come, and pages put together are all", revocationPages},
		{"a page begins after the revocation given, also one that does not exist", revocationsAfter},
		{"any bytes are an id", revocationAnyBytes},
		{"the change names the revocation", revocationInFeed},
	}
}

// sameRevocations compares without their order, which is the engine's own.
func (e *env) sameRevocations(what string, got, want []store.Revocation) {
	e.Helper()
	byName := cmpopts.SortSlices(func(a, b store.Revocation) bool { return a.String() < b.String() })
	if diff := cmp.Diff(want, got, byName, cmpopts.EquateEmpty()); diff != "" {
		e.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func revocationsListed(e *env) {
	same(e, "revocations of an empty store", e.revocations(), nil)
	token, family, later := newRevocation("t", 0), newRevocation("f", 0), newRevocation("a", 720*time.Hour)
	e.write(store.RevokeToken{Revocation: token})
	e.write(store.RevokeFamily{Revocation: family}, store.RevokeToken{Revocation: later})
	e.sameRevocations("revocations", e.revocations(), []store.Revocation{token, family, later})
}

func revokedAgain(e *env) {
	token, family := newRevocation("t", time.Hour), newRevocation("f", time.Hour)
	for range 3 {
		e.write(store.RevokeToken{Revocation: token}, store.RevokeFamily{Revocation: family})
	}
	e.write(store.RevokeFamily{Revocation: token})
	e.sameRevocations("revocations", e.revocations(), []store.Revocation{token, family})
	same(e, "number of changes", e.head().Seq, 7)
	same(e, "number of audit rows", len(e.auditRows()), 7)
}

// manyRevocations revokes tokens, several of which end in the same hour, and
// several at the same instant.
func (e *env) manyRevocations(n int) []store.Revocation {
	e.Helper()
	var all []store.Revocation
	var mutations []store.Mutation
	for i := range n {
		r := store.Revocation{ExpiresAt: now.Add(time.Duration(i%5)*time.Hour + time.Duration(i%3)*time.Minute)}
		binary.BigEndian.PutUint64(r.ID[8:], uint64(i*7919%n))
		all = append(all, r)
		mutations = append(mutations, store.RevokeToken{Revocation: r})
	}
	e.write(mutations...)
	return all
}

func revocationPages(e *env) {
	want := e.manyRevocations(60)
	for _, limit := range []int{1, 7, 59, 60, 61, 1 << 40} {
		var got []store.Revocation
		var after store.Revocation
		for range len(want) + 1 {
			page := e.revocationPage(after, limit)
			if len(page) > limit {
				e.Fatalf("got %d revocations with limit %d", len(page), limit)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = page[len(page)-1]
		}
		e.sameRevocations(fmt.Sprint("revocations by pages of ", limit), got, want)
	}
}

func revocationsAfter(e *env) {
	e.manyRevocations(30)
	all := e.revocations()
	last := len(all) - 1
	for i, r := range all[:last] {
		same(e, "revocations after one that exists", e.revocationPage(r, everything), all[i+1:])
	}
	same(e, "revocations after the last", e.revocationPage(all[last], everything), nil)
	// The next one in the order: there is nothing between it and its predecessor.
	missing := all[10]
	missing.ID[15]++
	same(e, "revocations after one that does not exist", e.revocationPage(missing, 5), all[11:16])
}

func revocationAnyBytes(e *env) {
	var want []store.Revocation
	for _, b := range []byte{0, 1, 0x7f, 0x80, 0xff} {
		r := store.Revocation{ExpiresAt: now, ID: store.TokenID(slices.Repeat([]byte{b}, 16))}
		want = append(want, r)
		e.write(store.RevokeToken{Revocation: r})
	}
	e.sameRevocations("revocations", e.revocations(), want)
}

func revocationInFeed(e *env) {
	token, family := newRevocation("t", time.Hour), newRevocation("f", 2*time.Hour)
	e.write(store.RevokeToken{Revocation: token}, store.RevokeFamily{Revocation: family})
	var got []store.Revocation
	for _, c := range e.changes(store.Position{}) {
		same(e, "kind", c.Kind, store.KindRevocation)
		r, err := store.ParseRevocation(c.ID)
		e.must("parse the revocation", err)
		got = append(got, r)
	}
	same(e, "revocations in the feed", got, []store.Revocation{token, family})
}
