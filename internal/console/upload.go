package console

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/grantd/grantd/internal/web"
)

const (
	// mostUploaded bounds what is sent, and mostPacked what is kept of it in memory. It is
	// never on a disk: there can be secrets in it.
	mostUploaded = 128 << 20
	mostPacked   = 32 << 20
	// patience is how long a connection may stand still while something goes on.
	patience = 30 * time.Second
	// importPath takes uploads; all other forms are read as a whole.
	importPath = "/console/keys/import"
)

// upload is what was sent, compressed: lines of keys are much alike.
type upload struct {
	packed pile
	// lines is how many there are, for the progress.
	lines int
}

// takesUpload says that the request may be larger than a form.
func (v *visit) takesUpload() bool {
	kind, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data" && v.route.path == importPath
}

// skipUpload reads what will not be used: a browser that is not read from does not show
// the answer.
func (v *visit) skipUpload() {
	if v.takesUpload() {
		_, _ = io.Copy(io.Discard, v.patient(http.MaxBytesReader(v.w, v.r.Body, mostUploaded)))
	}
}

// readUpload returns the first of two fields that has anything in it: a file, or lines.
func (v *visit) readUpload() (*upload, error) {
	v.r.Body = v.patient(http.MaxBytesReader(v.w, v.r.Body, mostUploaded))
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, unreadable(err)
	}
	up := &upload{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if up.packed.size > 0 || part.FormName() != "file" && part.FormName() != "lines" {
			continue
		}
		err = up.read(part)
		if err != nil {
			return nil, unreadable(err)
		}
	}
	if up.packed.size == 0 {
		return nil, &web.Problem{Status: http.StatusUnprocessableEntity, Detail: "There is nothing to import", Hint: "choose a file or paste its lines"}
	}
	return up, nil
}

func (up *upload) read(from io.Reader) error {
	z, err := gzip.NewWriterLevel(&up.packed, gzip.BestSpeed)
	if err != nil {
		return fmt.Errorf("compress an upload: %w", err)
	}
	n, err := io.Copy(io.MultiWriter(z, counter{&up.lines}), from)
	if err == nil && n > 0 {
		up.lines++ // the last one need not have an end
		err = z.Close()
	}
	if n == 0 {
		up.packed = pile{}
	}
	return err
}

func unreadable(cause error) error {
	p, known := errors.AsType[*web.Problem](cause)
	if known {
		return p
	}
	_, tooLarge := errors.AsType[*http.MaxBytesError](cause)
	if tooLarge || errors.Is(cause, errPile) {
		return &web.Problem{
			Status: http.StatusRequestEntityTooLarge, Detail: "The file is too large for this page",
			Hint: "send it in parts, or to the Admin API, which takes it line by line",
		}
	}
	return &web.Problem{Status: http.StatusBadRequest, Detail: "The file did not arrive as a whole", Hint: "send it again", Cause: cause}
}

// counter counts the ends of lines.
type counter struct{ n *int }

func (c counter) Write(p []byte) (int, error) {
	*c.n += bytes.Count(p, []byte{'\n'})
	return len(p), nil
}

var errPile = errors.New("there is no room for more")

// pile keeps bytes in pieces, so that it grows without being copied.
type pile struct {
	pieces [][]byte
	size   int
}

// Write keeps more, up to a limit.
func (p *pile) Write(b []byte) (int, error) {
	if p.size+len(b) > mostPacked {
		return 0, errPile
	}
	p.pieces = append(p.pieces, bytes.Clone(b))
	p.size += len(b)
	return len(b), nil
}

// open reads what was uploaded.
func (up *upload) open() (io.Reader, error) {
	readers := make([]io.Reader, len(up.packed.pieces))
	for i, piece := range up.packed.pieces {
		readers[i] = bytes.NewReader(piece)
	}
	z, err := gzip.NewReader(io.MultiReader(readers...))
	if err != nil {
		return nil, fmt.Errorf("read an upload: %w", err)
	}
	return z, nil
}

// patient puts off the deadline of a body for as long as something comes.
func (v *visit) patient(body io.ReadCloser) io.ReadCloser { return patientBody{body, v} }

type patientBody struct {
	io.ReadCloser
	v *visit
}

func (p patientBody) Read(b []byte) (int, error) {
	p.v.keepOpen()
	return p.ReadCloser.Read(b) //nolint:wrapcheck // a reader passes its end on as it is
}

// keepOpen puts off the deadlines of the connection. A writer without deadlines is one of
// a test.
func (v *visit) keepOpen() {
	rc, until := http.NewResponseController(v.w), v.c.Now().Add(patience)
	_ = rc.SetReadDeadline(until)
	_ = rc.SetWriteDeadline(until)
}

// isBlank says of a line that there is nothing in it.
func isBlank(line []byte) bool { return strings.TrimSpace(string(line)) == "" }
