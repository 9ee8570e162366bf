package console

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
)

const (
	longestLine = 64 << 10
	mostLines   = 100_000
	// importBatch is how many lines one transaction has.
	importBatch = 200
	// mostRefusals is how many refused lines the page has; the rest is counted.
	mostRefusals = 500
)

// importing is an import under way.
type importing struct {
	v       *visit
	running *runningImport
	lines   *bufio.Scanner
	all     int
	read    int
	sums    map[admin.ImportStatus]int
	refused []importRefusal
	out     bytes.Buffer
}

// importStep is what the page says after each batch, and at the end.
type importStep struct {
	Percent, Line            int
	Created, Exists, Refused int
	// Hidden is how many refused lines the page does not have.
	Hidden int
	// Wrong says why it stopped before the end.
	Wrong string
}

// importRefusal is one line that was refused.
type importRefusal struct {
	Line            int
	ClientID, Field string
	Sentence        string
}

// run imports batch by batch until the end, or until ctx ends between two of them. What
// the page has told of is stored.
func (i *importing) run(ctx context.Context) error {
	for more := true; more; {
		i.v.keepOpen()
		if ctx.Err() != nil {
			return i.end(stopped())
		}
		var err error
		more, err = i.batch(context.WithoutCancel(ctx))
		if err != nil {
			return errors.Join(err, i.end(err))
		}
		err = i.show("step", i.step())
		if err != nil {
			_ = i.end(stopped()) // nobody looks here any more
			return nil
		}
	}
	return i.end(nil)
}

func (i *importing) step() importStep {
	s := importStep{
		Line: i.read, Created: i.sums[admin.ImportCreated], Exists: i.sums[admin.ImportExists], Refused: i.sums[admin.ImportRefused],
	}
	s.Percent, s.Hidden = min(100, 100*i.read/max(i.all, 1)), max(0, s.Refused-mostRefusals)
	return s
}

func (i *importing) end(err error) error {
	s := i.step()
	if err != nil {
		p := web.ProblemOf(i.v.rec, err)
		i.v.rec.Error, i.v.rec.Status = "", http.StatusOK
		s.Wrong = sentence(p.Detail + "; " + p.Hint)
	}
	i.running.last = s
	return i.show("end", s)
}

// batch does the next lines and reports whether there may be more.
func (i *importing) batch(ctx context.Context) (bool, error) {
	var keys []admin.NewKey
	var numbers []int
	for range importBatch {
		if !i.lines.Scan() {
			return false, errors.Join(i.store(ctx, keys, numbers), i.tooLong())
		}
		i.read++
		if i.read > mostLines {
			return false, errors.Join(i.store(ctx, keys, numbers), tooManyLines())
		}
		if isBlank(i.lines.Bytes()) {
			continue
		}
		var key admin.NewKey
		err := web.DecodeJSON(bytes.TrimSpace(i.lines.Bytes()), &key)
		if err == nil {
			err = i.v.mayGrant(key.Scopes)
		}
		if err != nil {
			i.refuse(i.read, key.ClientID, err)
			continue
		}
		keys, numbers = append(keys, key), append(numbers, i.read)
	}
	return true, i.store(ctx, keys, numbers)
}

func (i *importing) store(ctx context.Context, keys []admin.NewKey, numbers []int) error {
	if len(keys) == 0 {
		return nil
	}
	results, err := i.v.c.UseCases.ImportKeys(ctx, i.v.actor(), keys)
	if err != nil {
		return err
	}
	for k, result := range results {
		if result.Refusal != nil {
			i.refuse(numbers[k], keys[k].ClientID, result.Refusal)
			continue
		}
		i.sums[result.Status]++
	}
	return nil
}

func stopped() error {
	return &web.Problem{Status: http.StatusOK, Detail: "It was stopped", Hint: "send the file again to go on: what exists is left as it is"}
}

func tooManyLines() error {
	return &web.Problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("An import has at most %d lines", mostLines), Hint: "send the rest as another"}
}

func (i *importing) tooLong() error {
	err := i.lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		return &web.Problem{
			Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("Line %d is longer than %d bytes", i.read+1, longestLine), Hint: "write one JSON object a line",
		}
	}
	return err //nolint:wrapcheck // of our own memory
}

// refuse tells of a line that is wrong. It is no error of the request.
func (i *importing) refuse(line int, id string, err error) {
	i.sums[admin.ImportRefused]++
	if i.sums[admin.ImportRefused] > mostRefusals {
		return
	}
	p := web.ProblemOf(i.v.rec, err)
	i.v.rec.Error, i.v.rec.Status = "", http.StatusOK
	shown := importRefusal{Line: line, ClientID: id, Field: p.Field, Sentence: sentence(p.Detail)}
	if p.Hint != "" {
		shown.Sentence = sentence(p.Detail + "; " + p.Hint)
	}
	i.refused = append(i.refused, shown)
}

// show adds a part to the page and sends what there is.
func (i *importing) show(part string, s importStep) error {
	// Some are refused when they are read, others by what is stored.
	slices.SortFunc(i.refused, func(a, b importRefusal) int { return cmp.Compare(a.Line, b.Line) })
	page := i.v.c.pages["importing"]
	err := errors.Join(page.ExecuteTemplate(&i.out, "refusals", i.refused), page.ExecuteTemplate(&i.out, part, s))
	if err != nil {
		return fmt.Errorf("render an import: %w", err)
	}
	i.refused = i.refused[:0]
	err = i.write(i.out.Bytes())
	i.out.Reset()
	return err
}

func (i *importing) write(b []byte) error {
	_, err := i.v.w.Write(b)
	if err == nil {
		err = http.NewResponseController(i.v.w).Flush()
	}
	return err //nolint:wrapcheck // of the connection
}
