package adminapi

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/web"
)

const (
	maxImportLine = 64 << 10
	maxImportKeys = 100_000
	// importBatch is how many keys one transaction has.
	importBatch = 200
)

// ImportLine says what became of one line of an import. The last line of an answer says
// done, or why the import stopped before the end.
type ImportLine struct {
	// Line counts from 1.
	Line     int    `json:"line,omitzero"`
	ClientID string `json:"client_id,omitempty"`
	// Status is created, exists, refused, done or stopped.
	Status string         `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Hint   string         `json:"hint,omitempty"`
	Errors []ProblemError `json:"errors,omitempty"`
	// Created, Exists and Refused are in the last line.
	Created int `json:"created,omitzero"`
	Exists  int `json:"exists,omitzero"`
	Refused int `json:"refused,omitzero"`
}

// importing is an import under way.
type importing struct {
	c     *call
	lines *bufio.Scanner
	out   *bufio.Writer
	read  int
	sums  map[admin.ImportStatus]int
}

// importKeys reads, stores and answers batch by batch: neither the request nor the answer
// is ever in memory as a whole. What was answered is stored, whatever comes after it;
// when the request is cut, the lines of the batch that was being read are not.
func importKeys(c *call) error {
	leave, err := c.api.streams.imports.enter(c.caller.key.ClientID, maxImports, maxImports)
	if err != nil {
		return err
	}
	defer leave()
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != c.route.stream {
		return &web.Problem{
			Status: http.StatusUnsupportedMediaType, Detail: "an import is JSON objects, one a line", Hint: "send the header Content-Type: " + c.route.stream,
		}
	}
	// Answers go out while the rest of the request comes in.
	err = http.NewResponseController(c.w).EnableFullDuplex()
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("answer while reading: %w", err)
	}
	i := &importing{c: c, lines: bufio.NewScanner(c.r.Body), out: bufio.NewWriter(c.w), sums: map[admin.ImportStatus]int{}}
	i.lines.Buffer(make([]byte, 4096), maxImportLine)
	web.BeginStream(c.w, c.rec, c.route.stream)
	return i.run()
}

func (i *importing) run() error {
	for {
		err := keepOpen(i.c.w, streamPatience)
		if err != nil {
			i.c.rec.Cause = err
			return nil
		}
		more, err := i.batch()
		if err != nil {
			p := web.ProblemOf(i.c.rec, err)
			i.c.rec.Status = http.StatusOK
			return i.end(ImportLine{Status: "stopped", Line: i.read, Detail: p.Detail, Hint: p.Hint})
		}
		if !more {
			return i.end(ImportLine{Status: "done"})
		}
		err = i.flush()
		if err != nil {
			i.c.rec.Cause = err
			return nil
		}
	}
}

func (i *importing) end(last ImportLine) error {
	last.Created, last.Exists, last.Refused = i.sums[admin.ImportCreated], i.sums[admin.ImportExists], i.sums[admin.ImportRefused]
	i.tell(last)
	i.c.rec.Cause = errors.Join(i.c.rec.Cause, i.flush())
	return nil
}

func (i *importing) tell(line ImportLine) {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = i.out.Write(append(text, '\n'))
	}
	i.c.rec.Cause = errors.Join(i.c.rec.Cause, err)
}

func (i *importing) flush() error {
	return errors.Join(i.out.Flush(), http.NewResponseController(i.c.w).Flush())
}

// part is some lines of an import.
type part struct {
	answers []ImportLine
	// keys are those that could be read, and of says which of the answers are theirs.
	keys []admin.NewKey
	of   []int
	// more says that there may be another part; stop why there is none before the end.
	more bool
	stop error
}

// batch does the next lines and reports whether there may be more.
func (i *importing) batch() (bool, error) {
	p := i.gather()
	if len(p.keys) > 0 {
		results, err := i.c.api.UseCases.ImportKeys(i.c.ctx, i.c.actor(), p.keys)
		if err != nil {
			return false, err
		}
		for k, result := range results {
			line := &p.answers[p.of[k]]
			line.Status = string(result.Status)
			if result.Refusal != nil {
				line.refuse(i.c.rec, result.Refusal)
			}
		}
	}
	for _, line := range p.answers {
		i.sums[admin.ImportStatus(line.Status)]++
		i.tell(line)
	}
	return p.more, p.stop
}

// gather reads as many lines as one transaction has.
func (i *importing) gather() part {
	var p part
	for len(p.answers) < importBatch {
		read := i.lines.Scan()
		err := i.lines.Err()
		if err != nil && !errors.Is(err, bufio.ErrTooLong) {
			// The last line may be a part of one, and nobody may be there to be told of
			// those before it: what is stored is whole batches.
			return part{stop: i.readProblem()}
		}
		if !read {
			p.stop = i.readProblem()
			return p
		}
		i.read++
		if i.read > maxImportKeys {
			p.stop = &web.Problem{
				Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("an import has at most %d lines", maxImportKeys), Hint: "send the rest as another import",
			}
			return p
		}
		line := ImportLine{Line: i.read}
		key, err := i.parse(bytes.TrimSpace(i.lines.Bytes()))
		line.ClientID = key.ClientID
		if err != nil {
			line.refuse(i.c.rec, err)
		} else {
			p.keys, p.of = append(p.keys, key), append(p.of, len(p.answers))
		}
		p.answers = append(p.answers, line)
	}
	p.more = true
	return p
}

func (i *importing) parse(text []byte) (admin.NewKey, error) {
	var key admin.NewKey
	err := web.DecodeJSON(text, &key)
	if err == nil {
		err = i.c.mayCreate(&key)
	}
	return key, err
}

func (i *importing) readProblem() error {
	err := i.lines.Err()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bufio.ErrTooLong):
		return &web.Problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("a line is longer than %d bytes", maxImportLine), Hint: "send one JSON object a line"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &web.Problem{Status: http.StatusBadRequest, Detail: "the request ended early", Hint: "send it again; what exists already is left as it is", Cause: err}
	}
	return &web.Problem{Status: http.StatusBadRequest, Detail: "the request came too slowly or was cut", Hint: "send it again; what exists already is left as it is", Cause: err}
}

// refuse says what is wrong with a line. It is no error of the call.
func (l *ImportLine) refuse(rec *web.Record, err error) {
	p := web.ProblemOf(rec, err)
	rec.Error, rec.Status = "", http.StatusOK
	l.Status, l.Detail, l.Hint = string(admin.ImportRefused), p.Detail, p.Hint
	if p.Field != "" {
		l.Errors = []ProblemError{{pointerTo(p.Field), p.Detail}}
	}
}
