package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/grantd/grantd/oauth"
)

// Dialect is how a client wrote the body of its request.
type Dialect int

// The dialects.
const (
	// Form is application/x-www-form-urlencoded, the one of RFC 6749.
	Form Dialect = iota
	// JSON is one object of string members.
	JSON
)

// Request is a client's request to one of the OAuth endpoints, parsed once. It is
// gone when the handler returns.
type Request struct {
	// Dialect is how the body was written.
	Dialect Dialect
	// Params are the parameters of the body. The URL's query is never read.
	Params Params
	// Authorization is the header's value; "" when it was not sent.
	Authorization string
	// Accept is the header's value, several of them joined by commas; "" when it
	// was not sent.
	Accept string
	// Origin and Referer are the values of these headers, several of them joined by
	// commas; "" when they were not sent.
	Origin, Referer string
	// Peer is where it came from, for the log: the address at the other end of the
	// connection with its port, or what a trusted proxy says.
	Peer string
	// At is when it came: what one request asks and gets is seen at one instant.
	At time.Time
	// Record is what will be logged.
	Record *Record

	// source is where it came from, if that took more than the connection.
	source *source
}

// Address returns the address that the request came from, behind a trusted proxy
// the one that the proxy says. It is the zero Addr when there is none, or the
// proxy does not say it. Few requests depend on it, so it is worked out here.
func (r *Request) Address() netip.Addr {
	if r.source != nil {
		return r.source.address
	}
	return addressOf(r.Peer)
}

// Client handles a POST endpoint for clients: it bounds and parses the body,
// runs serve, and writes the error that serve returns. It answers the preflights
// of browsers itself.
func (p *Plumbing) Client(route string, serve func(ctx context.Context, w http.ResponseWriter, r *Request) error) http.Handler {
	return p.Handle(route, func(w http.ResponseWriter, r *http.Request, rec *Record) {
		origin := joined(r.Header, "Origin")
		allowed := p.answerOrigin(w.Header(), origin)
		if r.Method == http.MethodOptions && origin != "" {
			preflight(w, rec, allowed)
			return
		}
		request, err := p.parse(w, r, rec, origin)
		if err == nil {
			err = serve(r.Context(), w, request)
		}
		if err != nil {
			WriteError(w, rec, err)
		}
	})
}

func (p *Plumbing) parse(w http.ResponseWriter, r *http.Request, rec *Record, origin string) (*Request, error) {
	// RFC 6749 §3.2: the client must use POST at the token endpoint.
	if r.Method != http.MethodPost {
		return nil, &Error{
			Public: oauth.Error{Code: oauth.InvalidRequest, Description: "this endpoint takes POST only"},
			Status: http.StatusMethodNotAllowed,
			Allow:  http.MethodPost,
		}
	}
	err := checkQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	// RFC 9110 §5.3: fields of one name are joined by commas, in order.
	request := &rec.room.request
	*request = Request{
		Record:  rec,
		Accept:  joined(r.Header, "Accept"),
		Origin:  origin,
		Referer: joined(r.Header, "Referer"),
		Peer:    rec.peer,
		At:      rec.start,
	}
	if p.Proxies != nil {
		request.source = &rec.source
	}
	request.Authorization, err = authorization(r.Header)
	if err != nil {
		return nil, err
	}
	kind := mediaType(r.Header)
	if kind == otherMedia {
		return nil, invalid("send the parameters as Content-Type application/x-www-form-urlencoded or application/json")
	}
	body, err := readBody(w, r, &rec.room)
	if err != nil {
		return nil, err
	}
	if kind == jsonMedia || startsObject(body) {
		request.Dialect = JSON
		request.Params, err = parseObject(body, rec.room.params[:0])
		return request, err
	}
	request.Params, err = parseForm(body, rec.room.params[:0])
	return request, err
}

// readBody reads the whole body under the limits of size and time.
func readBody(w http.ResponseWriter, r *http.Request, where *room) (string, error) {
	if r.ContentLength > maxBody {
		return "", tooLarge(w)
	}
	announced := min(r.ContentLength, lastTrusted)
	if announced < 0 {
		announced = firstRead
	}
	buffer, err := readAll(r.Body, slices.Grow(where.body, int(announced)+1))
	if cap(buffer) <= 2*lastTrusted {
		where.body = buffer[:0]
	}
	if len(buffer) > maxBody {
		return "", tooLarge(w)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.Header().Set("Connection", "close")
		return "", &Error{
			Public: oauth.Error{Code: oauth.InvalidRequest, Description: "the body did not arrive in time; send it together with the headers"},
			Status: http.StatusRequestTimeout,
		}
	}
	if err != nil {
		return "", &Error{
			Public: oauth.Error{Code: oauth.InvalidRequest, Description: "the body could not be read; it ended early or was badly framed"},
			Cause:  err,
		}
	}
	endBody(w)
	return string(buffer), nil
}

const (
	// firstRead is how much room a body of unknown length gets at first.
	firstRead = 512
	// lastTrusted is how much room a body gets for its announcement alone; one
	// that is larger has to arrive first.
	lastTrusted = 4 << 10
)

// readAll reads to the end or just past the limit. The buffer has room for one
// byte more than was announced, so that the end is seen without growing.
func readAll(body io.Reader, buffer []byte) ([]byte, error) {
	for len(buffer) <= maxBody {
		if len(buffer) == cap(buffer) {
			buffer = slices.Grow(buffer, len(buffer))
		}
		n, err := body.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		if errors.Is(err, io.EOF) {
			return buffer, nil
		}
		if err != nil {
			return buffer, err
		}
	}
	return buffer, nil
}

func tooLarge(w http.ResponseWriter) error {
	// What was not read would have to be skipped before the next request.
	w.Header().Set("Connection", "close")
	return &Error{
		Public: oauth.Error{Code: oauth.InvalidRequest, Description: "the body is larger than 64 KiB"},
		Status: http.StatusRequestEntityTooLarge,
	}
}
