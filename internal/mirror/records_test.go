package mirror

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/grantd/grantd/internal/assertion"
	"github.com/grantd/grantd/internal/scope"
	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/oauth"
)

// fill draws a value for every field there is, also for those that are added one day.
func fill(t *rapid.T, v reflect.Value) {
	instant, isInstant := v.Addr().Interface().(*time.Time)
	switch {
	case isInstant:
		*instant = drawInstant(t)
	case v.Kind() == reflect.String:
		v.SetString(drawText(t))
	case v.Kind() == reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "flag"))
	case v.CanInt():
		v.SetInt(rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, -1, math.MinInt64, math.MaxInt64})).Draw(t, "number"))
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes([]byte(drawText(t)))
		if v.Len() == 0 {
			v.SetZero()
		}
	case v.Kind() == reflect.Slice:
		v.SetZero()
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			one := reflect.New(v.Type().Elem()).Elem()
			fill(t, one)
			v.Set(reflect.Append(v, one))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("nobody taught the test to make a %s", v.Type())
	}
}

// drawText makes texts that are no UTF-8, too, and some that spread over chunks.
func drawText(t *rapid.T) string {
	long := rapid.Custom(func(t *rapid.T) string {
		return string(bytes.Repeat([]byte("long"), rapid.IntRange(0, 400).Draw(t, "length")))
	})
	raw := rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string { return string(b) })
	return rapid.OneOf(raw, rapid.String(), long).Draw(t, "text")
}

// drawInstant makes what a store keeps: milliseconds in UTC, or the zero time.
func drawInstant(t *rapid.T) time.Time {
	ms := rapid.Int64Range(-1<<46, 1<<46).Draw(t, "instant")
	if ms%7 == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// reread writes with f, and reads in pieces of so many bytes.
func reread(t rapid.TB, piece int, write, read func(c *coder)) {
	t.Helper()
	var out bytes.Buffer
	w := newWriting(&out)
	write(w)
	w.flush()
	if w.err != nil {
		t.Fatal(w.err)
	}
	// Every piece is in the same memory, as the chunks of a stream are.
	buffer, size := make([]byte, piece), int64(out.Len())
	r := newReading(func() ([]byte, error) {
		n, _ := out.Read(buffer)
		if n == 0 {
			return nil, io.EOF
		}
		return buffer[:n], nil
	}, size)
	read(r)
	if r.err != nil || r.more() {
		t.Fatalf("reading: %v; more to read: %v", r.err, r.more())
	}
}

// expectRereading draws records of a kind and wants them back.
func expectRereading[T any](t *testing.T, both func(c *coder, one *T)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		want := make([]T, rapid.IntRange(1, 4).Draw(t, "records"))
		for i := range want {
			fill(t, reflect.ValueOf(&want[i]).Elem())
		}
		got := make([]T, len(want))
		reread(
			t, rapid.IntRange(1, 300).Draw(t, "piece"),
			func(c *coder) {
				for i := range want {
					both(c, &want[i])
				}
			},
			func(c *coder) {
				for i := range got {
					both(c, &got[i])
				}
			},
		)
		difference := cmp.Diff(want, got)
		if difference != "" {
			t.Errorf("what was written is not what was read:\n%s", difference)
		}
	})
}

func TestEveryFieldOfARecordReadsBack(t *testing.T) {
	t.Run("signing key", func(t *testing.T) { expectRereading(t, signingKey) })
	t.Run("API", func(t *testing.T) { expectRereading(t, api) })
	t.Run("policy", func(t *testing.T) { expectRereading(t, policyRecord) })
	t.Run("assertions", func(t *testing.T) { expectRereading(t, assertionsRecord) })
	t.Run("written policy", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			var want store.Policy
			fill(t, reflect.ValueOf(&want).Elem())
			got, err := writePolicy(&want).read()
			if err != nil || !cmp.Equal(want, got) {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		})
	})
}

// drawClient makes a key of a record in which everything may be.
func drawClient(t *rapid.T, shared func(granted []string) *scope.Grants) *Client {
	var record store.Client
	fill(t, reflect.ValueOf(&record).Elem())
	record.Mode = rapid.SampledFrom([]store.Mode{store.Live, store.Test}).Draw(t, "mode")
	record.AccessTokenLifetime = time.Duration(rapid.Int64Range(0, 100).Draw(t, "lifetime")) * time.Second
	for i := range record.Secrets {
		if !record.Secrets[i].Imported {
			record.Secrets[i].Hash = rapid.SliceOfN(rapid.Byte(), hashSize, hashSize).Draw(t, "hash")
		}
	}
	if rapid.Bool().Draw(t, "signs") {
		record.AuthMethods = append(record.AuthMethods, oauth.PrivateKeyJWT)
	}
	record.Scopes = rapid.SampledFrom([][]string{nil, {"/a.read"}, {"/a.read", "/a/{id}.read"}, {"/b/" + record.ID}}).Draw(t, "scopes")
	return newClient(&record, shared(record.Scopes), nil)
}

func TestEveryKeyReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &Mirror{grants: map[string]*scope.Grants{}}
		want := make([]*Client, rapid.IntRange(1, 8).Draw(t, "keys"))
		for i := range want {
			want[i] = drawClient(t, m.shared)
		}
		var got []*Client
		reread(
			t, rapid.IntRange(1, 300).Draw(t, "piece"),
			func(c *coder) {
				grants := newGrantsWindow(nil)
				for _, one := range want {
					client(c, one, grants)
				}
			},
			func(c *coder) {
				grants := newGrantsWindow(compileText)
				for range want {
					one := &Client{}
					client(c, one, grants)
					got = append(got, one)
				}
			},
		)
		for i := range want {
			difference := cmp.Diff(want[i], got[i], cmp.AllowUnexported(Client{}, further{}, secrets{}, ownSecret{}), cmp.Comparer(sameKeys), cmp.Comparer(sameGrants))
			if difference != "" {
				t.Errorf("key %d is another one:\n%s", i, difference)
			}
		}
	})
}

func sameKeys(a, b *assertion.Keys) bool { return (a == nil) == (b == nil) && reflect.DeepEqual(a, b) }

func sameGrants(a, b *scope.Grants) bool { return a.String() == b.String() }

func TestManyGrantsReadBack(t *testing.T) {
	// More than the window holds, so that it is emptied, and some again and again.
	var want, got []*scope.Grants
	for i := range grantsInWindow + 200 {
		want = append(want, scope.CompileGrants([]string{fmt.Sprintf("/tenant/%d.read", i)}))
		if i%3 == 0 {
			want = append(want, want[i/2])
		}
	}
	reread(
		t, 1000,
		func(c *coder) {
			w := newGrantsWindow(nil)
			for _, g := range want {
				w.code(c, &g)
			}
			if len(w.numbers) > grantsInWindow {
				t.Errorf("the window holds %d", len(w.numbers))
			}
		},
		func(c *coder) {
			w := newGrantsWindow(compileText)
			for range want {
				var g *scope.Grants
				w.code(c, &g)
				got = append(got, g)
			}
		},
	)
	for i := range want {
		if !sameGrants(want[i], got[i]) {
			t.Fatalf("grants %d: got %s, want %s", i, got[i], want[i])
		}
	}
}

// What is read is sealed, so only a mistake of ours could be malformed; it must not
// end the process all the same.
func TestMalformedRecordsAreRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newReadingOf(rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "bytes"))
		m := &Mirror{Now: time.Now}
		_, err := m.readDraft(t.Context(), c)
		if err != nil && !errors.Is(err, errMalformed) {
			t.Errorf("got %v", err)
		}
	})
}
